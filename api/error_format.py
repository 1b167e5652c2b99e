"""GraphQL errors as clients see them: coded, with the request's id, and without anything internal."""

from __future__ import annotations

import re
from typing import Any

import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError, StrawberryInputCoercionError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError

from api.http_errors import DocumentRefused, ErrorCode, PortalError

MASKED_MESSAGE = "Something went wrong on our side. Please try again; if it stays, tell us the request id."
MESSAGE_CHARACTERS = 1_000  # a refused value is told back, but not a body of it

_SUGGESTION = re.compile(r"\s*Did you mean .*\?", re.DOTALL)
_NO_SUCH_OPERATION = (CannotGetOperationTypeError, InvalidOperationTypeError, MissingQueryError)

_log = structlog.stdlib.get_logger(__name__)


def public_errors(result: ExecutionResult, request_id: str, *, suggestions: bool) -> list[dict[str, Any]]:
    """Show the errors of a result; what is masked is logged with its traceback and the request's id."""
    ran = not isinstance(result, PreExecutionError)
    return [_public(error, request_id, ran, suggestions) for error in result.errors or ()]


def error_body(message: str, code: ErrorCode, request_id: str, **details: Any) -> dict[str, Any]:
    """One error that stands for the whole request: there is no `data` beside it."""
    return {
        "errors": [{"message": message, "extensions": {"code": code, "requestId": request_id, **details}}]
    }


def log_masked(cause: BaseException, request_id: str, path: list[str | int] | None = None) -> None:
    _log.error("graphql.masked_error", request_id=request_id, path=path, exc_info=cause)


def root_cause(error: GraphQLError) -> Exception:
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _public(error: GraphQLError, request_id: str, ran: bool, suggestions: bool) -> dict[str, Any]:
    cause = root_cause(error)
    code = _code(error, cause, ran)
    details = dict(cause.details) if isinstance(cause, PortalError) else {}
    shown: dict[str, Any] = {"message": _message(error, cause, code, suggestions)}
    if error.locations:
        shown["locations"] = [location.formatted for location in error.locations]
    if error.path:
        shown["path"] = error.path
    shown["extensions"] = {"code": code, "requestId": request_id, **details}
    if code == "INTERNAL_SERVER_ERROR" and not isinstance(cause, PortalError):
        log_masked(cause, request_id, error.path)
    return shown


def _code(error: GraphQLError, cause: Exception, ran: bool) -> ErrorCode:
    if isinstance(cause, (PortalError, DocumentRefused)):
        return cause.code
    if isinstance(cause, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    if isinstance(cause, (*_NO_SUCH_OPERATION, StrawberryInputCoercionError)):
        return "BAD_USER_INPUT"
    if error.path:
        return "BAD_USER_INPUT" if _is_argument_error(cause) else "INTERNAL_SERVER_ERROR"
    if ran:  # a variable that cannot be coerced stands at its definition; a failure of ours nowhere
        return "BAD_USER_INPUT" if error.nodes else "INTERNAL_SERVER_ERROR"
    return "GRAPHQL_VALIDATION_FAILED" if isinstance(cause, GraphQLError) else "INTERNAL_SERVER_ERROR"


def _is_argument_error(cause: Exception) -> bool:
    """Tell an argument that only shows to be wrong while its field is being resolved."""
    return type(cause) is GraphQLError and cause.message.startswith("Argument '")


def _message(error: GraphQLError, cause: Exception, code: ErrorCode, suggestions: bool) -> str:
    if isinstance(cause, PortalError):
        return cause.message
    if isinstance(cause, CannotGetOperationTypeError):
        return cause.as_http_error_reason()
    if isinstance(cause, InvalidOperationTypeError):
        return cause.as_http_error_reason("POST")
    if code == "INTERNAL_SERVER_ERROR":
        return MASKED_MESSAGE
    message = error.message if suggestions else _SUGGESTION.sub("", error.message)
    return message[:MESSAGE_CHARACTERS]
