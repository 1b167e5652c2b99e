"""`slaportal doctor`: looks at every customer and every server, and says what is wrong."""

import json
from datetime import datetime

import typer

from api.settings import Settings
from cli.common import DEFAULT_DATA, DataOption, JsonOption, answer_console, plain_table, tell
from cli.portal import now, portal_of, run_async, settings_of
from cli.progress import counting
from tenants.catalog.mails import OPERATOR_MAILS
from tenants.catalog.queries import all_tenants
from tenants.mails.service import given_up
from tenants.upkeep.examining import Examined, examine_servers, examine_tenants


def doctor(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Check every customer (reachable, identity, revision, integrity, backup age) and server (answers, disk, rights).

    Example: slaportal doctor --json

    Exit code 1 where something is wrong, with the customer's name.
    """
    settings = settings_of(data)
    if settings.in_production and settings.smtp_url is None:
        tell("Warning: no mail server is set (SLAPORTAL_SMTP_URL): nobody gets mails.")
    found = run_async(_examine(settings))
    wrong = [each for each in found if each.problems]
    if as_json:
        facts = [
            {"tenant": each.slug, "problems": each.problems, "protected_at": _moment(each.protected_at)}
            for each in found
        ]
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    elif wrong:
        table = plain_table("customer", "what is wrong")
        for each in wrong:
            for problem in each.problems:
                table.add_row(each.slug or "", problem)
        answer_console().print(table)
    customers = sum(each.slug is not None for each in found)
    tell(f"{customers} customers looked at, {len(wrong)} with something wrong.")
    if wrong:
        raise typer.Exit(1)


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


async def _examine(settings: Settings) -> list[Examined]:
    async with portal_of(settings) as portal:
        yard = portal.yard(now)
        found = await examine_servers(yard)
        async with portal.catalog.read() as reader:
            unsent = await given_up(reader, OPERATOR_MAILS)
        if unsent:
            problem = (
                f"mails to operators: {unsent} could not be sent; `slaportal mails list --failed` says why"
            )
            found.append(Examined(None, (problem,)))
        total, before = len(await all_tenants(portal.catalog)), len(found)
        with counting("Looking at") as show:
            show(0, total)
            async for each in examine_tenants(yard, settings.backup_intervals(), now()):
                found.append(each)
                show(len(found) - before, total)
        return found
