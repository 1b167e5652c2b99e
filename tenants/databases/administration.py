"""What only the administrator of a PostgreSQL server may do: databases, roles and rights."""

import hashlib
import hmac
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from tenants.databases.connections import open_engine
from tenants.databases.servers import PostgresServer

SCRAM_ROUNDS = 4096
DUPLICATES = frozenset({"42P04", "42710", "23505"})  # of a database, of a role, of either's row in a race
NOT_OURS = "42501"  # only its owner can: `slaportal doctor` tells when that is still to be done
GONE = frozenset({"3D000", "42704"})
EVERYBODYS_DATABASES = ("postgres", "template1")
TENANT_RIGHTS = (
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    'GRANT USAGE ON SCHEMA public TO "{role}"',
    'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"',
    # Whose database this is can only be read by who works in it; the epoch is locked against a freeze.
    'REVOKE INSERT, UPDATE, DELETE ON tenant_identity, alembic_version FROM "{role}"',
    'GRANT UPDATE (epoch) ON tenant_identity TO "{role}"',
)


@asynccontextmanager
async def administering(
    server: PostgresServer, database: str | None = None
) -> AsyncIterator[AsyncConnection]:
    """A connection without transactions, to the administration's database or to the one named."""
    name = database or server.administration.database or "postgres"
    engine = open_engine(server, name)
    try:
        async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def ask(server: PostgresServer, statement: str, values: Mapping[str, Any]) -> Any:
    """The first column of the first row."""
    async with administering(server) as connection:
        return (await connection.execute(text(statement), values)).scalar()


async def do_once(connection: AsyncConnection, statement: str) -> bool:
    """Whether the statement made something new; False where another process made the same a moment earlier."""
    try:
        await connection.exec_driver_sql(statement)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in DUPLICATES:
            return False
        raise
    return True


async def make_database(
    connection: AsyncConnection, database: str, template: str, *, portal_role: str | None = None
) -> None:
    """A copy of the template that nobody but its owner, and `portal_role`, may connect to."""
    await do_once(connection, f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY WAL_LOG')
    # Rights to connect are not copied from the template.
    await connection.exec_driver_sql(f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC')
    if portal_role:
        await connection.exec_driver_sql(f'GRANT CONNECT ON DATABASE "{database}" TO "{portal_role}"')


async def make_role(connection: AsyncConnection, server: PostgresServer, database: str) -> None:
    """The role of one database: it may connect there and nowhere else, and make nothing."""
    password = server.role_password(database)
    told = f"PASSWORD '{scram_verifier(password)}'" if password else "PASSWORD NULL"
    limits = f"LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION {told}"
    if not await do_once(connection, f'CREATE ROLE "{database}" {limits}'):
        # What only a superuser may name, even to deny it, is left as it was made.
        await connection.exec_driver_sql(f'ALTER ROLE "{database}" LOGIN NOCREATEDB NOCREATEROLE {told}')
    await connection.exec_driver_sql(f'GRANT CONNECT ON DATABASE "{database}" TO "{database}"')


async def close_everybodys_databases(connection: AsyncConnection) -> None:
    """Takes from every role the right to connect that PostgreSQL gives it by default."""
    for database in EVERYBODYS_DATABASES:
        try:
            await connection.exec_driver_sql(f'REVOKE CONNECT ON DATABASE "{database}" FROM PUBLIC')
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in GONE | {NOT_OURS}:
                raise


async def grant_tables(connection: AsyncConnection, role: str, rights: tuple[str, ...]) -> None:
    for right in rights:
        await connection.exec_driver_sql(right.format(role=role))


async def remove(server: PostgresServer, database: str) -> None:
    """Drops a database, whoever is connected, and its role."""
    async with administering(server) as connection:
        # Of two who remove a role at once PostgreSQL fails one with an internal error.
        await connection.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": database})
        await connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        await connection.exec_driver_sql(f'DROP ROLE IF EXISTS "{database}"')


def scram_verifier(password: str) -> str:
    """What PostgreSQL keeps of a password (RFC 5803): so the password itself is in no statement and no log."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, SCRAM_ROUNDS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${SCRAM_ROUNDS}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _text(data: bytes) -> str:
    return b64encode(data).decode()
