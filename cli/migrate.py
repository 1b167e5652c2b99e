"""`slaportal migrate`: the catalog and every customer's database at the schema of this version."""

import json
import os
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from api.settings import Settings
from cli.common import DEFAULT_DATA, DataOption, JsonOption, answer_console, plain_table, tell
from cli.migration_progress import migrate_watched
from cli.portal import portal_of, run_async, settings_of
from tenants.catalog.migrating import Wanted, count_customers, customers_behind
from tenants.catalog.migration_run import Orders, Outcome
from tenants.databases.migrations import head, revision_of
from tenants.databases.provisioning import Step, unwatched
from tenants.databases.revisions import TENANT_HEAD
from tenants.databases.upgrading import upgrade_catalog

MOST_JOBS = 4
JOBS = min(os.cpu_count() or 1, MOST_JOBS)

TenantOption = Annotated[
    list[str] | None, typer.Option("--tenant", help="Only this customer; can be given again.")
]
FirstOption = Annotated[
    str | None, typer.Option(help="The customer that goes alone, before all others.", show_default=False)
]
JobsOption = Annotated[int, typer.Option(min=1, max=64, help="Worker processes.")]
StopOption = Annotated[int, typer.Option(min=1, help="Give up after so many customers that failed.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say who is behind.")]
AllOption = Annotated[
    bool, typer.Option("--all", help="Look at each database, also where the catalog says it is current.")
]


def migrate(
    data: DataOption = DEFAULT_DATA,
    tenant: TenantOption = None,
    first: FirstOption = None,
    jobs: JobsOption = JOBS,
    stop_after: StopOption = 5,
    dry_run: DryRunOption = False,
    everyone: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the catalog, then every customer's database, to the schema of this version.

    Example: slaportal migrate --first zonnedael

    One customer goes first; when it fails nobody else is touched. It can be stopped and started again at any time, and
    on several machines at once: each customer is taken by one of them, and whoever is done is not touched again.
    """
    settings, wanted = settings_of(data), Wanted(TENANT_HEAD, frozenset(tenant or ()), everyone)
    if dry_run:
        run_async(_foresee(settings, wanted, as_json=as_json))
        return
    orders = Orders(jobs=jobs, stop_after=stop_after, first=first)
    outcome, stopped = run_async(bring_along(settings, wanted, orders))
    if as_json:
        typer.echo(json.dumps(_facts(outcome), indent=2, ensure_ascii=False))
    for line in lines_of(outcome, stopped=stopped):
        tell(line)
    if outcome.failed or outcome.left:
        raise typer.Exit(1)


async def bring_along(
    settings: Settings, wanted: Wanted, orders: Orders, step: Step = unwatched
) -> tuple[Outcome, bool]:
    """The catalog first; then what became of the customers, and whether somebody stopped it."""
    async with portal_of(settings) as portal:
        place = settings.catalog()
        await upgrade_catalog(portal.engines.server(place.server), place.database)
        step("catalog upgraded")
        return await migrate_watched(portal.engines, wanted, orders, step)


def lines_of(outcome: Outcome, *, stopped: bool) -> Iterator[str]:
    """One line for each customer that failed, how it went, and what to do next."""
    for each in outcome.failed:
        yield f"{each.slug}: its database cannot be brought to today's schema: {each.reason}"
    failed, left = len(outcome.failed), outcome.left
    done = f"{outcome.done} customers brought to revision {TENANT_HEAD}, {outcome.already} were there already"
    yield f"{done}, {failed} failed, {left} not tried."
    if stopped:
        yield f"Stopped. `slaportal migrate` goes on with the {failed + left} that are left."
    elif left:
        yield f"Given up after {failed} failed: mend what the lines above say, and `slaportal migrate` goes on."
    elif failed:
        yield "Mend what the lines above say, then run `slaportal migrate` again: it touches nobody else."


def _facts(outcome: Outcome) -> dict[str, object]:
    return {
        "run": str(outcome.run) if outcome.run else None,
        "target": TENANT_HEAD,
        "done": outcome.done,
        "failed": [{"slug": each.slug, "reason": each.reason} for each in outcome.failed],
        "left": outcome.left,
        "already": outcome.already,
    }


async def _foresee(settings: Settings, wanted: Wanted, *, as_json: bool) -> None:
    """Says who is behind, and changes nothing."""
    async with portal_of(settings) as portal:
        place = settings.catalog()
        found = await revision_of(portal.engines.server(place.server), place.database)
        if found != head("catalog"):
            tell(
                f"The catalog is at revision {found} and comes first, to {head('catalog')}. Until it is there, "
                "it does not tell which customers are behind."
            )
            return
        behind = await customers_behind(portal.catalog, wanted)
        already = await count_customers(portal.catalog, wanted) - len(behind)
    _tell_behind(behind, already, as_json=as_json)


def _tell_behind(behind: Sequence[tuple[str, str | None]], already: int, *, as_json: bool) -> None:
    if as_json:
        rows = [{"slug": slug, "revision": revision} for slug, revision in behind]
        typer.echo(json.dumps({"target": TENANT_HEAD, "behind": rows, "already": already}, indent=2))
        return
    table = plain_table("slug", "revision", "target")
    for slug, revision in behind:
        table.add_row(slug, revision or "not looked at", TENANT_HEAD)
    if behind:
        answer_console().print(table)
    tell(f"{len(behind)} customers to be brought along, {already} are there already.")
