"""The audit logs as those may read them who answer for what happens: who did what, when, from where."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import Row, Select, Table, func, select

from api.access import Access, holds
from api.accounts import accounts_by_id
from api.arguments import choices, instant
from api.connections import Connection, Cursors, connection, declare_list, page_request
from api.http_errors import Forbidden
from api.ids import decode_id, encode_id
from api.loading import Loading
from api.nodes import Node
from api.people import PORTAL, Actor, Operator, System, actor_ids, agents_by_id
from api.selection import Selected
from tenants.acts import ActorKind
from tenants.audit.service import AUDIT_LOG
from tenants.catalog.audit import CATALOG_LOG
from tenants.databases.scopes import Reader
from tenants.pages import PageRows, read_page

strawberry.enum(ActorKind)

_EVENT = re.compile(r"[a-z_]{1,60}")

EVENT_TEXT = "A name of the OWASP logging vocabulary, or one in its style."
SEALED_TEXT = "Its place in the chain, 1, 2, ...; null for the seconds until it is sealed."
JSON_TEXT = "A JSON object. Persons are named by id only."


@holds(Access.MANAGE_ACCOUNTS)
@strawberry.type(description="One act on the customer's audit log, which nobody can change or take away.")
class AuditEntry(Node):
    at: datetime
    event: str = strawberry.field(description=EVENT_TEXT)
    actor_kind: ActorKind
    actor: Actor | None = strawberry.field(description="Null where nobody was signed in.")
    subject_type: str | None
    subject_id: strawberry.ID | None
    detail: str = strawberry.field(description=JSON_TEXT)
    before: str | None = strawberry.field(description="The fields that were changed, as they were: JSON.")
    after: str | None = strawberry.field(description="The same fields as they became: JSON.")
    address: str | None = strawberry.field(description="The network address that the call came from.")
    request_id: str | None
    sequence: int | None = strawberry.field(description=SEALED_TEXT)
    seal: str | None = strawberry.field(description="SHA-256 over the seal before it and this entry.")
    sealed_at: datetime | None


ConsoleActor = Annotated[Operator | System, strawberry.union("ConsoleActor")]


@holds(Access.ADMINISTRATOR)
@strawberry.type(description="One act on the vendor's own audit log.")
class ConsoleAuditEntry(Node):
    at: datetime
    event: str = strawberry.field(description=EVENT_TEXT)
    actor_kind: ActorKind
    actor: ConsoleActor | None = strawberry.field(description="Null where nobody was signed in.")
    subject_type: str | None
    subject_id: strawberry.ID | None
    detail: str = strawberry.field(description=JSON_TEXT)
    before: str | None
    after: str | None
    address: str | None
    request_id: str | None
    sequence: int | None = strawberry.field(description=SEALED_TEXT)
    seal: str | None
    sealed_at: datetime | None


@strawberry.type
class AuditLogConnection(Connection[AuditEntry]):
    pass


@strawberry.type
class ConsoleAuditLogConnection(Connection[ConsoleAuditEntry]):
    pass


declare_list("AuditEntry", Access.MANAGE_ACCOUNTS, "AuditLogConnection")
declare_list("ConsoleAuditEntry", Access.ADMINISTRATOR, "ConsoleAuditLogConnection")


@strawberry.input(description="An absent condition asks for nothing. `from` is included, `until` is not.")
class AuditLogFilter:
    event: list[str] | None = strawberry.UNSET
    actor_id: strawberry.ID | None = strawberry.UNSET
    subject_id: strawberry.ID | None = strawberry.UNSET
    from_: datetime | None = strawberry.field(default=strawberry.UNSET, name="from")
    until: datetime | None = strawberry.UNSET


async def load_audit_log(loading: Loading, field: Selected) -> AuditLogConnection | Forbidden:
    """One page, newest first; a refusal for who may not read it, to be raised where the field is resolved."""
    if not loading.sees_accounts:
        return Forbidden()
    reader, cursors = loading.reader, loading.cursors("audit_log")
    page = await _page(reader, AUDIT_LOG, cursors, field)
    nodes = await _entries(loading, page.rows)
    total = await _total(reader, AUDIT_LOG, field)
    return connection(AuditLogConnection, cursors, page, nodes, _key, total)


async def load_console_log(
    reader: Reader, cursors: Cursors, field: Selected, operators: Sequence[Operator]
) -> ConsoleAuditLogConnection:
    """One page of the vendor's own log, newest first."""
    page = await _page(reader, CATALOG_LOG, cursors, field)
    nodes = [console_entry_of(row, operators) for row in page.rows]
    total = await _total(reader, CATALOG_LOG, field)
    return connection(ConsoleAuditLogConnection, cursors, page, nodes, _key, total)


