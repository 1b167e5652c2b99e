"""GraphQL over HTTP and WebSocket as the specifications have them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_operation_ast,
    parse,
)
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from api.error_format import MASKED_MESSAGE, error_body, log_masked, public_errors, root_cause
from api.graphiql import GraphiqlPage
from api.guarded_schema import GuardedSchema, RequestContext
from api.headers import request_id_of
from api.http_errors import BudgetSpent, RequestRefused, ServiceUnavailable
from api.negotiation import JSON, ResponseType, accepts_html, is_utf8_json, response_type
from api.request_body import GraphQLParameters, parameters, read_body

ContextT = TypeVar("ContextT", bound=RequestContext)

OVER_POST = (OperationType.QUERY, OperationType.MUTATION)


class PortalView(GraphQL[ContextT, None]):
    """One endpoint. Bodies are read under `schema.guard.limits`; GET shows GraphiQL or is refused.

    `open_context` may raise RequestRefused and ServiceUnavailable; what it opened is always closed.
    """

    schema: GuardedSchema

    def __init__(
        self,
        schema: GuardedSchema,
        *,
        open_context: Callable[[HTTPConnection], Awaitable[ContextT]],
        close_context: Callable[[ContextT], Awaitable[None]],
        graphiql: bool,
        mails: bool = False,
        allowed_origins: tuple[str, ...] = (),
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            allowed_origins=allowed_origins,
        )
        self._open_context = open_context
        self._close_context = close_context
        self._graphiql = GraphiqlPage(mails=mails) if graphiql else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._serve_socket(WebSocket(scope, receive, send))
            return
        response = await self._respond(Request(scope, receive))
        await response(scope, receive, send)

    def encode_json(self, data: object) -> str:
        """Text, not bytes: bytes would become binary frames, which clients refuse."""
        return orjson.dumps(data).decode()

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)

    async def _serve_socket(self, socket: WebSocket) -> None:
        if self.schema.subscription is None:
            await self.reject_websocket(socket)
            return
        try:
            context = await self._open_context(socket)
        except RequestRefused:
            await self.reject_websocket(socket)
            return
        try:
            await self.run(socket, context)
        finally:
            await self._close_context(context)

    async def _respond(self, request: Request) -> Response:
        request_id = request_id_of(request.scope)
        accept = ", ".join(request.headers.getlist("accept")) or None
        if request.method == "GET" and self._graphiql and accepts_html(accept):
            return self._graphiql.response()
        media_type = response_type(accept)
        try:
            return await self._answer(request, media_type, request_id)
        except RequestRefused as refusal:
            body = error_body(refusal.message, refusal.code, request_id, **refusal.details)
            return _response(body, media_type or JSON, refusal.status, refusal.headers, refusal.cookies)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        except Exception as error:  # noqa: BLE001 - the last place where anything can be masked
            log_masked(error, request_id)
            body = error_body(MASKED_MESSAGE, "INTERNAL_SERVER_ERROR", request_id)
            return _response(body, media_type or JSON, 500)

    async def _answer(self, request: Request, media_type: ResponseType | None, request_id: str) -> Response:
        if request.method != "POST":
            raise RequestRefused(405, "BAD_USER_INPUT", "Only POST is accepted.", {"Allow": "POST"})
        if media_type is None:
            raise RequestRefused(406, "BAD_USER_INPUT", "Answers are JSON: see the Accept header.")
        encoding = request.headers.get("content-encoding", "identity").strip().lower()
        if not is_utf8_json(request.headers.get("content-type")) or encoding != "identity":
            message = "Send application/json in UTF-8, not compressed."
            raise RequestRefused(415, "BAD_USER_INPUT", message, {"Accept": JSON})
        asked = parameters(await read_body(request, self.schema.guard.limits.body_bytes))
        context = await self._open_context(request)
        try:
            result = await self._execute(asked, context)
            _refuse_if_busy(result, asked)
            _refuse_if_spent(result)
            return self._result(result, context, media_type, request_id)
        finally:
            await self._close_context(context)

    async def _execute(self, asked: GraphQLParameters, context: ContextT) -> ExecutionResult:
        try:
            return await self.schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=context,
                operation_name=asked.operation_name,
                allowed_operation_types=OVER_POST,
                operation_extensions=asked.extensions,
            )
        except (CannotGetOperationTypeError, InvalidOperationTypeError) as error:
            refused = GraphQLError(str(error), original_error=error)
            return PreExecutionError(data=None, errors=[refused])

    def _result(
        self, result: ExecutionResult, context: ContextT, media_type: ResponseType, request_id: str
    ) -> Response:
        headers: Mapping[str, str] = getattr(context, "response_headers", {})
        cookies: Sequence[str] = getattr(context, "response_cookies", ())
        if not result.errors:
            return _response({"data": result.data}, media_type, 200, headers, cookies)
        errors = public_errors(result, request_id, suggestions=self.schema.guard.introspection(context))
        if not _is_request_error(result):
            return _response({"errors": errors, "data": result.data}, media_type, 200, headers, cookies)
        status = 200 if media_type == JSON else 400
        if errors[0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR":
            status = 500
        return _response({"errors": errors}, media_type, status, headers)


def _is_request_error(result: ExecutionResult) -> bool:
    """No field ran: nothing was executed, or its variables could not be coerced."""
    if isinstance(result, PreExecutionError):
        return True
    return result.data is None and not any(error.path for error in result.errors or ())


def _refuse_if_busy(result: ExecutionResult, asked: GraphQLParameters) -> None:
    """Raise the ServiceUnavailable of a resolver, unless another root field has a result to show or may have one.

    A mutation that failed wipes the results of those before it, which are committed all the same: only the
    first one's failure speaks for the whole request.
    """
    if any(value is not None for value in (result.data or {}).values()):
        return
    for error in result.errors or ():
        cause = root_cause(error)
        if isinstance(cause, ServiceUnavailable) and _nothing_ran_before(error, asked):
            raise cause


def _refuse_if_spent(result: ExecutionResult) -> None:
    """Raise 429 where the client's points did not suffice: nothing of the document ran."""
    for error in result.errors or ():
        cause = root_cause(error)
        if isinstance(cause, BudgetSpent):
            headers = {**cause.headers, "Retry-After": str(cause.retry_after)}
            details = {"retryAfter": cause.retry_after}
            raise RequestRefused(429, cause.code, cause.message, headers, details)


