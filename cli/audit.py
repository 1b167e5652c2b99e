"""`slaportal audit`: whether the records of what happened are whole, and copies of them for an auditor."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from api.portal import Portal
from api.settings import Settings
from cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    SlugArgument,
    answer_console,
    fail,
    plain_table,
    tell,
)
from cli.portal import now, portal_of, run_async, settings_of
from cli.progress import counting
from cli.visiting import AWAY, away, visiting
from tenants.acts import SYSTEM
from tenants.audit.errors import LogIncomplete
from tenants.audit.exporting import export_log
from tenants.audit.service import AUDIT_LOG
from tenants.catalog.audit import CATALOG_LOG
from tenants.catalog.directory import TenantRecord
from tenants.catalog.errors import TenantNotActive
from tenants.catalog.models import TenantStatus
from tenants.catalog.queries import all_tenants
from tenants.chains.files import NoLog, verify_file
from tenants.chains.verifying import Breach, Broken, Head, Verified, head_of, verify_log

app = typer.Typer(help="The audit logs: verified, noted and exported.", no_args_is_help=True)

CATALOG = "(catalog)"
READABLE = (TenantStatus.ACTIVE, TenantStatus.SUSPENDED, TenantStatus.DELETED)
"""A customer that is marked for deletion still has its database."""
IN_BETWEEN = "is being moved or restored: not looked at; try again when that is done"
NOT_LOOKED_AT = "its seal was kept, and it was not looked at: it is not there any more, or was not asked for"
TOLD = {
    Breach.CHANGED_ROW: "entry {0} was changed, or its seal",
    Breach.FORGED_SEAL: "the seal of entry {0} was forged",
    Breach.MISSING_ROW: "entry {0} is missing",
    Breach.NO_SUCH_PLACE: "an entry was put at {0}: they count from 1",
    Breach.OTHER_THAN_KEPT: "entry {0} is not the one whose seal was kept",
}

SlugsArgument = Annotated[list[str] | None, typer.Argument(metavar="[SLUG]...", help="Customers.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every customer.")]
CatalogOption = Annotated[bool, typer.Option("--catalog", help="The vendor's own log.")]
KeptOption = Annotated[
    Path | None,
    typer.Option("--kept", help="What `audit head --json` printed earlier.", exists=True, dir_okay=False),
]


@dataclass(frozen=True, slots=True)
class Found:
    """One log: what verifying found, or why it cannot be read."""

    log: str
    verified: Verified | None = None
    problem: str | None = None

    @property
    def holds(self) -> bool:
        return self.verified is not None and self.verified.holds


@app.callback()
def audit() -> None:
    """The audit logs: verified, noted and exported."""


@app.command()
def verify(  # options of a command
    slugs: SlugsArgument = None,
    everyone: AllOption = False,
    catalog: CatalogOption = False,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="An exported log instead; needs no installation.", dir_okay=False),
    ] = None,
    kept: KeptOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Work the chains out again; exit code 1 where one is broken, or an entry is unsealed for over a minute.

    Example: slaportal audit verify --all --catalog

    Example: slaportal audit verify zonnedael --kept heads.json

    Example: slaportal audit verify --file zonnedael.jsonl

    Example: slaportal audit verify zonnedael --file zonnedael.jsonl --kept heads.json

    Of each log the first place is told where it does not hold. Seals that were kept elsewhere also tell when a
    whole log was written anew, or its end cut off; with --all each log whose seal was kept must be there.
    """
    heads = _heads(kept)
    if file is not None:
        logs = [*(slugs or []), *([CATALOG] if catalog else [])]
        found = [_verify_file(file, _kept_for(logs, heads, everyone=everyone))]
    elif slugs or everyone or catalog:
        found = run_async(_verify(settings_of(data), slugs or [], heads, everyone=everyone, catalog=catalog))
    else:
        raise fail("Name customers, or give --all, --catalog or --file.", code=2)
    _tell(found, as_json=as_json)
    if not all(each.holds for each in found):
        raise typer.Exit(1)


