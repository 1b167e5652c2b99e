"""Relay connections over keyset pages, with cursors that nobody can make up."""

import base64
import binascii
import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
import strawberry

from api.access import Access, declare, holds
from auth.keys import KeyRing
from tenants.pages import PageRequest, PageRows
from tenants.refusals import Refusal

DEFAULT_PAGE = 20
LARGEST_PAGE = 100
_MAC_BYTES = 12

NodeType = TypeVar("NodeType")
Made = TypeVar("Made", bound="Connection[Any]")


class BadPage(Refusal):
    """`first`, `last`, `after` or `before` cannot be carried out."""

    code = "INVALID"


@holds(Access.ANYONE)
@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[NodeType]):
    cursor: str
    node: NodeType


@strawberry.type
class Connection(Generic[NodeType]):
    edges: list[Edge[NodeType]]
    nodes: list[NodeType]
    page_info: PageInfo
    total_count: int | None = strawberry.field(description="Counted only when asked for.")


def declare_list(node: str, access: Access, connection_name: str | None = None) -> None:
    """Declares who can hold a page of these nodes, and an edge of it."""
    declare(connection_name or f"{node}Connection", access)
    declare(f"{node}Edge", access)


@dataclass(frozen=True, slots=True)
class Cursors:
    """Cursors of one list in one tenant: key values with a MAC, so that only our own are read."""

    keys: KeyRing
    topic: str

    def write(self, key: tuple[Any, ...]) -> str:
        body = orjson.dumps([_plain(value) for value in key])
        return base64.urlsafe_b64encode(self._mac(body) + body).rstrip(b"=").decode()

    def read(self, cursor: str, kinds: tuple[type, ...], path: str) -> tuple[Any, ...]:
        """The key values. Raises `BadPage` for a cursor of another list, order or tenant."""
        try:
            raw = base64.urlsafe_b64decode(cursor[:1000] + "=" * (-len(cursor[:1000]) % 4))
            mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
            if not hmac.compare_digest(mac, self._mac(body)):
                raise BadPage(path=path, limit=LARGEST_PAGE)
            return tuple(_typed(value, kind) for value, kind in zip(orjson.loads(body), kinds, strict=True))
        except (binascii.Error, ValueError) as error:
            raise BadPage(path=path, limit=LARGEST_PAGE) from error

    def _mac(self, body: bytes) -> bytes:
        return self.keys.mac(self.topic.encode() + b"\x00" + body)[:_MAC_BYTES]


def page_request(
    cursors: Cursors,
    kinds: tuple[type, ...],
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> PageRequest:
    """The page that Relay's arguments ask for; what was not given is None or UNSET. Raises `BadPage`."""
    first, last = _given(first), _given(last)
    if first is not None and last is not None:
        raise BadPage(path="last", limit=LARGEST_PAGE)
    size = first if first is not None else last if last is not None else DEFAULT_PAGE
    if not 0 < size <= LARGEST_PAGE:
        raise BadPage(path="first" if first is not None else "last", limit=LARGEST_PAGE)
    return PageRequest(
        size=size,
        after=cursors.read(after, kinds, "after") if isinstance(after, str) else None,
        before=cursors.read(before, kinds, "before") if isinstance(before, str) else None,
        backwards=last is not None,
    )


def _given(number: int | None) -> int | None:
    return number if isinstance(number, int) else None


def connection(
    kind: type[Made],
    cursors: Cursors,
    page: PageRows,
    nodes: list[Any],
    key: Callable[[Any], tuple[Any, ...]],
    total: int | None,
) -> Made:
    """The connection of a page whose rows became `nodes`, in the same order."""

    def cursor(row: Any) -> str:
        return cursors.write(key(row))

    edges: Any = _Edges(cursor, page.rows, nodes)
    return kind(
        edges=edges,
        nodes=nodes,
        page_info=PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=cursor(page.rows[0]) if page.rows else None,
            end_cursor=cursor(page.rows[-1]) if page.rows else None,
        ),
        total_count=total,
    )


@dataclass(frozen=True, slots=True)
class _Edges:
    """Made when asked for: each cursor costs a MAC, and lists are mostly read by their nodes."""

    cursor: Callable[[Any], str]
    rows: Sequence[Any]
    nodes: list[Any]

    def __iter__(self) -> Iterator[Edge[Any]]:
        for row, node in zip(self.rows, self.nodes, strict=True):
            yield Edge(cursor=self.cursor(row), node=node)


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return int((value - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000 + 0.5)
    return value


def _typed(value: Any, kind: type) -> object:
    if kind is UUID:
        return UUID(hex=value)
    if kind is datetime:
        return datetime.fromtimestamp(value // 1_000_000, UTC).replace(microsecond=value % 1_000_000)
    if type(value) is not kind:
        raise ValueError("kind")
    return value
