"""Databases beside the one that serves a tenant: in preparation under a lease, or retired and kept for a while."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.acts import Actor, Subject
from tenants.catalog.audit import record_event
from tenants.catalog.directory import TenantRecord
from tenants.catalog.errors import BeingChanged, LeaseLost, TenantInOtherState
from tenants.catalog.models import Tenant, TenantStatus
from tenants.catalog.service import BEING_RESTORED, record_status
from tenants.catalog.upkeep import ProvisioningOrder, SideDatabase, SideDatabaseState
from tenants.databases.revisions import TENANT_HEAD
from tenants.databases.scopes import CatalogScope
from tenants.databases.servers import Placement
from tenants.ids import new_id
from tenants.tables import table

LEASE = timedelta(seconds=60)
MARGIN = timedelta(seconds=5)
KEPT = timedelta(days=7)
UNFINISHED = (SideDatabaseState.PREPARING, SideDatabaseState.RETURNING)

Beside = Callable[[AsyncSession], Awaitable[object]]
"""Writes more in the transaction of a swap."""

_T = table(Tenant).c
_P = table(ProvisioningOrder).c
_S = table(SideDatabase).c


class Purpose(StrEnum):
    MOVE = "MOVE"
    RESTORE = "RESTORE"


@dataclass(frozen=True, slots=True)
class Side:
    """A database in preparation for a tenant."""

    id: UUID
    tenant: TenantRecord
    placement: Placement
    purpose: Purpose
    status_before: TenantStatus

    @property
    def epoch(self) -> int:
        """The epoch at which it will serve."""
        return self.tenant.epoch + 1


async def begin_side(
    catalog: CatalogScope,
    tenant: TenantRecord,
    server: str,
    purpose: Purpose,
    statuses: Sequence[TenantStatus],
    now: datetime,
) -> Side:
    """Notes a database before it is made, with a generated name.

    Raises `TenantInOtherState` unless the tenant is in one of `statuses`, and `BeingChanged` while another is prepared
    or where the tenant was moved since `tenant` was read.
    """
    side_id = new_id(now)
    async with catalog.write() as session:
        mine = select(_T.status, _T.epoch).where(_T.id == tenant.id).with_for_update()
        row = (await session.execute(mine)).one_or_none()
        if row is None or row.status not in statuses:
            raise TenantInOtherState(path="slug", status=row.status if row else "gone")
        prepared = select(_S.id).where(_S.tenant_id == tenant.id, _S.state.in_(UNFINISHED))
        if row.epoch != tenant.epoch or (await session.execute(prepared)).first():
            raise BeingChanged(tenant.slug)
        side = SideDatabase(
            id=side_id,
            tenant_id=tenant.id,
            server=server,
            database_name=f"t_{side_id.hex}",
            state=SideDatabaseState.PREPARING,
            purpose=purpose,
            status_before=row.status,
            created_at=now,
            leased_until=now + LEASE,
        )
        session.add(side)
    return Side(side_id, tenant, Placement(server, side.database_name), purpose, TenantStatus(row.status))


async def renew_side(catalog: CatalogScope, side: Side, now: datetime) -> None:
    """Says that somebody is still at it. Raises `LeaseLost`."""
    async with catalog.write() as session:
        renewed = update(SideDatabase).where(*_mine(side, now)).values(leased_until=now + LEASE)
        await _exactly_one(session, renewed.returning(_S.id))


async def hold_still(catalog: CatalogScope, side: Side, *, actor: Actor, now: datetime) -> None:
    """The tenant is MOVING: told to come back in a moment. Raises `LeaseLost`."""
    async with catalog.write() as session:
        # Whoever has lost the lease must not hold the tenant: nobody would let it go.
        mine = update(SideDatabase).where(*_mine(side, now)).values(leased_until=now + LEASE)
        await _exactly_one(session, mine.returning(_S.id))
        same = (_T.id == side.tenant.id, _T.status == side.status_before, _T.epoch == side.tenant.epoch)
        held = update(Tenant).where(*same).values(status=TenantStatus.MOVING)
        await _exactly_one(session, held.returning(_T.id))
        await record_status(session, side.tenant.id, TenantStatus.MOVING, actor=actor, now=now)


async def swap(
    catalog: CatalogScope, side: Side, *, actor: Actor, now: datetime, beside: Beside | None = None
) -> None:
    """The tenant is served from the prepared database at a new epoch; where it was is kept for `KEPT`.

    All of it at once or nothing, and with it what `beside` writes. An order that was still open is settled by this.
    Raises `LeaseLost`, after which nothing has changed.
    """
    old = side.tenant.placement
    after = TenantStatus.SUSPENDED if side.status_before is TenantStatus.SUSPENDED else TenantStatus.ACTIVE
    async with catalog.write() as session:
        retired = {
            "server": old.server,
            "database_name": old.database,
            "state": SideDatabaseState.RETIRED,
            "leased_until": None,
            "keep_until": now + KEPT,
        }
        mine = update(SideDatabase).where(*_mine(side, now)).values(retired)
        await _exactly_one(session, mine.returning(_S.id))
        statuses = (side.status_before, TenantStatus.MOVING)
        same = (_T.id == side.tenant.id, _T.status.in_(statuses), _T.epoch == side.tenant.epoch)
        there = {
            "server": side.placement.server,
            "database_name": side.placement.database,
            "epoch": side.epoch,
            "status": after,
            "revision": TENANT_HEAD,
            "protected_at": None,
            "failure": None,
            "attention_at": now,
        }
        await _exactly_one(session, update(Tenant).where(*same).values(there).returning(_T.id))
        await session.execute(delete(ProvisioningOrder).where(_P.tenant_id == side.tenant.id))
        if beside is not None:
            await beside(session)
        told: dict[str, Any] = {"purpose": side.purpose, "server": side.placement.server, "epoch": side.epoch}
        await record_status(session, side.tenant.id, after, actor=actor, now=now, **told)


def _mine(side: Side, now: datetime) -> tuple[Any, ...]:
    return (_S.id == side.id, _S.state == SideDatabaseState.PREPARING, _S.leased_until > now)


async def _exactly_one(session: AsyncSession, statement: Any) -> None:
    if len((await session.execute(statement)).all()) != 1:
        raise LeaseLost


async def reclaim_side(catalog: CatalogScope, side_id: UUID, now: datetime, *, left: bool) -> bool:
    """Whether the caller, and nobody else, is to take the tenant back: from now on the side can serve no more.

    With `left` it is taken over from somebody who has not been heard of.
    """
    preparing = _S.state == SideDatabaseState.PREPARING
    claimed = update(SideDatabase).where(_S.id == side_id, _left(now) if left else preparing)
    values = {"state": SideDatabaseState.RETURNING, "leased_until": now + LEASE}
    async with catalog.write() as session:
        return (await session.execute(claimed.values(values).returning(_S.id))).first() is not None


async def give_up_side(catalog: CatalogScope, side_id: UUID, *, actor: Actor, now: datetime) -> None:
    """The tenant is served as before; the prepared database is to be dropped at once.

    The caller has reclaimed it, and thawed the source.
    """
    async with catalog.write() as session:
        given_up = (
            update(SideDatabase)
            .where(_S.id == side_id, _S.state == SideDatabaseState.RETURNING)
            .values(state=SideDatabaseState.RETIRED, leased_until=None, keep_until=now)
            .returning(_S.tenant_id, _S.status_before)
        )
        row = (await session.execute(given_up)).one_or_none()
        if row is None:
            return
        moving = (_T.id == row.tenant_id, _T.status == TenantStatus.MOVING)
        back = update(Tenant).where(*moving).values(status=row.status_before).returning(_T.id)
        if (await session.execute(back)).first():
            await record_status(session, row.tenant_id, TenantStatus(row.status_before), actor=actor, now=now)


async def left_sides(catalog: CatalogScope, now: datetime) -> Sequence[Row[Any]]:
    """Those whose preparation was left by a crash."""
    async with catalog.read() as reader:
        return await reader.rows(select(table(SideDatabase)).where(_left(now)))


def _left(now: datetime) -> ColumnElement[bool]:
    return and_(_S.state.in_(UNFINISHED), _S.leased_until <= now - MARGIN)


async def outlived_sides(catalog: CatalogScope, now: datetime) -> Sequence[Row[Any]]:
    """Retired ones that need not be kept any longer."""
    outlived = (_S.state == SideDatabaseState.RETIRED, _S.keep_until <= now)
    async with catalog.read() as reader:
        return await reader.rows(select(table(SideDatabase)).where(*outlived))


async def sides_of(catalog: CatalogScope, tenant_id: UUID) -> Sequence[Row[Any]]:
    """Every database beside the serving one, newest first."""
    theirs = select(table(SideDatabase)).where(_S.tenant_id == tenant_id).order_by(_S.created_at.desc())
    async with catalog.read() as reader:
        return await reader.rows(theirs)


async def knows_database(catalog: CatalogScope, database: str) -> bool:
    """Whether the catalog names a tenant's database, serving or beside it."""
    async with catalog.read() as reader:
        serving = await reader.first(select(_T.id).where(_T.database_name == database))
        return bool(serving or await reader.first(select(_S.id).where(_S.database_name == database)))


async def forget_side(catalog: CatalogScope, side_id: UUID) -> None:
    """Takes the note away; the database itself is gone by now."""
    async with catalog.write() as session:
        await session.execute(delete(SideDatabase).where(_S.id == side_id))


async def forget_unborn(
    catalog: CatalogScope, *, actor: Actor, now: datetime, tenant_id: UUID | None = None
) -> int:
    """Takes away a tenant that was to be there again by a restore which failed; of all tenants where none is named.

    One that was just added may be about to get its database: then only a named one goes. Gives how many went.
    """
    theirs = _T.id == tenant_id if tenant_id else _T.created_at <= now - LEASE - MARGIN
    beside = select(_S.id).where(_S.tenant_id == _T.id).exists()
    unborn = (_T.status == TenantStatus.PROVISIONING, _T.failure == BEING_RESTORED, theirs, ~beside)
    async with catalog.write() as session:
        gone = (await session.execute(delete(Tenant).where(*unborn).returning(_T.id))).scalars().all()
        for each in gone:
            subject = Subject("Tenant", each)
            await record_event(session, now=now, event="tenant_cancelled", actor=actor, subject=subject)
        return len(gone)