def _nothing_ran_before(error: GraphQLError, asked: GraphQLParameters) -> bool:
    """Whether the error is of a query, or of the first root field of a mutation."""
    document = parse(asked.query or "")  # again, but rarely: its limits were checked before it ran
    operation = get_operation_ast(document, asked.operation_name)
    if operation is None or operation.operation.value != OperationType.MUTATION.value:
        return True
    first = _first_field(operation.selection_set, _fragments(document))
    return list(error.nodes or ())[:1] == [first]


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    found = document.definitions
    return {node.name.value: node for node in found if isinstance(node, FragmentDefinitionNode)}


def _first_field(
    below: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> FieldNode | None:
    """The field that runs before all others; None where a directive may leave it out."""
    node = next((node for node in below.selections if not _is_type_name(node)), None)
    if node is None or node.directives:
        return None
    if isinstance(node, FieldNode):
        return node
    if isinstance(node, InlineFragmentNode):
        return _first_field(node.selection_set, fragments)
    spread = cast("FragmentSpreadNode", node)
    return _first_field(fragments[spread.name.value].selection_set, fragments)


def _is_type_name(node: SelectionNode) -> bool:
    return isinstance(node, FieldNode) and node.name.value == "__typename"


def _response(
    body: Mapping[str, Any],
    media_type: ResponseType,
    status: int,
    headers: Mapping[str, str] | None = None,
    cookies: Sequence[str] = (),
) -> Response:
    response = Response(orjson.dumps(body), status, headers, f"{media_type}; charset=utf-8")
    for line in cookies:
        response.headers.append("set-cookie", line)
    return response
