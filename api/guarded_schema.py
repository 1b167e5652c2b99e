"""A Strawberry schema that runs checked documents only, over HTTP and over WebSocket alike."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from operator import attrgetter
from typing import Any, Protocol

import strawberry
from graphql import GraphQLError, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types import ExecutionContext
from strawberry.types.execution import ExecutionResult, PreExecutionError, StreamExecutionResult
from strawberry.types.field import StrawberryField
from strawberry.types.graphql import OperationType

from api.documents import CheckedDocument, DocumentGuard
from api.error_format import public_errors
from api.http_errors import DocumentRefused

Extension = type[SchemaExtension] | Callable[[], SchemaExtension]


class RequestContext(Protocol):
    """What a context must offer; `response_headers: dict[str, str]` and `response_cookies: list[str]` may be there."""

    @property
    def request_id(self) -> str: ...


class GuardedSchema(strawberry.Schema):
    """Takes what `strawberry.Schema` takes, and the guard."""

    def __init__(
        self, query: type, *, guard: DocumentGuard, extensions: Iterable[Extension] = (), **schema: Any
    ) -> None:
        super().__init__(query, extensions=[lambda: _DocumentCheck(guard), *extensions], **schema)
        self.guard = guard
        _read_plain_attributes(self._schema)

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Nothing: errors are logged where they are masked, and a client's mistakes are no log entries."""

    async def stream(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
    ) -> Any:
        """Results over a WebSocket. A refused document is told to the client instead of ending the stream."""
        try:
            self.guard.checked(
                self._schema, query or "", introspection=self.guard.introspection(context_value)
            )
        except GraphQLError as error:
            return _refused(error, context_value, self.guard)
        return await super().stream(
            query,
            variable_values,
            context_value,
            root_value,
            operation_name,
            operation_extensions,
            allowed_operation_types,
        )


def _read_plain_attributes(schema: GraphQLSchema) -> None:
    """Fields without a resolver read their attribute at once: three calls less for each value of an answer."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType):
            for field in kind.fields.values():
                definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
                if isinstance(definition, StrawberryField) and definition.is_basic_field:
                    field.resolve = _attribute(definition.python_name)


def _attribute(name: str) -> Callable[[Any, GraphQLResolveInfo[Any]], Any]:
    read = attrgetter(name)
    return lambda source, _info: read(source)


class _DocumentCheck(SchemaExtension):
    """Hooks of the operation only: a hook of fields would be called for each of them."""

    def __init__(self, guard: DocumentGuard) -> None:
        self._guard = guard
        self._checked: CheckedDocument

    def on_parse(self) -> None:  # type: ignore[override]  # strawberry runs plain functions as well
        context = self.execution_context
        self._guard.charge(context.context, 1)  # before it is parsed: refusing costs next to nothing
        self._checked = self._guard.checked(
            context.schema._schema,  # noqa: SLF001 - strawberry's own validation cache takes it there
            context.query or "",
            introspection=self._guard.introspection(context.context),
        )
        context.graphql_document = self._checked.document

    def on_validate(self) -> None:  # type: ignore[override]  # as above
        # Set, even to an empty list, it tells strawberry not to validate again.
        self.execution_context.pre_execution_errors = list(self._checked.errors) or self._refusals()

    def _refusals(self) -> list[GraphQLError]:
        context = self.execution_context
        # strawberry would take the first operation; GraphQL's GetOperation has it an error
        named = context._provided_operation_name is not None  # noqa: SLF001 - told nowhere else
        if not named and len(self._checked.costs) > 1:
            return [DocumentRefused("Name the operation to run: there are several.", "BAD_USER_INPUT")]
        cost = self._guard.cost_error(
            self._checked, context.operation_name, context.variables, context.context
        )
        return [cost] if cost else []

    def on_stream_result(self, result: StreamExecutionResult) -> None:  # type: ignore[override]  # as above
        """Code and mask what a WebSocket sends; over HTTP the view does it."""
        if isinstance(result, ExecutionResult) and result.errors:
            _publish(result, self.execution_context.context, self._guard)


def _publish(result: ExecutionResult, context: RequestContext, guard: DocumentGuard) -> None:
    shown = public_errors(result, context.request_id, suggestions=guard.introspection(context))
    result.errors = [
        GraphQLError(error["message"], path=error.get("path"), extensions=error["extensions"])
        for error in shown
    ]


async def _refused(
    error: GraphQLError, context: Any, guard: DocumentGuard
) -> AsyncGenerator[ExecutionResult, None]:
    result = PreExecutionError(data=None, errors=[error])
    _publish(result, context, guard)
    yield result
