"""What persons do with their own credentials, on the plane that they are on: a customer's, or the vendor's."""

from dataclasses import replace

import strawberry
from strawberry.types import Info

from api.access import Access
from api.context import Context
from api.cookies import access_cookie
from api.credential_types import (
    ChangePasswordInput,
    ChangePasswordPayload,
    ConfirmEmailChangeInput,
    ConfirmEmailChangePayload,
    EndSessionInput,
    EndSessionPayload,
    RenewRecoveryCodesInput,
    RenewRecoveryCodesPayload,
    RequestEmailChangeInput,
    RequestEmailChangePayload,
    RequestPasswordResetInput,
    RequestPasswordResetPayload,
    ResetPasswordInput,
    ResetPasswordPayload,
    SignInSession,
    StepUpInput,
    StepUpPayload,
)
from api.fields import mutation, query
from api.ids import UnknownId, encode_id, key_of
from api.planes import hashing, own_plane, plane_of, reading_plane
from auth import enrollment, own_email, own_passwords, sessions
from auth.errors import LinkInvalid
from auth.rules import ACCOUNT_RULES
from auth.step_up import step_up

SESSION = "SignInSession"


@strawberry.type
class CredentialQueries:
    @query(Access.SIGNED_IN, description="One's own open sessions, the last opened first.")
    async def sessions(self, info: Info[Context, None]) -> list[SignInSession] | None:
        context = info.context
        plane, principal = await reading_plane(context)
        return [
            SignInSession(
                id=strawberry.ID(encode_id(SESSION, each.id)),
                created_at=each.created_at,
                last_seen_at=each.last_seen_at,
                expires_at=each.expires_at,
                address=each.address,
                user_agent=each.user_agent,
                current=each.id == principal.session_id,
            )
            for each in await sessions.own_sessions(plane, principal, context.now)
        ]


@strawberry.type
class CredentialMutations:
    @mutation(Access.SIGNED_IN)
    async def step_up(self, info: Info[Context, None], input: StepUpInput) -> StepUpPayload:
        context = info.context
        plane, principal = await own_plane(context)
        shown = await step_up(plane, principal, input.method, input.code, context.now)
        context.principal = replace(principal, authenticated_at=context.now)
        if context.browser:
            context.response_cookies = [access_cookie(shown.access_token, shown.expires_at, context.now)]
        return StepUpPayload(
            access_token="" if context.browser else shown.access_token,
            expires_at=shown.expires_at,
            authenticated_at=context.now,
            fresh_until=shown.fresh_until,
            errors=[],
        )

    @mutation(Access.SIGNED_IN, description="Ends all other sessions of the person.")
    async def change_password(
        self, info: Info[Context, None], input: ChangePasswordInput
    ) -> ChangePasswordPayload:
        context = info.context
        plane, principal = await own_plane(context)
        with hashing():
            await own_passwords.change_password(
                plane, principal, input.current_password, input.new_password, context.now
            )
        return ChangePasswordPayload(errors=[])

    @mutation(Access.ANYONE)
    async def request_password_reset(
        self, info: Info[Context, None], input: RequestPasswordResetInput
    ) -> RequestPasswordResetPayload:
        context = info.context
        plane = await plane_of(context)
        rules = plane.rules if plane else ACCOUNT_RULES
        await own_passwords.request_reset(plane, input.email, rules, context.now)
        return RequestPasswordResetPayload(errors=[])

    @mutation(Access.ANYONE, description="Ends all sessions of the person, and opens none.")
    async def reset_password(
        self, info: Info[Context, None], input: ResetPasswordInput
    ) -> ResetPasswordPayload:
        context = info.context
        plane = await plane_of(context)
        if plane is None:
            raise LinkInvalid
        with hashing():
            await own_passwords.reset_password(plane, input.token, input.new_password, context.now)
        return ResetPasswordPayload(errors=[])

    @mutation(Access.SIGNED_IN, step_up=True)
    async def request_email_change(
        self, info: Info[Context, None], input: RequestEmailChangeInput
    ) -> RequestEmailChangePayload:
        context = info.context
        plane, principal = await own_plane(context)
        await own_email.request_email_change(plane, principal, input.new_email, context.now)
        return RequestEmailChangePayload(errors=[])

    @mutation(Access.ANYONE)
    async def confirm_email_change(
        self, info: Info[Context, None], input: ConfirmEmailChangeInput
    ) -> ConfirmEmailChangePayload:
        context = info.context
        plane = await plane_of(context)
        if plane is None:
            raise LinkInvalid
        await own_email.confirm_email_change(plane, input.token, context.now)
        return ConfirmEmailChangePayload(errors=[])

    @mutation(
        Access.SIGNED_IN,
        step_up=True,
        description="Ten new codes instead of all old ones.",
    )
    async def renew_recovery_codes(
        self, info: Info[Context, None], input: RenewRecoveryCodesInput
    ) -> RenewRecoveryCodesPayload:
        context = info.context
        plane, principal = await own_plane(context)
        codes = await enrollment.renew_recovery_codes(
            plane, principal, context.now, end_others=input.end_other_sessions
        )
        return RenewRecoveryCodesPayload(recovery_codes=list(codes), errors=[])

    @mutation(
        Access.SIGNED_IN,
        step_up=True,
        description="Ends one of one's own sessions, with its tokens, at once. `signOut` ends the present one.",
    )
    async def end_session(self, info: Info[Context, None], input: EndSessionInput) -> EndSessionPayload:
        context = info.context
        key = key_of(input.session_id, SESSION, "sessionId")
        plane, principal = await own_plane(context)
        if not await sessions.end_own_session(plane, principal, key, context.now):
            raise UnknownId(path="sessionId")
        return EndSessionPayload(errors=[])
