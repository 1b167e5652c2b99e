"""Signing in: a password gives a challenge, a second factor answers it, and only then there is a session.

The order of the checks is the protection: a try is counted before anything is compared, and whoever fails,
for whatever reason, has cost the same work and gets the same answer (OWASP ASVS 5.0, 6.3.8).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from auth.emails import fold_email, is_email
from auth.errors import HasherBusy, MfaFailed, SignInFailed
from auth.events import AuthEvent
from auth.opaque import new_token, token_hash
from auth.plane import ChallengeIssued
from auth.recovery import code_hash
from auth.sessions import open_session
from auth.store import Challenge, ChallengePurpose, Credential, MfaMethod, NewChallenge, factor_seal
from auth.throttle import factor_key, sign_in_attempt
from auth.totp import accept

if TYPE_CHECKING:
    from datetime import datetime

    from auth.plane import Plane, SessionIssued


async def sign_in(plane: Plane, email: str, password: str, now: datetime) -> ChallengeIssued:
    """A challenge for the second factor. SignInFailed whatever is wrong; HasherBusy under a storm."""
    credential, known = await _shown(plane, email, password, now)
    issued = await _challenge(plane, credential, known, now)
    if plane.hasher.needs_rehash(known):
        with suppress(HasherBusy):  # another sign-in will do it
            renewed = await plane.hasher.hash(password)
            await plane.store.replace_password_hash(credential.subject_id, known, renewed)
    return issued


async def refuse_sign_in(plane: Plane, email: str, password: str, now: datetime) -> None:
    """The answer where there is nobody to sign in to (unknown or suspended tenant), for the same work.

    `plane` is the vendor's: what is tried nowhere is counted and noted there, apart from its own people.
    """
    await _shown(plane, email, password, now, nowhere=True)


async def _shown(
    plane: Plane, email: str, password: str, now: datetime, *, nowhere: bool = False
) -> tuple[Credential, str]:
    """Whose password it is, and its hash. SignInFailed after the same work, whether or not the try was let through.

    HasherBusy costs no try: nothing was compared.
    """
    folded = fold_email(email)
    elsewhere = nowhere or not plane.admitted  # from there nobody's own counts are filled
    attempt = sign_in_attempt(folded, plane.address, plane.rules, nowhere=elsewhere)
    counted = await plane.store.admit_attempt(attempt, now)
    admitted = bool(counted)
    # What cannot be an address is nobody's; databases refuse some of it (NUL), so it is not looked for.
    credential = await plane.store.credential(folded if is_email(folded) and not nowhere else "")
    known = credential.password_hash if credential else None
    try:
        fits = await plane.hasher.verify(password, known, for_show=not admitted)
    except HasherBusy:
        await plane.store.take_back(counted)
        raise
    refused = not admitted or not plane.admitted
    if refused or credential is None or known is None or not credential.active or not fits:
        event = AuthEvent.LOGIN_FAIL if admitted else AuthEvent.LOGIN_LOCK
        detail = {"factor": "PASSWORD"} if admitted else {"reason": "THROTTLED"}
        detail |= {} if plane.admitted else {"reason": "NETWORK"}
        await plane.store.note(event, credential.subject_id if credential else None, detail, now)
        raise SignInFailed
    return credential, known


async def verify_mfa(
    plane: Plane, challenge_token: str, method: MfaMethod, code: str, now: datetime
) -> SessionIssued:
    """A session for a challenge and a code. MfaFailed when either is wrong, used, or too old."""
    challenge = await plane.store.challenge(token_hash(challenge_token), now)
    if challenge is None or challenge.purpose is not ChallengePurpose.SIGN_IN:
        raise MfaFailed
    await require_try(plane, challenge, now)
    if method is MfaMethod.TOTP:
        good = await _totp_used(plane, challenge, code, now)
    elif method is MfaMethod.RECOVERY_CODE:
        hashed = code_hash(challenge.person.id, code)
        good = hashed is not None and await plane.store.use_recovery_code(challenge, hashed, now)
    else:
        good = False
    if not good:
        await plane.store.note(AuthEvent.MFA_FAIL, challenge.person.id, {"factor": method.value}, now)
        raise MfaFailed
    return await open_session(plane, challenge.person, method, now, challenge.password_hash)


async def require_try(plane: Plane, challenge: Challenge, now: datetime) -> None:
    """Counts one try of a challenge, before the code is looked at. MfaFailed when there are none left.

    Only who knows the password gets here, so this throttle shuts nobody out on a stranger's account.
    """
    within = await plane.store.admit((factor_key(challenge.person.id, plane.rules),), now)
    if not within or not await plane.store.count_try(challenge.id, plane.rules.challenge_tries, now):
        await plane.store.note(AuthEvent.LOGIN_LOCK, challenge.person.id, {"reason": "TRIES"}, now)
        raise MfaFailed


def fresh_challenge(
    plane: Plane, purpose: ChallengePurpose, now: datetime, password_hash: str | None = None
) -> tuple[str, NewChallenge]:
    """A token, and what is kept of it. With `password_hash` it is opened only while that is the person's."""
    token = new_token()
    return token, NewChallenge(token_hash(token), purpose, now + plane.rules.challenge, password_hash)


async def _challenge(plane: Plane, credential: Credential, known: str, now: datetime) -> ChallengeIssued:
    """SignInFailed when the password was changed while the one that was shown was being compared."""
    purpose = ChallengePurpose.SIGN_IN if credential.methods else ChallengePurpose.ENROLLMENT
    token, challenge = fresh_challenge(plane, purpose, now, known)
    if not await plane.store.open_challenge(credential.subject_id, challenge, now):
        raise SignInFailed
    return ChallengeIssued(token, credential.methods, challenge.expires_at, not credential.methods)


async def _totp_used(plane: Plane, challenge: Challenge, code: str, now: datetime) -> bool:
    factor = challenge.confirmed
    if factor is None:
        return False
    secret = plane.keys.decrypt(factor.sealed_secret, factor_seal(factor.id))
    step = accept(secret, code, now, factor.last_step)
    return step is not None and await plane.store.use_step(challenge, factor, step, now)
