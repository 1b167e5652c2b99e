"""`slaportal tenant export`: a customer takes its data along."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.settings import Settings
from cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    SlugArgument,
    answer_console,
    errors_console,
    fail,
    plain_table,
    tell,
)
from cli.portal import now, portal_of, run_async, settings_of
from tenants.acts import SYSTEM
from tenants.leaving import export as leaving
from tenants.leaving.errors import ExportNotWritten, FolderTaken, NotExportableNow


def export(
    slug: SlugArgument,
    to: Annotated[Path, typer.Option("--to", help="The new folder; it must not exist, or be empty.")],
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")] = False,
) -> None:
    """Write all of a customer's data as JSON lines and CSV, with a page that explains them.

    Example: slaportal tenant export zonnedael --to ./zonnedael
    """
    settings = settings_of(data)
    try:
        if dry_run:
            _tell_plan(run_async(_plan(settings, slug, to)), as_json=as_json)
        else:
            _tell(run_async(_export(settings, slug, to)), as_json=as_json)
    except NotExportableNow as refusal:
        raise fail(f"{refusal}.") from None
    except FolderTaken as taken:
        raise fail(f"{taken} exists already and is not empty. Name a new folder with --to.") from None
    except ExportNotWritten as error:
        raise fail(f"The export cannot be written, and nothing of it is left: {error}.") from None


async def _plan(settings: Settings, slug: str, to: Path) -> Mapping[str, int]:
    async with portal_of(settings) as portal:
        tenant = await portal.tenants.by_slug(slug, now())
        return await leaving.plan_export(portal.engines, tenant, to)


async def _export(settings: Settings, slug: str, to: Path) -> leaving.Export:
    async with portal_of(settings) as portal:
        tenant = await portal.tenants.by_slug(slug, now())
        with _progress(slug) as show:
            return await leaving.export_tenant(portal.engines, tenant, to, actor=SYSTEM, clock=now, show=show)


def _tell_plan(rows: Mapping[str, int], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"rows": rows}, indent=2))
        return
    table = plain_table("table", "rows")
    for name, count in rows.items():
        table.add_row(name, str(count))
    answer_console().print(table)
    tell("Nothing was written.")


def _tell(done: leaving.Export, *, as_json: bool) -> None:
    if as_json:
        facts = {"path": str(done.path), "rows": done.rows, "manifest_sha256": done.manifest_sha256}
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    total = sum(done.rows.values())
    tell(f"{total} rows of {len(done.rows)} tables are in {done.path}; README.md there explains them.")


@contextmanager
def _progress(slug: str) -> Iterator[leaving.Show]:
    """A bar with the rows and an estimate, where somebody looks."""
    console = errors_console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task(slug, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)
