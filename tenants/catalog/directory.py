"""Which tenants exist, in which state, and where they live."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.sql.elements import ColumnElement

from tenants.catalog.errors import BadSlug, TenantNotActive, UnknownTenant
from tenants.catalog.models import Tenant, TenantStatus
from tenants.databases.engines import Engines
from tenants.databases.scopes import CatalogScope, TenantScope
from tenants.databases.servers import Placement
from tenants.tables import table

FRESH = timedelta(seconds=1)
SLUG = re.compile(r"[a-z][a-z0-9-]{0,38}[a-z0-9]")
RESERVED = frozenset(
    {"api", "admin", "catalog", "console", "graphql", "healthz", "localhost", "readyz", "static", "www"}
)

_T = table(Tenant).c


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """One row of the catalog, as it was at most a second ago."""

    id: UUID
    slug: str
    name: str
    status: TenantStatus
    epoch: int
    placement: Placement
    policy_key: str
    locale: str
    created_at: datetime
    revision: str | None
    protected_at: datetime | None
    failure: str | None


def checked_slug(slug: str) -> str:
    """The slug itself, if it is one; it never becomes part of a path or a database name. Raises `BadSlug`."""
    if not SLUG.fullmatch(slug) or slug in RESERVED:
        raise BadSlug(path="slug")
    return slug


def record_of(row: Row[Any]) -> TenantRecord:
    return TenantRecord(
        id=row.id,
        slug=row.slug,
        name=row.name,
        status=TenantStatus(row.status),
        epoch=row.epoch,
        placement=Placement(row.server, row.database_name),
        policy_key=row.policy_key,
        locale=row.locale,
        created_at=row.created_at,
        revision=row.revision,
        protected_at=row.protected_at,
        failure=row.failure,
    )


class TenantDirectory:
    """Looks tenants up in the catalog, keeping those that are served for a second."""

    def __init__(self, catalog: CatalogScope, engines: Engines, clock: Callable[[], datetime]) -> None:
        self._catalog = catalog
        self._engines = engines
        self._clock = clock
        self._seen: dict[str | UUID, tuple[datetime, TenantRecord]] = {}

    async def by_slug(self, slug: str, now: datetime) -> TenantRecord:
        """Raises `UnknownTenant`, also for what cannot be a slug."""
        if not SLUG.fullmatch(slug):
            raise UnknownTenant
        return await self._find(slug, _T.slug == slug, now)

    async def by_id(self, tenant_id: UUID, now: datetime) -> TenantRecord:
        return await self._find(tenant_id, _T.id == tenant_id, now)

    def scope(self, tenant: TenantRecord) -> TenantScope:
        """The scope of an ACTIVE tenant; raises `TenantNotActive`."""
        if tenant.status is not TenantStatus.ACTIVE:
            raise TenantNotActive(tenant.slug, tenant.status)
        return self.upkeep_scope(tenant)

    def upkeep_scope(self, tenant: TenantRecord) -> TenantScope:
        """The scope of a tenant in whatever state: for what is done to it, never for what it asks for."""
        database = self._engines.tenant(tenant.id, tenant.placement)
        return TenantScope(database, tenant.id, tenant.epoch, self.ask_attention)

    @asynccontextmanager
    async def scan(self, tenant: TenantRecord) -> AsyncIterator[TenantScope]:
        """The scope of an ACTIVE tenant for a visit to all of them: it takes no place from those in use."""
        if tenant.status is not TenantStatus.ACTIVE:
            raise TenantNotActive(tenant.slug, tenant.status)
        async with self._engines.scan(tenant.id, tenant.placement) as database:
            yield TenantScope(database, tenant.id, tenant.epoch, self.ask_attention)

    async def fresh(self, tenant_id: UUID) -> TenantRecord:
        """The row as it is now. Raises `UnknownTenant`."""
        async with self._catalog.read() as reader:
            row = await reader.first(select(table(Tenant)).where(_T.id == tenant_id))
        if row is None:
            raise UnknownTenant
        return record_of(row)

    async def fresh_by_slug(self, slug: str) -> TenantRecord:
        """The row as it is now. Raises `UnknownTenant`."""
        async with self._catalog.read() as reader:
            row = await reader.first(select(table(Tenant)).where(_T.slug == slug))
        if row is None:
            raise UnknownTenant
        return record_of(row)

    async def ask_attention(self, tenant_id: UUID, now: datetime) -> None:
        """Asks the worker to visit the tenant; called before the transaction that makes work commits.

        Asked a moment ago is asked already: the worker keeps visiting for much longer than that. What was asked for
        a later moment is asked for now. `now` is the request's moment and may be long gone: by it the request for
        attention would count as old, and a visit between this and the commit would find nothing and clear it.
        """
        now = max(now, self._clock())
        async with self._catalog.read() as reader:
            asked: datetime | None = await reader.scalar(select(_T.attention_at).where(_T.id == tenant_id))
        if asked is not None and abs(now - asked) < FRESH:
            return
        async with self._catalog.write() as session:
            await session.execute(update(Tenant).where(_T.id == tenant_id).values(attention_at=now))

    async def _find(self, key: str | UUID, condition: ColumnElement[bool], now: datetime) -> TenantRecord:
        seen = self._seen.get(key)
        if seen and now - seen[0] < FRESH:
            return seen[1]
        async with self._catalog.read() as reader:
            row = await reader.first(select(table(Tenant)).where(condition))
        if row is None:
            self._seen.pop(key, None)
            raise UnknownTenant
        record = record_of(row)
        if (
            record.status is TenantStatus.ACTIVE
        ):  # others are looked at anew: they are served as soon as they can be
            self._seen[key] = (now, record)
        else:
            self._seen.pop(key, None)
        return record
