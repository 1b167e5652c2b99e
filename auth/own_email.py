"""Another e-mail address to sign in by: asked for in a session, and confirmed by who reads its mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth.emails import fold_email, is_email
from auth.errors import EmailTaken, EmailUnusable, LinkInvalid, TooManyTries
from auth.opaque import new_token, token_hash
from auth.store import EmailChange, LinkPurpose, NewLink
from auth.throttle import mail_keys

if TYPE_CHECKING:
    from datetime import datetime

    from auth.plane import Plane
    from auth.principals import AccountPrincipal, OperatorPrincipal


async def request_email_change(
    plane: Plane, principal: AccountPrincipal | OperatorPrincipal, new_email: str, now: datetime
) -> None:
    """Mails a link to the new address, whether or not somebody has it already. EmailUnusable, TooManyTries."""
    folded = fold_email(new_email)
    if not is_email(folded) or folded == principal.email:
        raise EmailUnusable
    if not await plane.store.admit(mail_keys(principal.subject_id.hex, plane.address, plane.rules), now):
        raise TooManyTries
    link = NewLink(LinkPurpose.EMAIL, new_token(), now + plane.rules.mailed_link, folded)
    await plane.store.mail_link(principal.subject_id, link, now)


async def confirm_email_change(plane: Plane, token: str, now: datetime) -> None:
    """Makes the address that the link went to the person's own. LinkInvalid, EmailTaken.

    It is good without a session: who asked has shown a fresh factor, and the link shows that the address works.
    """
    link = await plane.store.link(token_hash(token), LinkPurpose.EMAIL, now)
    if link is None:
        raise LinkInvalid
    outcome = await plane.store.change_email(link, now)
    if outcome is EmailChange.TAKEN:
        raise EmailTaken
    if outcome is not EmailChange.DONE:
        raise LinkInvalid
