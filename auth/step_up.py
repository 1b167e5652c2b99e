"""Showing a second factor again in an open session, before something that takes a fresh one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth.errors import MfaFailed
from auth.events import AuthEvent
from auth.recovery import code_hash
from auth.store import MfaMethod, factor_seal
from auth.throttle import factor_key
from auth.totp import accept

if TYPE_CHECKING:
    from datetime import datetime

    from auth.plane import Plane
    from auth.principals import AccountPrincipal, OperatorPrincipal


@dataclass(frozen=True, slots=True)
class SteppedUp:
    """The token that is fresh until `fresh_until`, and good until `expires_at`."""

    access_token: str
    expires_at: datetime
    fresh_until: datetime


async def step_up(
    plane: Plane,
    principal: AccountPrincipal | OperatorPrincipal,
    method: MfaMethod,
    code: str,
    now: datetime,
) -> SteppedUp:
    """A new access token of the session, which is fresh. MfaFailed when the code is wrong, used, or tried too often.

    The tokens of before stay as they were: whoever has a copy of one has shown no factor (OWASP ASVS 5.0, 7.2.4).
    The tries are those of the person's second factor at sign-in, counted before the code is looked at; success
    wipes them. A code works once, whichever of the two it was shown for (OWASP ASVS 5.0, 6.5.1 and 7.5.3).
    """
    subject_id = principal.subject_id
    key = factor_key(subject_id, plane.rules)
    if not await plane.store.admit((key,), now):
        await plane.store.note(AuthEvent.LOGIN_LOCK, subject_id, {"reason": "TRIES"}, now)
        raise MfaFailed
    if method is MfaMethod.TOTP:
        good = await _step_shown(plane, principal, code, now)
    elif method is MfaMethod.RECOVERY_CODE:
        hashed = code_hash(subject_id, code)
        good = hashed is not None and await plane.store.show_recovery_code(
            principal.session_id, subject_id, hashed, (key,), now
        )
    else:
        good = False
    if not good:
        await plane.store.note(AuthEvent.MFA_FAIL, subject_id, {"factor": method.value}, now)
        raise MfaFailed
    access_token, expires_at = plane.tokens.issue(
        subject=subject_id, session_id=principal.session_id, audience=plane.audience, now=now
    )
    return SteppedUp(access_token, expires_at, now + plane.rules.fresh)


async def _step_shown(
    plane: Plane, principal: AccountPrincipal | OperatorPrincipal, code: str, now: datetime
) -> bool:
    subject_id = principal.subject_id
    factor = await plane.store.confirmed_factor(subject_id)
    if factor is None:
        return False
    secret = plane.keys.decrypt(factor.sealed_secret, factor_seal(factor.id))
    step = accept(secret, code, now, factor.last_step)
    clear = (factor_key(subject_id, plane.rules),)
    return step is not None and await plane.store.show_step(
        principal.session_id, subject_id, factor, step, clear, now
    )
