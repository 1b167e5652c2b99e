"""A small application around the view: a schema, a context that is counted, and a client."""

import enum
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import strawberry
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from api.documents import DocumentGuard
from api.graphiql import graphiql_assets
from api.guarded_schema import GuardedSchema
from api.headers import SecurityHeaders, request_id_of
from api.http_errors import NotFound, RateLimited, ServiceUnavailable
from api.limits import HttpLimits
from api.view import PortalView

GRAPHQL_RESPONSE = "application/graphql-response+json"
SECRET = "hunter2 at /srv/tenant.db"


@dataclass
class Context:
    request_id: str
    may_introspect: bool
    response_headers: dict[str, str] = field(default_factory=dict)


@strawberry.enum
class Level(enum.Enum):
    HIGH = "HIGH"
    LOW = "LOW"


@strawberry.type
class Ticket:
    number: str

    @strawberry.field
    def comments(self, first: int | None = None, last: int | None = None) -> "TicketConnection":
        return TicketConnection(nodes=[Ticket(number="T-2")] * ((first or last or 0) + 1))

    @strawberry.field
    def owner(self) -> str:
        raise RuntimeError(SECRET)


@strawberry.type
class TicketConnection:
    nodes: list[Ticket]


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "you", size: int = 1) -> str | None:
        return f"hello {name}" * size

    @strawberry.field
    def level(self, level: Level) -> str | None:
        return level.value

    @strawberry.field
    def tickets(
        self, info: strawberry.Info[Context], first: int | None = None, last: int | None = None
    ) -> TicketConnection | None:
        info.context.response_headers["X-Tickets"] = "1"
        return TicketConnection(nodes=[Ticket(number="T-1")] * (first or last or 1))

    @strawberry.field
    def nodes(self, ids: list[strawberry.ID]) -> list[Ticket] | None:
        return [Ticket(number=id) for id in ids]

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError(SECRET)

    @strawberry.field
    def broken_for_good(self) -> str:
        raise RuntimeError(SECRET)

    @strawberry.field
    def missing(self) -> str | None:
        raise NotFound

    @strawberry.field
    def throttled(self) -> str | None:
        raise RateLimited(retry_after=30)

    @strawberry.field
    def busy(self) -> str | None:
        raise ServiceUnavailable(retry_after=5)

    @strawberry.field
    def unspeakable(self) -> strawberry.scalars.JSON | None:
        return strawberry.scalars.JSON({"object": object()})


@strawberry.type
class Mutation:
    @strawberry.mutation
    def sign_in(self) -> str | None:
        return "challenge"

    @strawberry.mutation
    def register(self, fails: bool = False) -> Ticket:
        if fails:
            raise ServiceUnavailable(retry_after=5)
        return Ticket(number="T-3")

    @strawberry.mutation
    def nothing(self) -> str | None:
        return None

    @strawberry.mutation
    def busy(self) -> str | None:
        raise ServiceUnavailable(retry_after=5)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncIterator[int]:
        for number in range(to):
            yield number
        if to > 2:
            raise RuntimeError(SECRET)


@dataclass
class Portal:
    """Counts the contexts that were opened and closed."""

    client: TestClient = field(init=False)
    limits: HttpLimits = field(default_factory=HttpLimits)
    introspection: bool = True
    graphiql: bool = True
    subscriptions: bool = False
    origins: tuple[str, ...] = ()
    refusal: Exception | None = None
    opened: int = 0
    closed: int = 0

    def __post_init__(self) -> None:
        self.client = TestClient(self.application())

    def application(self) -> ASGIApp:
        guard = DocumentGuard(self.limits, introspection=lambda context: context.may_introspect)
        schema = GuardedSchema(
            Query, guard=guard, mutation=Mutation, subscription=Subscription if self.subscriptions else None
        )
        view: PortalView[Context] = PortalView(
            schema,
            open_context=self._open,
            close_context=self._close,
            graphiql=self.graphiql,
            allowed_origins=self.origins,
        )
        routes = [Route("/graphql", view), WebSocketRoute("/graphql", view), graphiql_assets()]
        return SecurityHeaders(Starlette(routes=routes))

    async def _open(self, connection: HTTPConnection) -> Context:
        if self.refusal:
            raise self.refusal
        self.opened += 1
        return Context(request_id_of(connection.scope), self.introspection)

    async def _close(self, context: Context) -> None:
        assert context.request_id
        self.closed += 1

    def post(
        self, query: object, *, accept: str | None = GRAPHQL_RESPONSE, **parameters: object
    ) -> httpx2.Response:
        return self.send({"query": query, **parameters}, accept=accept)

    def send(self, body: object, *, accept: str | None = GRAPHQL_RESPONSE) -> httpx2.Response:
        return self.raw(json.dumps(body).encode(), accept=accept or "")

    def raw(self, content: bytes, **headers: str) -> httpx2.Response:
        sent = {"content-type": "application/json", "accept": GRAPHQL_RESPONSE}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post("/graphql", content=content, headers=sent)


def only_error(response: httpx2.Response) -> Mapping[str, Any]:
    """Take the single error of an answer without `data`, which carries the request's id."""
    body = response.json()
    assert "data" not in body
    (error,) = body["errors"]
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    assert isinstance(error, dict)
    return error


def refused(response: httpx2.Response, status: int, code: str) -> str:
    """Expect this status and code; gives the message."""
    error = only_error(response)
    assert (response.status_code, error["extensions"]["code"]) == (status, code)
    return str(error["message"])
