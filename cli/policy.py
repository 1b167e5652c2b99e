"""`slaportal policy`: agreements as files, for those who write them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cli.common import (
    JsonOption,
    PoliciesOption,
    answer_console,
    errors_console,
    fail,
    library_of,
    plain_table,
)
from sla.errors import UnknownPolicy, UnknownTier
from sla.policy import Policy
from sla.policy_file import check_policy
from sla.vocabulary import Locale, say

app = typer.Typer(help="Agreements as files, for those who write them.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(help="The policy file.", exists=True, dir_okay=False)]


@app.command()
def check(file: FileArgument, as_json: JsonOption = False) -> None:
    """Say whether a policy file is sound: what is wrong, on which line, and what to write instead.

    Example: slaportal policy check acme-2027-01-01.toml
    """
    policy, problems = check_policy(file.name, file.read_bytes())
    if as_json:
        found = [{"line": wrong.line, "place": wrong.place, "problem": wrong.problem} for wrong in problems]
        typer.echo(json.dumps({"file": str(file), "sound": not problems, "problems": found}, indent=2))
    else:
        for wrong in problems:
            errors_console().print(str(wrong), style="bold red", highlight=False, soft_wrap=True)
        if policy is not None and not problems:
            answer_console().print(f"{file.name} is sound. {_summary(policy)}", highlight=False)
    if problems:
        raise typer.Exit(1)


@app.command("list")
def list_policies(policies: PoliciesOption = None, as_json: JsonOption = False) -> None:
    """List the agreements that this installation knows, with their tiers and clauses.

    Example: slaportal policy list --json
    """
    found = list(_facts(policies))
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    table = plain_table("policy", "version", "name", "tiers", "clauses")
    for facts in found:
        tiers = ", ".join(facts["tiers"]) if isinstance(facts["tiers"], list) else ""
        table.add_row(
            *(str(facts[key]) for key in ("policy", "version", "name")), tiers, str(facts["clauses"])
        )
    answer_console().print(table)


@app.command()
def holidays(
    key: Annotated[str, typer.Argument(help="The agreement, such as qixium.")],
    year: Annotated[int, typer.Option(min=1850, max=2390, help="The year.")],
    tier: Annotated[
        str | None, typer.Option(help="Whose support hours; the first tier's when left out.")
    ] = None,
    policies: PoliciesOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the days of a year on which the support hours of an agreement fall away.

    Example: slaportal policy holidays qixium --year 2026
    """
    try:
        policy = library_of(policies).get(key)
        calendar = policy.support_hours(tier or policy.tiers[0].key).calendar
    except (UnknownPolicy, UnknownTier):
        wanted = f"{key} with a tier {tier}" if tier else key
        raise fail(f"There is no {wanted}; `slaportal policy list` shows what there is.") from None
    days = calendar.days_closed(year)
    if as_json:
        named = {
            day.isoformat(): {locale.lower(): say(name, locale) for locale in Locale} for day, name in days
        }
        typer.echo(json.dumps(named, indent=2, ensure_ascii=False))
        return
    table = plain_table("day", "", "nl", "en", "fr")
    for day, name in days:
        table.add_row(
            day.isoformat(), f"{day:%a}", *(say(name, locale) for locale in (Locale.NL, Locale.EN, Locale.FR))
        )
    answer_console().print(table)


def _facts(own: Path | None) -> Iterator[dict[str, object]]:
    for policy in library_of(own).all():
        yield {
            "policy": policy.key,
            "version": policy.version.isoformat(),
            "name": policy.name,
            "tiers": [tier.key for tier in policy.tiers],
            "clauses": len(policy.clauses),
        }


def _summary(policy: Policy) -> str:
    return (
        f"{policy.name}, {policy.key} {policy.version.isoformat()}: {len(policy.tiers)} tiers, "
        f"{len(policy.priorities)} priorities, {len(policy.targets)} targets, {len(policy.clauses)} clauses."
    )
