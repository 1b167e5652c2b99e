"""Expected failures -> typed errors of a payload, in the viewer's language. The one place where that happens."""

from enum import Enum
from typing import Any

import strawberry

import auth.errors as signing_in
import sla.errors as agreement
from api.access import Access, holds
from api.policies import Clause, clause_of
from api.texts import text_of
from sla.vocabulary import Locale, say
from tenants.refusals import Refusal

EXPECTED: tuple[type[Exception], ...] = (
    Refusal,
    agreement.Refused,
    signing_in.SignInFailed,
    signing_in.MfaFailed,
    signing_in.EnrollmentRefused,
    signing_in.StepUpRequired,
    signing_in.CurrentPasswordWrong,
    signing_in.TooManyTries,
    signing_in.LinkInvalid,
    signing_in.EmailUnusable,
    signing_in.EmailTaken,
    signing_in.InvitationInvalid,
    signing_in.RefreshFailed,
    signing_in.WeakPassword,
)


@strawberry.enum
class ErrorCode(Enum):
    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    FORBIDDEN_BY_CONTRACT = "FORBIDDEN_BY_CONTRACT"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    NOT_SUPPORTED_BY_TIER = "NOT_SUPPORTED_BY_TIER"
    CHANNEL_NOT_COVERED = "CHANNEL_NOT_COVERED"
    CONTACT_LIMIT_REACHED = "CONTACT_LIMIT_REACHED"
    ILLEGAL_TRANSITION = "ILLEGAL_TRANSITION"
    NOT_CONFIRMED = "NOT_CONFIRMED"
    QUOTE_EXPIRED = "QUOTE_EXPIRED"
    INSUFFICIENT_HOURS = "INSUFFICIENT_HOURS"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    RATE_LIMITED = "RATE_LIMITED"
    WEAK_PASSWORD = "WEAK_PASSWORD"  # noqa: S105  # the name of an error
    SIGN_IN_FAILED = "SIGN_IN_FAILED"
    MFA_FAILED = "MFA_FAILED"
    STEP_UP_REQUIRED = "STEP_UP_REQUIRED"
    READ_ONLY = "READ_ONLY"


SIGN_IN_CODES: dict[type[Exception], ErrorCode] = {
    signing_in.SignInFailed: ErrorCode.SIGN_IN_FAILED,
    signing_in.MfaFailed: ErrorCode.MFA_FAILED,
    signing_in.EnrollmentRefused: ErrorCode.MFA_FAILED,
    signing_in.StepUpRequired: ErrorCode.STEP_UP_REQUIRED,
    signing_in.CurrentPasswordWrong: ErrorCode.INVALID,
    signing_in.TooManyTries: ErrorCode.RATE_LIMITED,
    signing_in.LinkInvalid: ErrorCode.NOT_FOUND,
    signing_in.EmailUnusable: ErrorCode.INVALID,
    signing_in.EmailTaken: ErrorCode.CONFLICT,
    signing_in.InvitationInvalid: ErrorCode.NOT_FOUND,
    signing_in.RefreshFailed: ErrorCode.SIGN_IN_FAILED,
    signing_in.RefreshReused: ErrorCode.SIGN_IN_FAILED,
    signing_in.WeakPassword: ErrorCode.WEAK_PASSWORD,
}
PATHS: dict[type[Exception], list[str]] = {
    signing_in.CurrentPasswordWrong: ["currentPassword"],
    signing_in.EmailUnusable: ["newEmail"],
}


@strawberry.interface
class UserError:
    code: ErrorCode
    message: str
    path: list[str] | None


@holds(Access.ANYONE)
@strawberry.type
class PlainError(UserError):
    pass


@holds(Access.ANYONE)
@strawberry.type(description="Refused by the agreement: the clause says why.")
class ContractError(UserError):
    clause: Clause | None


@holds(Access.ANYONE)
@strawberry.type
class LimitError(UserError):
    limit: int
    clause: Clause | None = strawberry.field(
        default=None, description="The clause that names the limit, if one does."
    )


def user_error(error: Exception, locale: Locale) -> UserError:
    """The typed error for one expected failure."""
    if isinstance(error, agreement.Refused):
        return ContractError(
            code=ErrorCode[error.code],
            message=say(error.texts, locale),
            path=list(error.path) or None,
            clause=clause_of(error.clause, locale) if error.clause else None,
        )
    if isinstance(error, Refusal):
        return _refusal(error, locale)
    code = SIGN_IN_CODES[type(error)]
    values = {"limit": getattr(error, "limit", None), "flaw": getattr(error, "flaw", "")}
    name = f"{type(error).__name__}.{values['flaw']}" if values["flaw"] else type(error).__name__
    return PlainError(code=code, message=text_of(name, locale, values), path=PATHS.get(type(error)))


def _refusal(error: Refusal, locale: Locale) -> UserError:
    values: dict[str, Any] = {**error.values, "limit": error.limit, "path": error.path}
    message = text_of(type(error).__name__, locale, values)
    code = ErrorCode[error.code]
    path = error.path.split(".") if error.path else None
    clause = clause_of(error.clause, locale) if error.clause else None
    if error.limit is not None:
        return LimitError(code=code, message=message, path=path, limit=error.limit, clause=clause)
    if clause:
        return ContractError(code=code, message=message, path=path, clause=clause)
    return PlainError(code=code, message=message, path=path)
