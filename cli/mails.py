"""`slaportal mails`: what has not gone out, and whether mails arrive."""

import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Annotated, Any

import typer
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from api.portal import Portal
from api.settings import Settings
from cli.common import DEFAULT_DATA, DataOption, JsonOption, answer_console, fail, plain_table, tell
from cli.portal import now, portal_of, run_async, settings_of
from cli.visiting import AWAY, away, visiting
from tenants.catalog.errors import TenantNotActive
from tenants.catalog.mails import OPERATOR_MAILS
from tenants.catalog.models import TenantStatus
from tenants.catalog.queries import all_tenants
from tenants.databases.scopes import Scope
from tenants.mails import unsent
from tenants.mails.errors import CarrierAway, MailDelayed, MailRefused
from tenants.mails.service import TENANT_MAILS

app = typer.Typer(help="What has not gone out, and whether mails arrive.", no_args_is_help=True)

CONSOLE = "console"
"""What stands for the vendor's own people where a customer's slug could."""
HAVE_MAILS = (TenantStatus.ACTIVE, TenantStatus.SUSPENDED)
Work = Callable[[str, Scope, Table], Awaitable[None]]

SlugArgument = Annotated[
    str | None, typer.Argument(help="A customer's slug, or `console` for mails to operators; all without.")
]
FailedOption = Annotated[bool, typer.Option("--failed", help="Only those that were given up.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say how many.")]


@app.command("list")
def list_mails(
    slug: SlugArgument = None,
    failed: FailedOption = False,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """List mails that wait or were given up, and why. Addresses and words stay sealed.

    Example: slaportal mails list zonnedael --failed
    """
    found, problems = run_async(_list(settings_of(data), slug, failed=failed))
    if as_json:
        typer.echo(json.dumps(found, indent=2, default=str))
    else:
        _show(found)
    _check(problems)


def _show(found: list[dict[str, Any]]) -> None:
    table = plain_table("customer", "mail", "kind", "created", "tries", "next try", "given up", "why")
    for row in found:
        moments = [
            f"{row[name]:%Y-%m-%d %H:%M}" if row[name] else ""
            for name in ("created_at", "due_at", "failed_at")
        ]
        table.add_row(
            row["customer"],
            row["id"],
            row["kind"],
            moments[0],
            str(row["tries"]),
            moments[1],
            moments[2],
            row["failure"],
        )
    answer_console().print(table)


@app.command()
def retry(slug: SlugArgument = None, dry_run: DryRunOption = False, data: DataOption = DEFAULT_DATA) -> None:
    """Send anew what was given up or waits for its next try: a running worker takes it at once.

    Example: slaportal mails retry zonnedael
    """

    async def again(session: AsyncSession, mails: Table) -> int:
        return await unsent.retry(session, mails, now())

    count, problems = run_async(_change(settings_of(data), slug, again, keep=not dry_run))
    tell(f"{count} mails {'would be' if dry_run else 'are'} sent anew.")
    _check(problems)


@app.command()
def drop(slug: SlugArgument = None, dry_run: DryRunOption = False, data: DataOption = DEFAULT_DATA) -> None:
    """Wipe mails that were given up: nobody gets them any more.

    Example: slaportal mails drop zonnedael
    """
    count, problems = run_async(_change(settings_of(data), slug, unsent.drop, keep=not dry_run))
    tell(f"{count} mails {'would be' if dry_run else 'are'} wiped.")
    _check(problems)


@app.command("test")
def send_test(
    address: Annotated[str, typer.Argument(help="Where the mail goes.")], data: DataOption = DEFAULT_DATA
) -> None:
    """Send a mail by the settings, and say what the server answered.

    Example: slaportal mails test you@example.com
    """
    try:
        answer = run_async(_test(settings_of(data), address))
    except (CarrierAway, MailDelayed, MailRefused) as error:
        raise fail(f"The mail was not taken: {error}.") from error
    tell(f"The mail was taken: {answer}")


async def _list(
    settings: Settings, slug: str | None, *, failed: bool
) -> tuple[list[dict[str, Any]], list[str]]:
    found: list[dict[str, Any]] = []

    async def look(name: str, scope: Scope, mails: Table) -> None:
        async with scope.read() as reader:
            rows = await unsent.unsent(reader, mails, failed=failed)
        found.extend({"customer": name, **row._mapping, "id": str(row.id)} for row in rows)  # noqa: SLF001  # public

    async with portal_of(settings) as portal:
        problems = await _everywhere(portal, slug, look)
    return found, problems


async def _change(
    settings: Settings, slug: str | None, work: Callable[[AsyncSession, Table], Awaitable[int]], *, keep: bool
) -> tuple[int, list[str]]:
    count = 0

    async def change(_: str, scope: Scope, mails: Table) -> None:
        nonlocal count
        async with scope.write() as session:
            changed = await work(session, mails)
            if not keep:
                await session.rollback()
        count += changed

    async with portal_of(settings) as portal:
        problems = await _everywhere(portal, slug, change)
    return count, problems


async def _everywhere(portal: Portal, slug: str | None, work: Work) -> list[str]:
    """Works where mails are: in the catalog and with every customer that is served or suspended, or only where
    `slug` says. Gives those that could not be reached; the others are worked on all the same.
    """
    problems = []
    for name, opened, mails in await _places(portal, slug):
        try:
            async with opened as scope:
                await work(name, scope, mails)
        except AWAY as error:
            problems.append(f"{name}: {away(error)}")
    return problems


async def _places(
    portal: Portal, slug: str | None
) -> list[tuple[str, AbstractAsyncContextManager[Scope], Table]]:
    places: list[tuple[str, AbstractAsyncContextManager[Scope], Table]] = []
    if slug in {None, CONSOLE}:
        places.append((CONSOLE, nullcontext(portal.catalog), OPERATOR_MAILS))
    if slug is None:
        tenants = [each for each in await all_tenants(portal.catalog) if each.status in HAVE_MAILS]
    elif slug == CONSOLE:
        tenants = []
    else:
        tenants = [await portal.tenants.fresh_by_slug(slug)]
        if tenants[0].status not in HAVE_MAILS:
            raise TenantNotActive(slug, tenants[0].status)
    return [*places, *((each.slug, visiting(portal, each), TENANT_MAILS) for each in tenants)]


def _check(problems: list[str]) -> None:
    for problem in problems:
        tell(problem)
    if problems:
        raise typer.Exit(1)


async def _test(settings: Settings, address: str) -> str:
    async with portal_of(settings) as portal:
        message = portal.writer.write_test(address, now())
        async with portal.carrier.open() as send:
            return await send(message)