async def audit_entries_by_id(loading: Loading, ids: Sequence[UUID]) -> dict[UUID, AuditEntry]:
    """The entries of these ids; none for who may not read them."""
    if not loading.sees_accounts:
        return {}
    rows = await loading.reader.rows(select(AUDIT_LOG).where(AUDIT_LOG.c.id.in_(set(ids))))
    entries = await _entries(loading, rows)
    return {row.id: entry for row, entry in zip(rows, entries, strict=True)}


def console_entry_of(row: Row[Any], operators: Sequence[Operator]) -> ConsoleAuditEntry:
    actor: Any = None
    if row.actor_kind == ActorKind.SYSTEM:
        actor = PORTAL
    elif row.actor_id is not None:
        key = encode_id("Operator", row.actor_id)
        actor = next((each for each in operators if each.id == key), None)
    return ConsoleAuditEntry(
        id=strawberry.ID(encode_id("ConsoleAuditEntry", row.id)), actor=actor, **_columns(row)
    )


async def _entries(loading: Loading, rows: Sequence[Row[Any]]) -> list[AuditEntry]:
    """Names are read now and not kept: who is erased has none any more."""
    actors: dict[UUID, Any] = dict(await agents_by_id(loading.reader, actor_ids(rows, ActorKind.AGENT)))
    actors |= await accounts_by_id(loading, actor_ids(rows, ActorKind.ACCOUNT))
    return [
        AuditEntry(
            id=strawberry.ID(encode_id("AuditEntry", row.id)),
            actor=PORTAL if row.actor_kind == ActorKind.SYSTEM else actors.get(row.actor_id),
            **_columns(row),
        )
        for row in rows
    ]


def _columns(row: Row[Any]) -> dict[str, Any]:
    subject = row.subject_id is not None and row.subject_type is not None
    return {
        "at": row.at,
        "event": row.event,
        "actor_kind": ActorKind(row.actor_kind),
        "subject_type": row.subject_type,
        "subject_id": strawberry.ID(encode_id(row.subject_type, row.subject_id)) if subject else None,
        "detail": _json(row.detail),
        "before": _json(row.before),
        "after": _json(row.after),
        "address": row.address,
        "request_id": row.request_id,
        "sequence": row.sequence,
        "seal": row.seal,
        "sealed_at": row.sealed_at,
    }


def _json(value: Mapping[str, Any] | None) -> Any:
    return None if value is None else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _key(row: Row[Any]) -> tuple[Any, ...]:
    return row.at, row.id


async def _page(reader: Reader, log: Table, cursors: Cursors, field: Selected) -> PageRows:
    given = {name: field.arguments.get(name) for name in ("first", "after", "last", "before")}
    page = page_request(cursors, (datetime, UUID), **given)
    return await read_page(reader, _wanted(log, field), (log.c.at, log.c.id), page, descending=True)


async def _total(reader: Reader, log: Table, field: Selected) -> int | None:
    if not field.below.asks("totalCount"):
        return None
    return int(await reader.scalar(select(func.count()).select_from(_wanted(log, field).subquery())))


def _wanted(log: Table, field: Selected) -> Select[Any]:
    given: Mapping[str, Any] = field.arguments.get("filter") or {}
    statement = select(log)
    events = choices(given.get("event"), "event")
    if events:
        statement = statement.where(log.c.event.in_([name for name in events if _EVENT.fullmatch(name)]))
    for name, column in (("actorId", log.c.actor_id), ("subjectId", log.c.subject_id)):
        text = given.get(name)
        if text is not None:
            decoded = decode_id(text)
            # What is no id is nobody's: no entry is about it, as of any other id that is not of here.
            statement = statement.where(column == (decoded[1] if decoded else UUID(int=0)))
    since, until = instant(given.get("from"), "from"), instant(given.get("until"), "until")
    if since is not None:
        statement = statement.where(log.c.at >= since)
    return statement if until is None else statement.where(log.c.at < until)
