"""Signing in and out, over the plane that the request is bound to: one customer's, or the vendor's."""

from dataclasses import replace
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.access import Access
from api.accounts import accounts_by_id
from api.context import Context
from api.cookies import CSRF_HEADER, cleared_cookies, cookies_of, csrf_token
from api.enums import MfaMethod
from api.fields import mutation
from api.loaders import loading_of
from api.operators import operator_by_id
from api.people import Account, Operator
from api.planes import hashing, own_plane, plane_of
from api.sign_in_types import (
    AcceptInvitationInput,
    ConfirmTotpInput,
    ConfirmTotpPayload,
    EnrollTotpInput,
    EnrollTotpPayload,
    MfaChallenge,
    RefreshSessionInput,
    RefreshSessionPayload,
    Session,
    SignInInput,
    SignInPayload,
    SignOutInput,
    SignOutPayload,
    VerifyMfaInput,
    VerifyMfaPayload,
)
from auth import enrollment, sessions, sign_in
from auth.errors import InvitationInvalid, MfaFailed, RefreshFailed
from auth.plane import ChallengeIssued, Plane, SessionIssued
from auth.tokens import CONSOLE


@strawberry.type
class SignInMutations:
    @mutation(Access.ANYONE)
    async def sign_in(self, info: Info[Context, None], input: SignInInput) -> SignInPayload:
        context = info.context
        await context.release()
        plane = context.sign_in_plane()
        with hashing():
            if plane is None:
                nowhere = context.portal.operator_plane(context.origin)
                await sign_in.refuse_sign_in(nowhere, input.email, input.password, context.now)
                return SignInPayload(errors=[])
            issued = await sign_in.sign_in(plane, input.email, input.password, context.now)
        return SignInPayload(challenge=_challenge(issued), errors=[])

    @mutation(Access.ANYONE)
    async def verify_mfa(self, info: Info[Context, None], input: VerifyMfaInput) -> VerifyMfaPayload:
        context = info.context
        plane = await plane_of(context)
        if plane is None:
            raise MfaFailed
        issued = await sign_in.verify_mfa(plane, input.challenge_token, input.method, input.code, context.now)
        return VerifyMfaPayload(session=await _session(context, plane, issued), errors=[])

    @mutation(Access.ANYONE)
    async def refresh_session(
        self, info: Info[Context, None], input: RefreshSessionInput
    ) -> RefreshSessionPayload:
        context = info.context
        plane = await plane_of(context)
        if plane is None:
            raise RefreshFailed
        token = input.refresh_token
        if context.browser and not token:
            token = context.browser.refresh_token(context.portal.keys)
        try:
            issued = await sessions.refresh_session(plane, token, context.now)
        except RefreshFailed:
            _leave_browser(context)
            raise
        return RefreshSessionPayload(session=await _session(context, plane, issued), errors=[])

    @mutation(Access.SIGNED_IN)
    async def sign_out(self, info: Info[Context, None], input: SignOutInput) -> SignOutPayload:
        context = info.context
        plane, principal = await own_plane(context)
        if input.everywhere:
            context.require_fresh_factor()
            await sessions.sign_out_everywhere(plane.store, principal.subject_id, context.now)
        else:
            await sessions.end_own_session(plane, principal, principal.session_id, context.now)
        _leave_browser(context)
        return SignOutPayload(errors=[])

    @mutation(Access.ANYONE)
    async def enroll_totp(self, info: Info[Context, None], input: EnrollTotpInput) -> EnrollTotpPayload:
        context = info.context
        if input.challenge_token:
            plane = await plane_of(context)
            if plane is None:
                raise MfaFailed
            made = await enrollment.enroll_totp(plane, input.challenge_token, context.now)
        else:
            plane, principal = await own_plane(context)
            made = await enrollment.enroll_totp_again(plane, principal, context.now)
        return EnrollTotpPayload(secret=made.secret, uri=made.uri, qr_code_svg=made.qr_code_svg, errors=[])

    @mutation(Access.ANYONE)
    async def confirm_totp(self, info: Info[Context, None], input: ConfirmTotpInput) -> ConfirmTotpPayload:
        context = info.context
        if not input.challenge_token:
            plane, principal = await own_plane(context)
            again = await enrollment.confirm_totp_again(plane, principal, input.code, context.now)
            return ConfirmTotpPayload(recovery_codes=list(again.recovery_codes), errors=[])
        first_plane = await plane_of(context)
        if first_plane is None:
            raise MfaFailed
        first = await enrollment.confirm_totp(first_plane, input.challenge_token, input.code, context.now)
        session = await _session(context, first_plane, first.session) if first.session else None
        return ConfirmTotpPayload(session=session, recovery_codes=list(first.recovery_codes), errors=[])

    @mutation(Access.ANYONE)
    async def accept_invitation(
        self, info: Info[Context, None], input: AcceptInvitationInput
    ) -> SignInPayload:
        context = info.context
        plane = await plane_of(context)
        if plane is None:
            raise InvitationInvalid
        with hashing():
            issued = await enrollment.accept_invitation(plane, input.token, input.password, context.now)
        return SignInPayload(challenge=_challenge(issued), errors=[])


def _challenge(issued: ChallengeIssued) -> MfaChallenge:
    return MfaChallenge(
        token=issued.token,
        methods=[MfaMethod(method) for method in issued.methods],
        expires_at=issued.expires_at,
        enrollment_required=issued.enrollment_required,
    )


async def _session(context: Context, plane: Plane, issued: SessionIssued) -> Session:
    viewer = await _viewer(context, plane, issued)
    if context.browser is None:
        return Session(
            access_token=issued.access_token,
            refresh_token=issued.refresh_token,
            expires_at=issued.expires_at,
            viewer=viewer,
        )
    csrf = csrf_token(context.portal.keys, issued.holder.session_id)
    context.response_cookies = cookies_of(issued, csrf, plane.rules, context.now)
    context.response_headers[CSRF_HEADER] = csrf
    return Session(access_token="", refresh_token="", expires_at=issued.expires_at, viewer=viewer)


def _leave_browser(context: Context) -> None:
    """Takes the cookies back with the answer, where the request works with them."""
    if context.browser:
        context.response_cookies = cleared_cookies()


async def _viewer(context: Context, plane: Plane, issued: SessionIssued) -> Account | Operator:
    """Whose session it is. The request itself stays as it came: what it may do is decided before it runs."""
    holder = issued.holder
    if plane.audience == CONSOLE:
        async with context.portal.catalog.read() as reader:
            return await operator_by_id(reader, holder.id)
    own: UUID = holder.id
    loading = replace(await loading_of(context), self_id=own)
    return (await accounts_by_id(loading, [own]))[own]
