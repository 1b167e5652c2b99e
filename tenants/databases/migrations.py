"""The two schema histories, run by Alembic: `catalog` and `tenant`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Literal

from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from alembic import command
from tenants.databases.connections import open_engine
from tenants.databases.errors import UpgradeFailed
from tenants.databases.servers import Server

History = Literal["catalog", "tenant"]
ROOT = Path(__file__).resolve().parents[2]
LOCK_TIMEOUT = "10s"
"""How long a revision waits for a table that a request holds, while other requests queue up behind it."""


def alembic_config(history: History) -> Config:
    config = Config(ROOT / "alembic.ini", ini_section=history)
    config.set_main_option("script_location", str(ROOT / "alembic" / history))
    return config


@cache
def head(history: History) -> str:
    """The newest revision that this code knows. Reading the history takes long enough to hold up a server's loop."""
    revision = ScriptDirectory.from_config(alembic_config(history)).get_current_head()
    if revision is None:
        raise LookupError(f"the {history} history is empty")
    return revision


def known_revisions(history: History) -> frozenset[str]:
    """Every revision that this code can bring to the head."""
    found = ScriptDirectory.from_config(alembic_config(history)).walk_revisions()
    return frozenset(each.revision for each in found)


@contextmanager
def failing() -> Iterator[None]:
    """Turns whatever the drivers and Alembic say into `UpgradeFailed`, in their words."""
    try:
        yield
    except DBAPIError as error:
        raise UpgradeFailed(str(error.orig)) from error
    except (CommandError, OSError, SQLAlchemyError) as error:
        raise UpgradeFailed(str(error)) from error


async def revision_of(server: Server, database: str) -> str | None:
    """The revision that an existing database is at. Raises `UpgradeFailed` where that cannot be read."""
    engine = open_engine(server, database)
    try:
        with failing():
            async with engine.connect() as connection:
                found: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
                return found
    finally:
        await engine.dispose()


async def ensure_current(server: Server, database: str, history: History) -> bool:
    """Brings an existing database to the head of its history unless it is there; whether it had to.

    Raises `UpgradeFailed`, also for a database that is missing, damaged or of a newer version.
    """
    if await revision_of(server, database) == head(history):
        return False
    with failing():
        await upgrade(server, database, history)
    return True


async def upgrade(
    server: Server,
    database: str,
    history: History,
    to: str = "head",
    *,
    before_commit: Callable[[], None] = lambda: None,
) -> None:
    """Brings one existing database to a revision of its history, all or nothing."""

    def run(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            # SQLite's transaction locks the file; here two upgrades at once must be told apart.
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('slaportal upgrade'))"))
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        config = alembic_config(history)
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        before_commit()

    engine = open_engine(server, database)
    try:
        async with engine.execution_options(writes=True).connect() as connection, connection.begin():
            await connection.run_sync(run)
    finally:
        await engine.dispose()
