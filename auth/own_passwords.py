"""A new password: by who knows the current one, or by who reads the account's mail.

A reset gives no session and no challenge: both factors are shown afterwards, so the mailbox alone opens nothing
(OWASP ASVS 5.0, 6.4.3).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from auth.emails import fold_email, is_email
from auth.enrollment import own_names
from auth.errors import CurrentPasswordWrong, HasherBusy, LinkInvalid, TooManyTries
from auth.events import AuthEvent
from auth.opaque import new_token, token_hash
from auth.passwords import require_strong
from auth.store import LinkPurpose, NewLink, Person
from auth.throttle import familiar_key, mail_keys, mail_of_tenant_key, password_key

if TYPE_CHECKING:
    from datetime import datetime

    from auth.plane import Plane
    from auth.principals import AccountPrincipal, OperatorPrincipal
    from auth.rules import SignInRules


async def change_password(
    plane: Plane,
    principal: AccountPrincipal | OperatorPrincipal,
    current: str,
    new: str,
    now: datetime,
) -> None:
    """Ends everything that the old password opened but this session.

    WeakPassword, TooManyTries, CurrentPasswordWrong; HasherBusy, which costs no try. Of two changes at once the
    second has shown a password that is the current one no more.
    """
    subject_id, rules = principal.subject_id, plane.rules
    person = Person(subject_id, principal.email, principal.name)
    require_strong(new, (*plane.names, *own_names(person)))
    tried = (password_key(subject_id, rules),)
    if not await plane.store.admit(tried, now):
        await plane.store.note(AuthEvent.LOGIN_LOCK, subject_id, {"reason": "TRIES"}, now)
        raise TooManyTries
    known = await plane.store.password_hash(subject_id)
    try:
        fits = await plane.hasher.verify(current, known)
        if known is None or not fits:
            await plane.store.note(AuthEvent.PASSWORD_CHANGE_FAIL, subject_id, {"factor": "PASSWORD"}, now)
            raise CurrentPasswordWrong
        renewed = await plane.hasher.hash(new)
    except HasherBusy:
        await plane.store.take_back(tried)
        raise
    if not await plane.store.change_password(subject_id, known, renewed, principal.session_id, tried, now):
        raise CurrentPasswordWrong


async def request_reset(plane: Plane | None, email: str, rules: SignInRules, now: datetime) -> None:
    """Mails a link to who may come in by that address; nobody is told whether it did.

    Whatever there is to do takes less than `even_answer`, and the answer waits for that to pass. `plane` is None
    where there is nobody (an unknown or suspended tenant).
    """
    work = (_mail_reset(plane, email, now),) if plane else ()
    await asyncio.gather(asyncio.sleep(rules.even_answer.total_seconds()), *work)


async def reset_password(plane: Plane, token: str, new: str, now: datetime) -> None:
    """Sets the password by a mailed link. LinkInvalid, WeakPassword.

    A refused password does not use the link up, and nothing is hashed for a token that is none.
    """
    link = await plane.store.link(token_hash(token), LinkPurpose.RESET, now)
    if link is None:
        raise LinkInvalid
    require_strong(new, (*plane.names, *own_names(link.person)))
    hashed = await plane.hasher.hash(new)
    clear = (password_key(link.person.id, plane.rules),)
    if not await plane.store.reset_password(link, hashed, clear, now):
        raise LinkInvalid
    # Who is kept out by a flood from elsewhere comes in this way: the mail was read here.
    familiar = familiar_key(link.person.email, plane.address)
    await plane.store.remember(familiar, now + plane.rules.familiar, now)


async def _mail_reset(plane: Plane, email: str, now: datetime) -> None:
    folded = fold_email(email)
    asked = AuthEvent.PASSWORD_RESET_ASKED
    if not await plane.store.admit(mail_keys(folded, plane.address, plane.rules), now):
        await plane.store.note(asked, None, {"mailed": False, "reason": "THROTTLED"}, now)
        return
    credential = await plane.store.credential(folded if is_email(folded) else "")
    if credential is None or not credential.active:
        subject = credential.subject_id if credential else None
        await plane.store.note(asked, subject, {"mailed": False}, now)
        return
    if not await plane.store.admit((mail_of_tenant_key(plane.rules),), now):
        await plane.store.note(asked, credential.subject_id, {"mailed": False, "reason": "THROTTLED"}, now)
        return
    link = NewLink(LinkPurpose.RESET, new_token(), now + plane.rules.mailed_link)
    await plane.store.mail_link(credential.subject_id, link, now)
