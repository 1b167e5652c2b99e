"""`make bench`: the rules as ratios, the portal against the baseline on both databases, and what tenancy costs."""

from __future__ import annotations

import argparse
import sys

import uvloop
from rich.console import Console
from rich.table import Table

from bench.measure import Comparison, Plan, compare
from bench.question import FLOORS
from bench.rules import Ratio, rule_ratios
from bench.sign_in_storm import storm_ratios
from bench.tenancy.figures import Figure
from bench.tenancy.run import SMALL, Size, tenancy_figures
from bench.tenancy.upkeep import installation

RULES, STORM, TENANTS = "rules", "storm", "tenants"
THOROUGH = Plan(rounds=8, seconds=1.5, connections=8, tickets=2_000)
QUICK = Plan(rounds=4, seconds=0.8, connections=8, tickets=1_000)


def main(arguments: list[str]) -> int:
    """The exit code: 1 where a floor does not hold."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about four minutes instead of ten")
    parser.add_argument("--only", choices=[RULES, *sorted(FLOORS), STORM, TENANTS], help="one part of it")
    given = parser.parse_args(arguments)
    console = Console(width=100)
    rules = _rules(console) if given.only in {None, RULES} else []
    kinds = [kind for kind in ("SQLite", "PostgreSQL") if given.only in {None, kind}]
    plan = QUICK if given.quick else THOROUGH
    found = [_measured(kind, plan, console) for kind in kinds]
    if found:
        console.print(_table(found))
    storm = _storm(plan, console) if given.only in {None, STORM} else []
    tenancy = _tenancy(SMALL if given.quick else Size(), console) if given.only in {None, TENANTS} else []
    holds = [each.holds for each in rules + storm] + [each.holds for each in tenancy]
    return int(not all(holds) or any(each.ratio < FLOORS[each.kind] for each in found))


def _rules(console: Console) -> list[Ratio]:
    """Measures the rules and prints them at once: the databases take longer."""
    with console.status("rules") as status:
        found = rule_ratios(lambda what: status.update(f"rules: {what}"))
    console.print(_ratios(RULES, found))
    return found


def _storm(plan: Plan, console: Console) -> list[Ratio]:
    """A storm of sign-ins on both databases."""
    found: list[Ratio] = []
    for kind in FLOORS:
        with installation(kind) as settings, console.status(f"{kind}: making databases") as status:
            found += uvloop.run(
                storm_ratios(kind, settings, 2 * plan.seconds, plan.rounds // 2, status.update)
            )
    console.print(_ratios("sign-ins", found))
    return found


def _ratios(title: str, found: list[Ratio]) -> Table:
    table = Table(title, "ratio", "bound")
    for each in found:
        bound = f"{'at most' if each.at_most else 'at least'} {each.bound:,g} {'holds' if each.holds else 'BROKEN'}"
        table.add_row(each.what, f"{each.value:,.2f}", bound)
    return table


def _tenancy(size: Size, console: Console) -> list[Figure]:
    """Prints each figure as soon as it is known."""
    with console.status("tenants") as status:
        return uvloop.run(
            tenancy_figures(
                size,
                lambda what: status.update(f"tenants: {what}"),
                lambda line: console.print(line, highlight=False, soft_wrap=True),
            )
        )


def _measured(kind: str, plan: Plan, console: Console) -> Comparison:
    with installation(kind) as settings, console.status(f"{kind}: making databases") as status:
        return uvloop.run(compare(kind, settings, plan, status.update))


def _table(found: list[Comparison]) -> Table:
    table = Table("database", "server", "requests/s", "ms of processor", "ratio", "by processor", "floor")
    for each in found:
        holds = "holds" if each.ratio >= FLOORS[each.kind] else "BROKEN"
        portal, baseline = each.portal, each.baseline
        table.add_row(each.kind, "baseline", f"{baseline.rate:,.0f}", f"{baseline.cost:.2f}")
        ratios = (f"{each.ratio:.3f}", f"{each.processor_ratio:.3f}", f"{FLOORS[each.kind]:.2f} {holds}")
        table.add_row("", "portal", f"{portal.rate:,.0f}", f"{portal.cost:.2f}", *ratios, end_section=True)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
