"""A run of migrations: customers are taken from it one by one, by any number of processes."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from tenants.catalog.errors import UnknownTenant
from tenants.catalog.migrating import (
    LEASE,
    Claimed,
    Failure,
    Run,
    Tally,
    Wanted,
    claim,
    close_run,
    count_customers,
    customers_behind,
    failures,
    first_of,
    join_run,
    mark_done,
    mark_failed,
    renew,
    tally,
)
from tenants.catalog.models import Tenant, TenantStatus
from tenants.databases.scopes import CatalogScope
from tenants.tables import table
from tests.conftest import NOW

_T = table(Tenant).c
WANTED = Wanted("0003")
LATER = NOW + timedelta(seconds=1)


async def add(
    catalog: CatalogScope, *slugs: str, revision: str | None = "0002", status: str = "ACTIVE"
) -> None:
    """Rows of the catalog; their databases are nobody's business here."""
    async with catalog.write() as session:
        for slug in slugs:
            key = uuid4()
            session.add(
                Tenant(
                    id=key,
                    slug=slug,
                    name=slug,
                    status=status,
                    epoch=1,
                    server="main",
                    database_name=f"t_{key.hex}",
                    policy_key="qixium",
                    locale="EN",
                    created_at=NOW,
                    revision=revision,
                )
            )


async def joined(catalog: CatalogScope, wanted: Wanted = WANTED, now: datetime = NOW) -> Run:
    run = await join_run(catalog, wanted, now)
    assert run is not None
    return run


async def taken(catalog: CatalogScope, run: Run, now: datetime = NOW) -> Claimed:
    found = await claim(catalog, run, now)
    assert found is not None
    return found


async def test_tasks_at_once_never_get_one_customer_twice(catalog_scope: CatalogScope) -> None:
    slugs = [f"c{number:02}" for number in range(20)]
    await add(catalog_scope, *slugs)
    runs = await asyncio.gather(*(joined(catalog_scope) for _ in range(4)))
    assert len({run.id for run in runs}) == 1

    async def take(run: Run) -> list[str]:
        mine = []
        while found := await claim(catalog_scope, run, NOW):
            mine.append(found.slug)
        return mine

    found = await asyncio.gather(*(take(run) for run in runs for _ in range(2)))
    assert sorted(slug for mine in found for slug in mine) == slugs


async def test_a_lease_is_its_holders_until_it_ends(catalog_scope: CatalogScope) -> None:
    await add(catalog_scope, "alfa")
    run = await joined(catalog_scope)
    first = await taken(catalog_scope, run)
    assert await claim(catalog_scope, run, NOW + LEASE - timedelta(seconds=1)) is None
    renewed = await renew(catalog_scope, first, NOW + LEASE / 2)
    assert await claim(catalog_scope, run, NOW + LEASE) is None
    second = await taken(catalog_scope, run, renewed.leased_until)
    await mark_failed(catalog_scope, renewed, "too late to say so", LATER)
    assert await tally(catalog_scope, run) == Tally(left=1, running=1)
    await mark_failed(catalog_scope, second, "no\n  room", LATER)
    assert await failures(catalog_scope, run) == (Failure("alfa", "no room"),)


async def test_who_is_done_asks_for_the_workers_attention(catalog_scope: CatalogScope) -> None:
    """What the new schema lets it do, such as sealing, waits for no sweep."""
    await add(catalog_scope, "alfa")
    run = await joined(catalog_scope)
    await mark_done(catalog_scope, run, await taken(catalog_scope, run), LATER)
    async with catalog_scope.read() as reader:
        assert await reader.scalar(select(_T.attention_at)) == LATER


async def test_who_joins_later_takes_what_is_unfinished_and_tries_what_failed_once_more(
    catalog_scope: CatalogScope,
) -> None:
    await add(catalog_scope, "alfa", "bravo", "charlie")
    run = await joined(catalog_scope)
    await mark_done(catalog_scope, run, await taken(catalog_scope, run), NOW)
    await mark_failed(catalog_scope, await taken(catalog_scope, run), "?", NOW)
    await taken(catalog_scope, run)
    assert await tally(catalog_scope, run) == Tally(done=1, failed=1, left=1, running=1)
    assert await claim(catalog_scope, run, NOW) is None
    again = await joined(catalog_scope, now=LATER)
    assert again.id == run.id
    assert await tally(catalog_scope, again) == Tally(left=2, running=1, done_before=1)
    found = await taken(catalog_scope, again, LATER)
    assert found.slug == "bravo"
    await mark_failed(catalog_scope, found, "?", LATER)
    assert await claim(catalog_scope, again, LATER) is None
    assert (await taken(catalog_scope, again, LATER + LEASE)).slug == "charlie"


