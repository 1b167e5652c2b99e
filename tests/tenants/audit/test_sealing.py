"""Entries are sealed in the order in which they were committed, each once, whoever seals."""

import asyncio
import hashlib
import json
from datetime import timedelta

from sqlalchemy import select

from tenants.chains.form import FIRST, canonical, told
from tenants.chains.sealing import seal_batch
from tenants.databases.engines import Engines
from tenants.databases.scopes import CatalogScope, Scope, TenantScope
from tenants.databases.servers import Placement
from tests.tenants.audit.logs import LATER, MOMENT, add, log_of, sealed, verified, write


async def test_every_entry_is_sealed_over_the_seal_before_it_and_its_own_bytes(scope: Scope) -> None:
    await add(scope, 3)
    assert await seal_batch(scope, log_of(scope), LATER) == 3
    seal = FIRST
    for number, row in enumerate(await sealed(scope), 1):
        assert row.sequence == number
        assert row.sealed_at == LATER
        seal = hashlib.sha256(seal.encode() + canonical(told(row._mapping))).hexdigest()
        assert row.seal == seal
    assert await seal_batch(scope, log_of(scope), LATER) == 0


async def test_the_bytes_are_the_same_on_both_databases(scope: Scope) -> None:
    await add(scope, 1)
    await seal_batch(scope, log_of(scope), LATER)
    (row,) = await sealed(scope)
    values = {**told(row._mapping), "id": "0", "subject_id": "1"}
    assert canonical(values) == (
        b'{"actor_id":"00000000-0000-0000-0000-000000000007","actor_kind":"ACCOUNT","address":"192.0.2.7",'
        b'"after":{"permissions":["READ","MANAGE_ACCOUNTS"]},"at":"2026-03-10T09:00:00.120034Z",'
        b'"before":{"permissions":["READ"]},"detail":{"none":null,"number":0,"rate":1.1,'
        b'"reason":"na\\u00efef \\"\\u2014\\" \\\\ \\ud83d\\ude00\\u007f"},"event":"user_updated","id":"0",'
        b'"request_id":"r0","sealed_at":"2026-03-10T09:05:00.120034Z","sequence":1,"subject_id":"1",'
        b'"subject_type":"Account"}'
    )
    assert json.loads(canonical(values)) == values


async def test_an_entry_that_is_committed_after_another_was_sealed_comes_after_it(scope: Scope) -> None:
    await add(scope, 1, MOMENT)
    await seal_batch(scope, log_of(scope), LATER)
    await add(scope, 2, MOMENT - timedelta(minutes=1))
    await seal_batch(scope, log_of(scope), LATER)
    assert [row.at for row in await sealed(scope)] == [
        MOMENT,
        MOMENT - timedelta(minutes=1),
        MOMENT - timedelta(minutes=1) + timedelta(milliseconds=1),
    ]
    assert (await verified(scope)).holds


async def test_a_batch_is_bounded_and_the_next_one_goes_on(scope: Scope) -> None:
    await add(scope, 5)
    assert [await seal_batch(scope, log_of(scope), LATER, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert (await verified(scope)).rows == 5
    assert (await verified(scope)).holds


async def test_no_entry_is_sealed_before_it_happened(scope: Scope) -> None:
    await add(scope, 1)
    await seal_batch(scope, log_of(scope), MOMENT - timedelta(seconds=1))
    (row,) = await sealed(scope)
    assert row.sealed_at == row.at


async def test_sealers_at_once_beside_writers_make_one_unbroken_chain(scope: Scope, engines: Engines) -> None:
    """Each sealer with a process's own engines: what orders them is the database."""
    others = [Engines(engines.servers, engines.catalog_placement) for _ in range(4)]
    log = log_of(scope)

    async def work(number: int, own: Scope) -> int:
        done = 0
        for round_ in range(5):
            await add(own, 2, MOMENT + timedelta(seconds=number * 10 + round_))
            done += await seal_batch(own, log, LATER, limit=3)
        return done

    scopes = [_beside(scope, each) for each in others]
    done = await asyncio.gather(*(work(number, each) for number, each in enumerate(scopes)))
    while rest := await seal_batch(scope, log, LATER):
        done.append(rest)
    for each in others:
        await each.close()
    rows = await sealed(scope)
    assert [row.sequence for row in rows] == list(range(1, 41))
    assert sum(done) == 40
    assert (await verified(scope)).holds


async def test_an_entry_of_a_transaction_that_still_runs_waits_for_its_commit(scope: Scope) -> None:
    log = log_of(scope)
    async with scope.write() as session:
        await write(session, scope, 0, MOMENT)
        await session.flush()
        async with scope.read() as reader:
            assert await reader.rows(select(log.c.id)) == []
    assert await seal_batch(scope, log, LATER) == 1


def _beside(scope: Scope, engines: Engines) -> Scope:
    if not isinstance(scope, TenantScope):
        return CatalogScope(engines.catalog())
    key = scope.tenant_id
    return TenantScope(engines.tenant(key, Placement("main", f"t_{key.hex}")), key, epoch=1)
