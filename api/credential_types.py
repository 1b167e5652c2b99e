"""What goes into changing one's own credentials, and what comes out."""

from datetime import datetime

import strawberry

from api.access import Access, holds
from api.enums import MfaMethod
from api.user_errors import UserError

CODE = (
    "For TOTP the six digits of now, of one step of 30 seconds before or of one after: an authenticator's clock may "
    "differ by as much. Each code works once."
)


@strawberry.input(description="Shows a second factor again in this session, which makes it fresh.")
class StepUpInput:
    method: MfaMethod
    code: str = strawberry.field(description=CODE)


@strawberry.input
class ChangePasswordInput:
    current_password: str
    new_password: str = strawberry.field(
        description="12 to 256 characters of any kind; no common one, and more than a name."
    )


@strawberry.input(description="The answer is always the same, whether or not anybody has the address.")
class RequestPasswordResetInput:
    email: str


@strawberry.input
class ResetPasswordInput:
    token: str
    new_password: str


@strawberry.input(description="A link is mailed to the new address; nothing changes until it is confirmed.")
class RequestEmailChangeInput:
    new_email: str


@strawberry.input
class ConfirmEmailChangeInput:
    token: str


@strawberry.input
class RenewRecoveryCodesInput:
    end_other_sessions: bool = strawberry.field(
        default=True, description="False only where nobody else can have seen the old codes."
    )


@strawberry.input
class EndSessionInput:
    session_id: strawberry.ID


@holds(Access.SIGNED_IN)
@strawberry.type(description="A presence of oneself somewhere, open until it is ended or too old.")
class SignInSession:
    id: strawberry.ID
    created_at: datetime
    last_seen_at: datetime = strawberry.field(
        description="When it was refreshed last: up to ten minutes before it was used last."
    )
    expires_at: datetime
    address: str | None
    user_agent: str | None
    current: bool = strawberry.field(description="The session of this request.")


@holds(Access.SIGNED_IN)
@strawberry.type
class StepUpPayload:
    access_token: str | None = strawberry.field(
        default=None,
        description="The fresh one, to be sent from now on: the token of before stays as stale as it was. "
        "Empty where the session is kept in cookies.",
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="Until then the access token is good."
    )
    authenticated_at: datetime | None = None
    fresh_until: datetime | None = strawberry.field(
        default=None, description="Until then what takes a fresh factor may be done."
    )
    errors: list[UserError]


@holds(Access.SIGNED_IN)
@strawberry.type
class ChangePasswordPayload:
    errors: list[UserError]


@holds(Access.ANYONE)
@strawberry.type
class RequestPasswordResetPayload:
    errors: list[UserError]


@holds(Access.ANYONE)
@strawberry.type(description="No session: the person signs in with both factors.")
class ResetPasswordPayload:
    errors: list[UserError]


@holds(Access.SIGNED_IN)
@strawberry.type
class RequestEmailChangePayload:
    errors: list[UserError]


@holds(Access.ANYONE)
@strawberry.type
class ConfirmEmailChangePayload:
    errors: list[UserError]


@holds(Access.SIGNED_IN)
@strawberry.type
class RenewRecoveryCodesPayload:
    recovery_codes: list[str] | None = strawberry.field(default=None, description="Shown this once.")
    errors: list[UserError]


@holds(Access.SIGNED_IN)
@strawberry.type
class EndSessionPayload:
    errors: list[UserError]
