"""What can go wrong while finding out who is calling."""

from __future__ import annotations

from enum import StrEnum


class AuthError(Exception):
    """The base of every error of this package."""


class SignInFailed(AuthError):
    """The sign-in is refused; why is on the audit log and never in the answer."""


class MfaFailed(AuthError):
    """The second factor is refused: wrong, used, expired or out of tries, always with this one answer."""


class EnrollmentRefused(AuthError):
    """The challenge may not enrol: a factor exists already, and that one must be shown."""


class StepUpRequired(AuthError):
    """The session's last factor is older than ten minutes: `step_up` shows it again."""


class CurrentPasswordWrong(AuthError):
    """The current password does not fit, or was changed by another call meanwhile."""


class TooManyTries(AuthError):
    """Somebody who is signed in has tried this too often for now."""


class LinkInvalid(AuthError):
    """The mailed link does not exist, was used, is too old, or is of a person who may not come in."""


class EmailUnusable(AuthError):
    """The text is no e-mail address, or the one that the person has already."""


class EmailTaken(AuthError):
    """Somebody else on this plane signs in by that address; told only to who holds it."""


class InvitationInvalid(AuthError):
    """The invitation does not exist, was used, was withdrawn or is too old."""


class RefreshFailed(AuthError):
    """The refresh token is unknown, or its session has ended."""


class RefreshReused(RefreshFailed):
    """The refresh token was used before; its whole family has been ended (RFC 9700, 4.14)."""


class SessionEnded(AuthError):
    """The session of an otherwise good token has ended, or its holder may no longer come in."""


class TokenInvalid(AuthError):
    """The access token is malformed, not ours, for another audience, or not signed by a key of ours."""


class TokenExpired(TokenInvalid):
    """The access token was good, and its ten minutes are over."""


class PasswordFlaw(StrEnum):
    """Why a password is refused (NIST SP 800-63B-4, 3.1.1.2)."""

    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    NOT_TEXT = "NOT_TEXT"
    COMMON = "COMMON"
    NAMES = "NAMES"


class WeakPassword(AuthError):
    """The password is refused; `flaw` says why, `limit` the length where it is about length."""

    def __init__(self, flaw: PasswordFlaw, limit: int | None = None) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw
        self.limit = limit


class HasherBusy(AuthError):
    """More passwords wait to be hashed than the queue holds; come back in `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"the password queue is full, retry after {retry_after} s")
        self.retry_after = retry_after


class KeysFileExists(AuthError):
    """A keys file is there already; it is never overwritten, for that would lose every sealed field."""


class KeysFileMissing(AuthError):
    """There is no keys file, and nothing may start without one."""


class KeysFileExposed(AuthError):
    """The keys file may be read by others than its owner; its mode must be 0600."""


class KeysFileInvalid(AuthError):
    """The keys file is not what `KeyRing.create` writes."""


class KeyNotYetInUse(AuthError):
    """A signing key is published already and waits for its moment; another one would have to wait behind it."""


class SealBroken(AuthError):
    """A sealed value was changed, moved to another row, or sealed by a key that is not on the ring."""