async def test_a_run_in_which_everybody_is_done_is_over(catalog_scope: CatalogScope) -> None:
    await add(catalog_scope, "alfa")
    await add(catalog_scope, "bravo", revision="0003")
    assert await customers_behind(catalog_scope, WANTED) == [("alfa", "0002")]
    run = await joined(catalog_scope)
    await mark_done(catalog_scope, run, await taken(catalog_scope, run), NOW)
    await close_run(catalog_scope, run, NOW)
    assert await customers_behind(catalog_scope, WANTED) == []
    assert await join_run(catalog_scope, WANTED, LATER) is None
    everyone = Wanted("0003", everyone=True)
    looked = await joined(catalog_scope, everyone, LATER)
    assert looked.id != run.id
    assert (await tally(catalog_scope, looked)).left == 2


async def test_a_newer_target_begins_a_run_of_its_own(catalog_scope: CatalogScope) -> None:
    await add(catalog_scope, "alfa")
    run = await joined(catalog_scope)
    await mark_failed(catalog_scope, await taken(catalog_scope, run), "?", NOW)
    newer = await joined(catalog_scope, Wanted("0004"), LATER)
    assert newer.id != run.id
    assert await tally(catalog_scope, newer) == Tally(left=1)


async def test_customers_without_a_database_are_left_out(catalog_scope: CatalogScope) -> None:
    for status in TenantStatus:
        await add(catalog_scope, status.lower(), status=status)
    assert await count_customers(catalog_scope, WANTED) == 3
    run = await joined(catalog_scope)
    found = []
    while one := await claim(catalog_scope, run, NOW):
        found.append(one.slug)
    assert found == ["active", "moving", "suspended"]


async def test_a_customer_that_goes_and_one_that_comes_change_the_run(catalog_scope: CatalogScope) -> None:
    await add(catalog_scope, "alfa", "bravo")
    run = await joined(catalog_scope)
    await mark_done(catalog_scope, run, await taken(catalog_scope, run), NOW)
    async with catalog_scope.write() as session:
        gone = update(Tenant).where(_T.slug == "bravo")
        await session.execute(gone.values(status=TenantStatus.DELETED))
    await add(catalog_scope, "charlie")
    again = await joined(catalog_scope, now=LATER)
    assert [(await taken(catalog_scope, again)).slug, await claim(catalog_scope, again, NOW)] == [
        "charlie",
        None,
    ]


async def test_who_is_behind_again_out_of_a_backup_is_taken_again(catalog_scope: CatalogScope) -> None:
    await add(catalog_scope, "alfa", "bravo")
    run = await joined(catalog_scope)
    await mark_done(catalog_scope, run, await taken(catalog_scope, run), NOW)
    async with catalog_scope.write() as session:
        await session.execute(update(Tenant).where(_T.slug == "alfa").values(revision="0002"))
    again = await joined(catalog_scope, now=LATER)
    assert again.id == run.id
    assert (await taken(catalog_scope, again)).slug == "alfa"


async def test_what_moved_meanwhile_is_not_noted_as_current(catalog_scope: CatalogScope) -> None:
    await add(catalog_scope, "alfa")
    run = await joined(catalog_scope)
    claimed = await taken(catalog_scope, run)
    async with catalog_scope.write() as session:
        await session.execute(update(Tenant).where(_T.slug == "alfa").values(database_name="elsewhere"))
    await mark_done(catalog_scope, run, claimed, NOW)
    assert await customers_behind(catalog_scope, WANTED) == [("alfa", "0002")]


async def test_only_the_named_customers_are_taken(catalog_scope: CatalogScope) -> None:
    await add(catalog_scope, "alfa", "bravo", "charlie")
    run = await joined(catalog_scope, Wanted("0003", frozenset({"bravo"})))
    assert [(await taken(catalog_scope, run)).slug, await claim(catalog_scope, run, NOW)] == ["bravo", None]
    with pytest.raises(UnknownTenant, match="delta, echo"):
        await join_run(catalog_scope, Wanted("0003", frozenset({"bravo", "echo", "delta"})), NOW)


async def test_one_customer_goes_first_until_somebody_came_through(catalog_scope: CatalogScope) -> None:
    await add(catalog_scope, "alfa", "bravo", "charlie")
    run = await joined(catalog_scope)
    first = await first_of(catalog_scope, run, None)
    named = await first_of(catalog_scope, run, "bravo")
    assert first is not None
    assert named is not None
    assert named != first
    claimed = await claim(catalog_scope, run, NOW, only=named)
    assert claimed is not None
    assert claimed.slug == "bravo"
    assert await claim(catalog_scope, run, NOW, only=named) is None
    await mark_done(catalog_scope, run, claimed, NOW)
    assert await first_of(catalog_scope, run, None) is None
    assert await first_of(catalog_scope, run, "charlie") is not None
