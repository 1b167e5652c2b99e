"""Becoming somebody: accepting an invitation, and having a second factor for the first time or a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth.errors import EnrollmentRefused, InvitationInvalid, MfaFailed
from auth.events import AuthEvent
from auth.opaque import token_hash
from auth.passwords import require_strong
from auth.plane import ChallengeIssued, Enrolled, Enrollment
from auth.recovery import code_hash, new_codes
from auth.sessions import open_session, require_fresh
from auth.sign_in import fresh_challenge, require_try
from auth.store import Challenge, ChallengePurpose, Factor, MfaMethod, Person, factor_seal
from auth.totp import accept, new_secret, provisioning_uri, qr_code_svg

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from auth.plane import Plane
    from auth.principals import AccountPrincipal, OperatorPrincipal


async def accept_invitation(plane: Plane, token: str, password: str, now: datetime) -> ChallengeIssued:
    """Sets the first password; what follows is enrolment with the challenge. InvitationInvalid, WeakPassword.

    A refused password does not use the invitation up, and nothing is hashed for a token that is none.
    """
    invitation = await plane.store.invitation(token_hash(token), now)
    if invitation is None:
        raise InvitationInvalid
    person = invitation.person
    require_strong(password, (*plane.names, *own_names(person)))
    password_hash = await plane.hasher.hash(password)
    challenge_token, challenge = fresh_challenge(plane, ChallengePurpose.ENROLLMENT, now)
    if not await plane.store.accept_invitation(invitation, password_hash, challenge, now):
        raise InvitationInvalid
    return ChallengeIssued(challenge_token, (), challenge.expires_at, enrollment_required=True)


async def enroll_totp(plane: Plane, challenge_token: str, now: datetime) -> Enrollment:
    """A first authenticator's secret. MfaFailed, or EnrollmentRefused where a factor exists."""
    challenge = await _enrollment_challenge(plane, challenge_token, now)
    return await _new_factor(plane, challenge.person, now)


async def confirm_totp(plane: Plane, challenge_token: str, code: str, now: datetime) -> Enrolled:
    """The session that a first code of the new authenticator gives, and the recovery codes. MfaFailed."""
    challenge = await _enrollment_challenge(plane, challenge_token, now)
    await require_try(plane, challenge, now)
    person = challenge.person
    codes = await _confirmed(plane, person.id, challenge.pending, code, challenge, None, now)
    session = await open_session(plane, person, MfaMethod.TOTP, now, challenge.password_hash)
    return Enrolled(codes, session)


async def enroll_totp_again(
    plane: Plane, principal: AccountPrincipal | OperatorPrincipal, now: datetime
) -> Enrollment:
    """A new authenticator's secret, from a session. StepUpRequired when its factor was shown too long ago."""
    require_fresh(principal, plane.rules.fresh, now)
    return await _new_factor(plane, Person(principal.subject_id, principal.email, principal.name), now)


async def confirm_totp_again(
    plane: Plane, principal: AccountPrincipal | OperatorPrincipal, code: str, now: datetime
) -> Enrolled:
    """Replaces authenticator and recovery codes, and ends the other sessions. MfaFailed, StepUpRequired."""
    require_fresh(principal, plane.rules.fresh, now)
    subject_id = principal.subject_id
    pending = await plane.store.pending_factor(subject_id)
    return Enrolled(await _confirmed(plane, subject_id, pending, code, None, principal.session_id, now), None)


async def renew_recovery_codes(
    plane: Plane, principal: AccountPrincipal | OperatorPrincipal, now: datetime, *, end_others: bool = True
) -> tuple[str, ...]:
    """Ten new codes instead of all old ones. StepUpRequired, MfaFailed without a factor.

    `end_others` ends the other sessions: whoever saw the old codes may have come in with one.
    """
    require_fresh(principal, plane.rules.fresh, now)
    codes, hashes = _fresh_codes(principal.subject_id)
    keep_session = principal.session_id if end_others else None
    if not await plane.store.renew_recovery_codes(principal.subject_id, hashes, keep_session, now):
        raise MfaFailed
    return codes


def own_names(person: Person) -> tuple[str, ...]:
    """The person's own names, which may not make up the password."""
    return (*person.name.split(), person.email, *person.email.split("@"))


async def _enrollment_challenge(plane: Plane, token: str, now: datetime) -> Challenge:
    challenge = await plane.store.challenge(token_hash(token), now)
    if challenge is None:
        raise MfaFailed
    if challenge.purpose is not ChallengePurpose.ENROLLMENT or challenge.confirmed is not None:
        raise EnrollmentRefused
    return challenge


async def _new_factor(plane: Plane, person: Person, now: datetime) -> Enrollment:
    factor_id = await plane.store.new_factor_id(now)
    secret = new_secret()
    sealed = plane.keys.encrypt(secret, factor_seal(factor_id))
    await plane.store.put_pending_factor(person.id, Factor(factor_id, sealed, 0), now)
    uri = provisioning_uri(secret, person.email, plane.label)
    return Enrollment(secret, uri, qr_code_svg(uri))


async def _confirmed(
    plane: Plane,
    subject_id: UUID,
    pending: Factor | None,
    code: str,
    challenge: Challenge | None,
    keep_session: UUID | None,
    now: datetime,
) -> tuple[str, ...]:
    if pending is None:
        raise MfaFailed
    secret = plane.keys.decrypt(pending.sealed_secret, factor_seal(pending.id))
    step = accept(secret, code, now, pending.last_step)
    codes, hashes = _fresh_codes(subject_id)
    if step is None or not await plane.store.confirm_factor(
        subject_id, pending, step, hashes, challenge, keep_session, now
    ):
        await plane.store.note(AuthEvent.MFA_FAIL, subject_id, {"factor": MfaMethod.TOTP.value}, now)
        raise MfaFailed
    return codes


def _fresh_codes(subject_id: UUID) -> tuple[tuple[str, ...], list[str]]:
    """Codes, and what is kept of them."""
    codes = tuple(new_codes())
    return codes, [hashed for hashed in (code_hash(subject_id, each) for each in codes) if hashed]
