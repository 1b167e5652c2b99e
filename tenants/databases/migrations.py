"""The two schema histories, run by Alembic: `catalog` and `tenant`."""

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


def knows(history: History, revision: str) -> bool:
    """Whether this version can bring a database of that revision to its own."""
    try:
        return ScriptDirectory.from_config(alembic_config(history)).get_revision(revision) is not None
    except CommandError:
        return False


async def ensure_current(server: Server, database: str, history: History) -> bool:
    """Brings an existing database to the head of its history unless it is there; whether it had to.

    Raises `UpgradeFailed`, also for a database that is missing, damaged or of a newer version.
    """
    engine = open_engine(server, database)
    try:
        async with engine.connect() as connection:
            found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        if found == head(history):
            return False
        await upgrade(server, database, history)
    except DBAPIError as error:
        raise UpgradeFailed(str(error.orig)) from error
    except (CommandError, OSError, SQLAlchemyError) as error:
        raise UpgradeFailed(str(error)) from error
    finally:
        await engine.dispose()
    return True


async def upgrade(server: Server, database: str, history: History, to: str = "head") -> None:
    """Brings one existing database to a revision of its history, all or nothing."""

    def run(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            # SQLite's transaction locks the file; here two upgrades at once must be told apart.
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('slaportal upgrade'))"))
        config = alembic_config(history)
        config.attributes["connection"] = connection
        command.upgrade(config, to)

    engine = open_engine(server, database)
    try:
        async with engine.execution_options(writes=True).connect() as connection, connection.begin():
            await connection.run_sync(run)
    finally:
        await engine.dispose()
