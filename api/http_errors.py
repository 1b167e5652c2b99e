"""What a GraphQL error may say, and the refusals that end a request before or while it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from graphql import GraphQLError

ErrorCode = Literal[
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "BAD_USER_INPUT",
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "NOT_FOUND",
    "RATE_LIMITED",
    "COST_LIMIT_EXCEEDED",
    "MFA_REQUIRED",
    "INTERNAL_SERVER_ERROR",
]


class PortalError(Exception):
    """An error whose message and `extensions.code` are shown to the client as they are."""

    def __init__(self, message: str, code: ErrorCode, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code: ErrorCode = code
        self.details: Mapping[str, Any] = details or {}


class BadUserInput(PortalError):
    def __init__(self, message: str) -> None:
        super().__init__(message, "BAD_USER_INPUT")


class Unauthenticated(PortalError):
    def __init__(self, message: str = "Sign in first.") -> None:
        super().__init__(message, "UNAUTHENTICATED")


class Forbidden(PortalError):
    def __init__(self, message: str = "This is not permitted for you.") -> None:
        super().__init__(message, "FORBIDDEN")


class WorkReasonRequired(Forbidden):
    """The contract asks operators why they come, and this one has not told yet."""

    def __init__(self) -> None:
        super().__init__(
            "This customer's contract asks for a reason before anybody of the vendor works in its data. "
            "Call openWorkSession(input: { reason }) first."
        )
        self.details = {"workSession": "REASON_REQUIRED"}


class NotFound(PortalError):
    def __init__(self, message: str = "There is no such object.") -> None:
        super().__init__(message, "NOT_FOUND")


class RateLimited(PortalError):
    """`retry_after` in seconds, told as `extensions.retryAfter`."""

    def __init__(self, message: str = "Too many attempts.", retry_after: int | None = None) -> None:
        super().__init__(message, "RATE_LIMITED", {"retryAfter": retry_after} if retry_after else None)


class CostLimitExceeded(PortalError):
    def __init__(self, message: str) -> None:
        super().__init__(message, "COST_LIMIT_EXCEEDED")


class MfaRequired(PortalError):
    def __init__(self, message: str = "A second factor is required.") -> None:
        super().__init__(message, "MFA_REQUIRED")


class RequestRefused(PortalError):
    """Refuses the whole request: the answer has this HTTP status and no `data`. `cookies` are `Set-Cookie` lines."""

    def __init__(
        self,
        status: int,
        code: ErrorCode,
        message: str,
        headers: Mapping[str, str] | None = None,
        details: Mapping[str, Any] | None = None,
        cookies: Sequence[str] = (),
    ) -> None:
        super().__init__(message, code, details)
        self.status = status
        self.headers: Mapping[str, str] = headers or {}
        self.cookies = tuple(cookies)


class ServiceUnavailable(RequestRefused):
    """No capacity for this request now: 503 with `Retry-After` in seconds (RFC 9110, 10.2.3).

    From a resolver it becomes the answer of the whole request as long as no other root field has a result;
    of a mutation only when it comes from the first root field, since what follows one may be committed.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            503,
            "INTERNAL_SERVER_ERROR",
            "The service is busy. Please try again shortly.",
            {"Retry-After": str(retry_after)},
            {"retryAfter": retry_after},
        )


class DocumentRefused(GraphQLError):
    """A document that is not executed although GraphQL's own rules allow it."""

    def __init__(self, message: str, code: ErrorCode) -> None:
        super().__init__(message)
        self.code: ErrorCode = code


class LimitExceeded(DocumentRefused):
    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"The document exceeds the limit of {limit} {what}.", "COST_LIMIT_EXCEEDED")


class BudgetSpent(DocumentRefused):
    """The client has no points left: 429 with `Retry-After` in seconds, and nothing of the document ran."""

    def __init__(self, retry_after: int, headers: Mapping[str, str]) -> None:
        super().__init__("You have asked for too much in this minute.", "RATE_LIMITED")
        self.retry_after = retry_after
        self.headers = headers


class IntrospectionRefused(DocumentRefused):
    def __init__(self) -> None:
        super().__init__("Introspection is not available for this request.", "GRAPHQL_VALIDATION_FAILED")
