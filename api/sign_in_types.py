"""What goes into signing in, and what comes out."""

from datetime import datetime

import strawberry

from api.access import Access, holds
from api.credential_types import CODE
from api.enums import MfaMethod
from api.people import Viewer
from api.user_errors import UserError


@strawberry.input
class SignInInput:
    email: str
    password: str


@strawberry.input
class VerifyMfaInput:
    challenge_token: str
    method: MfaMethod
    code: str = strawberry.field(description=CODE)


@strawberry.input
class RefreshSessionInput:
    refresh_token: str = strawberry.field(
        description='"" takes the token of the cookie, with `Portal-Session: cookie`.'
    )


@strawberry.input(description="Ends the session of this request, or every session of the person.")
class SignOutInput:
    everywhere: bool = False


@strawberry.input(
    description="With a challenge token at the first sign-in, without one from a fresh session."
)
class EnrollTotpInput:
    challenge_token: str | None = strawberry.UNSET


@strawberry.input
class ConfirmTotpInput:
    challenge_token: str | None = strawberry.UNSET
    code: str = strawberry.field(description=CODE)


@strawberry.input
class AcceptInvitationInput:
    token: str
    password: str


@holds(Access.ANYONE)
@strawberry.type
class MfaChallenge:
    token: str
    methods: list[MfaMethod]
    expires_at: datetime
    enrollment_required: bool = strawberry.field(
        description="No factor yet: `enrollTotp` and `confirmTotp` follow with this token."
    )


@holds(Access.ANYONE)
@strawberry.type(
    description='With `Portal-Session: cookie` the tokens are cookies, and "" here: scripts never see them.'
)
class Session:
    access_token: str
    refresh_token: str
    expires_at: datetime
    viewer: Viewer


@holds(Access.ANYONE)
@strawberry.type
class SignInPayload:
    challenge: MfaChallenge | None = strawberry.field(
        default=None, description="Always a challenge: a second factor is mandatory."
    )
    errors: list[UserError]


@holds(Access.ANYONE)
@strawberry.type
class VerifyMfaPayload:
    session: Session | None = None
    errors: list[UserError]


@holds(Access.ANYONE)
@strawberry.type
class RefreshSessionPayload:
    session: Session | None = None
    errors: list[UserError]


@holds(Access.SIGNED_IN)
@strawberry.type
class SignOutPayload:
    errors: list[UserError]


@holds(Access.ANYONE)
@strawberry.type
class EnrollTotpPayload:
    secret: str | None = None
    uri: str | None = None
    qr_code_svg: str | None = None
    errors: list[UserError]


@holds(Access.ANYONE)
@strawberry.type
class ConfirmTotpPayload:
    session: Session | None = None
    recovery_codes: list[str] | None = None
    errors: list[UserError]