@app.command()
def head(
    slugs: SlugsArgument = None,
    everyone: AllOption = False,
    catalog: CatalogOption = False,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Print the newest seal of each log, to be kept where nobody of the portal can write.

    Example: slaportal audit head --all --catalog --json > heads.json
    """
    if not (slugs or everyone or catalog):
        raise fail("Name customers, or give --all or --catalog.", code=2)
    found = run_async(_newest(settings_of(data), slugs or [], everyone=everyone, catalog=catalog))
    heads = {name: each for name, each in found.items() if not isinstance(each, str)}
    if as_json:
        typer.echo(json.dumps({name: asdict(each) for name, each in heads.items() if each}, indent=2))
    else:
        table = plain_table("log", "entries", "newest seal")
        for name, each in heads.items():
            table.add_row(name, str(each.sequence) if each else "0", each.seal if each else "")
        answer_console().print(table)
    problems = {name: each for name, each in found.items() if isinstance(each, str)}
    for name, problem in problems.items():
        tell(f"{name}: {problem}")
    if problems:
        raise typer.Exit(1)


@app.command()
def export(
    slug: SlugArgument,
    to: Annotated[Path, typer.Option("--to", help="The new file: NAME.jsonl or NAME.csv.", dir_okay=False)],
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Write a customer's audit log to a file that an outsider can read and verify.

    Example: slaportal audit export zonnedael --to zonnedael.jsonl
    """
    if to.suffix.lower() not in {".jsonl", ".csv"}:
        raise fail("The name must end in .jsonl or .csv.", code=2)
    try:
        last = run_async(_export(settings_of(data), slug, to))
    except FileExistsError:
        raise fail(f"{to} exists already. Name a new file with --to.") from None
    except LogIncomplete as wrong:
        advice = f"`slaportal audit verify {slug}` says what is wrong"
        raise fail(f"The log is not whole, and nothing of {to} is left: {wrong}; {advice}.") from None
    except OSError as error:
        raise fail(f"{to} cannot be written, and nothing of it is left: {error.strerror}.") from None
    newest = f" Newest seal: {last.seal}" if last else ""
    tell(f"{last.sequence if last else 0} entries are in {to}.{newest}")


async def _verify(
    settings: Settings, slugs: Sequence[str], heads: Mapping[str, Head], *, everyone: bool, catalog: bool
) -> list[Found]:
    async with portal_of(settings) as portal:
        found = [
            await _verify_one(portal, tenant, heads.get(tenant.slug))
            for tenant in await _tenants(portal, slugs, everyone=everyone)
        ]
        if catalog:
            async with portal.catalog.read() as reader:
                with counting(CATALOG) as show:
                    verified = await verify_log(reader, CATALOG_LOG, now(), show, heads.get(CATALOG))
            found.append(Found(CATALOG, verified))
    missed = heads.keys() - {each.log for each in found}
    unknown = [each.log for each in found if heads and each.log not in heads]
    if unknown:
        tell(f"No seal was kept of {', '.join(unknown)}: nothing to compare with.")
    if everyone:
        found += [Found(name, problem=NOT_LOOKED_AT) for name in sorted(missed)]
    elif missed:
        tell(f"{len(missed)} logs whose seals were kept were not asked for.")
    return found


async def _verify_one(portal: Portal, tenant: TenantRecord, kept: Head | None) -> Found:
    if tenant.status not in READABLE:
        return Found(tenant.slug, problem=IN_BETWEEN)
    try:
        async with visiting(portal, tenant) as scope, scope.read() as reader:
            with counting(tenant.slug) as show:
                return Found(tenant.slug, await verify_log(reader, AUDIT_LOG, now(), show, kept))
    except AWAY as error:
        return Found(tenant.slug, problem=away(error))


async def _newest(
    settings: Settings, slugs: Sequence[str], *, everyone: bool, catalog: bool
) -> dict[str, Head | str | None]:
    """The newest seal of each log, or why it cannot be read."""
    async with portal_of(settings) as portal:
        found: dict[str, Head | str | None] = {}
        for tenant in await _tenants(portal, slugs, everyone=everyone):
            if tenant.status not in READABLE:
                found[tenant.slug] = IN_BETWEEN
                continue
            try:
                async with visiting(portal, tenant) as scope, scope.read() as reader:
                    found[tenant.slug] = await head_of(reader, AUDIT_LOG)
            except AWAY as error:
                found[tenant.slug] = away(error)
        if catalog:
            async with portal.catalog.read() as reader:
                found[CATALOG] = await head_of(reader, CATALOG_LOG)
        return found


async def _export(settings: Settings, slug: str, to: Path) -> Head | None:
    async with portal_of(settings) as portal:
        (tenant,) = await _tenants(portal, [slug], everyone=False)
        if tenant.status not in READABLE:
            raise TenantNotActive(tenant.slug, tenant.status)
        with counting(slug) as show:
            scope = portal.tenants.upkeep_scope(tenant)
            return await export_log(scope, to, actor=SYSTEM, now=now(), show=show)


async def _tenants(portal: Portal, slugs: Sequence[str], *, everyone: bool) -> list[TenantRecord]:
    """Those named, or with `everyone` all; those that have a database, or are about to have another one."""
    known = (*READABLE, TenantStatus.MOVING)
    named = [await portal.tenants.fresh_by_slug(slug) for slug in dict.fromkeys(slugs)]
    for tenant in named:
        if tenant.status not in known:
            raise TenantNotActive(tenant.slug, tenant.status)
    if not everyone:
        return named
    return [tenant for tenant in await all_tenants(portal.catalog) if tenant.status in known]


def _verify_file(path: Path, kept: Head | None) -> Found:
    try:
        return Found(path.name, verify_file(path, kept))
    except NoLog as error:
        raise fail(f"{error}.", code=1) from None


def _kept_for(logs: Sequence[str], heads: Mapping[str, Head], *, everyone: bool) -> Head | None:
    """The seal that was kept of the file's log: of the one that is named, or the only one there is."""
    if everyone or len(logs) > 1:
        raise fail("A file is one log: name its customer, or give --catalog.", code=2)
    if not heads:
        return None
    if not logs and len(heads) > 1:
        known = ", ".join(heads)
        raise fail(f"Say whose log the file is, by the customer's slug or --catalog: of {known}.", code=2)
    name = logs[0] if logs else next(iter(heads))
    if name not in heads:
        raise fail(f"No seal of {name} was kept, only of {', '.join(heads)}.", code=2)
    return heads[name]


def _heads(path: Path | None) -> dict[str, Head]:
    if path is None:
        return {}
    try:
        facts = json.loads(path.read_bytes())
        heads = {name: Head(int(each["sequence"]), str(each["seal"])) for name, each in facts.items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        raise fail(f"{path} is not what `slaportal audit head --json` prints.", code=2) from None
    if not heads:
        raise fail(f"{path} holds no seal: keep what `slaportal audit head --all --json` prints.", code=2)
    return heads


def _tell(found: Sequence[Found], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([_facts(each) for each in found], indent=2, ensure_ascii=False))
    else:
        table = plain_table("log", "entries", "newest seal", "what is wrong")
        for each in found:
            rows, newest = (each.verified.rows, each.verified.head) if each.verified else (0, None)
            table.add_row(each.log, str(rows), newest.seal if newest else "", "; ".join(_wrong(each)))
        answer_console().print(table)
    wrong = sum(not each.holds for each in found)
    entries = sum(each.verified.rows for each in found if each.verified)
    tell(f"{entries} entries of {len(found)} logs looked at, {wrong} logs with something wrong.")


def _wrong(found: Found) -> list[str]:
    verified = found.verified
    if verified is None:
        return [found.problem or ""]
    told = [_told(verified.broken)] if verified.broken else []
    if verified.unsealed:
        told.append(f"{verified.unsealed} entries are unsealed for over a minute: does a worker run?")
    return told


def _told(broken: Broken) -> str:
    told = TOLD[broken.breach].format(broken.sequence)
    return f"{told} ({broken.entry_id})" if broken.entry_id else told


def _facts(found: Found) -> dict[str, object]:
    verified = found.verified
    facts: dict[str, object] = {"log": found.log, "holds": found.holds}
    if verified is None:
        return facts | {"problem": found.problem}
    return facts | {
        "entries": verified.rows,
        "head": asdict(verified.head) if verified.head else None,
        "broken": asdict(verified.broken) if verified.broken else None,
        "unsealed": verified.unsealed,
    }
