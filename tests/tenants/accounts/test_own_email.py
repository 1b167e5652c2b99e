from datetime import datetime
from uuid import UUID

import pytest

from auth.errors import EmailTaken, EmailUnusable, LinkInvalid, SignInFailed, TooManyTries
from auth.own_email import confirm_email_change, request_email_change
from auth.own_passwords import request_reset, reset_password
from auth.plane import Plane
from auth.principals import AccountPrincipal
from auth.sessions import account_principal, open_session
from auth.sign_in import sign_in
from auth.store import MfaMethod, Person
from tenants.accounts.models import Account, MailedToken
from tenants.credentials.columns import AccountStatus
from tenants.databases.scopes import TenantScope
from tests.factories.accounts import Someone, add_account, later
from tests.factories.mails import mails_in
from tests.tenants.accounts.records import count, events, set_status

NEW = "anna.nieuw@example.org"


async def own_of(plane: Plane, someone: Someone, now: datetime) -> AccountPrincipal:
    person = Person(someone.id, someone.email, "")
    session = await open_session(plane, person, MfaMethod.TOTP, now)
    return account_principal(session.holder, UUID(plane.audience))


async def mailed_token(
    plane: Plane, own: AccountPrincipal, scope: TenantScope, now: datetime, email: str = NEW
) -> str:
    await request_email_change(plane, own, email, now)
    mail = (await mails_in(scope, plane.keys))[-1]
    assert (mail.kind, mail.email) == ("EMAIL_CHANGE", email.lower())
    return mail.values["token"]


async def test_a_confirmed_address_is_the_one_to_sign_in_by(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    own = await own_of(plane, anna, now)
    token = await mailed_token(plane, own, tenant_scope, now, NEW.upper())
    assert await count(tenant_scope, Account, email=anna.email) == 1
    await confirm_email_change(plane, token, later(now, seconds=1))
    with pytest.raises(SignInFailed):
        await sign_in(plane, anna.email, anna.password, now)
    assert await sign_in(plane, NEW, anna.password, now)
    told = (await mails_in(tenant_scope, plane.keys))[-1]
    assert (told.kind, told.email, told.values) == ("EMAIL_CHANGED", anna.email, {})
    with pytest.raises(LinkInvalid):
        await confirm_email_change(plane, token, now)


async def test_no_address_is_on_the_audit_log(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    own = await own_of(plane, anna, now)
    await confirm_email_change(plane, await mailed_token(plane, own, tenant_scope, now), now)
    told = await events(tenant_scope)
    assert ("user_updated", anna.id, {"changed": ["email"]}) in told
    assert "@" not in str(told)


async def test_a_taken_address_is_told_to_its_holder_only(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    own = await own_of(plane, anna, now)
    await add_account(tenant_scope, plane.keys, plane.hasher, NEW)
    token = await mailed_token(plane, own, tenant_scope, now)
    with pytest.raises(EmailTaken):
        await confirm_email_change(plane, token, now)
    assert await count(tenant_scope, Account, email=anna.email) == 1
    assert [mail.kind for mail in await mails_in(tenant_scope, plane.keys)] == ["EMAIL_CHANGE"]


async def test_what_is_no_other_address_is_refused(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    own = await own_of(plane, anna, now)
    for email in (
        "",
        "anna",
        f" {anna.email.upper()} ",
        "a\x00b@example.org",
        "a@b.example\r\nBcc: c@d.example",
    ):
        with pytest.raises(EmailUnusable):
            await request_email_change(plane, own, email, now)
    assert await mails_in(tenant_scope, plane.keys) == []


async def test_only_the_last_link_counts_and_for_an_hour(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    own = await own_of(plane, anna, now)
    first = await mailed_token(plane, own, tenant_scope, now)
    last = await mailed_token(plane, own, tenant_scope, later(now, seconds=1), "anna3@example.org")
    for token, moment in ((first, now), (last, later(now, hours=1, seconds=1)), ("", now)):
        with pytest.raises(LinkInvalid):
            await confirm_email_change(plane, token, moment)
    await confirm_email_change(plane, last, later(now, hours=1))


async def test_a_link_is_good_for_what_it_was_mailed_for_only(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    own = await own_of(plane, anna, now)
    change = await mailed_token(plane, own, tenant_scope, now)
    await request_reset(plane, anna.email, plane.rules, later(now, seconds=1))
    reset = (await mails_in(tenant_scope, plane.keys))[-1].values["token"]
    with pytest.raises(LinkInvalid):
        await reset_password(plane, change, "zeven vrolijke vinken", now)
    with pytest.raises(LinkInvalid):
        await confirm_email_change(plane, reset, now)
    await confirm_email_change(plane, change, now)
    with pytest.raises(LinkInvalid):  # it went to the old address
        await reset_password(plane, reset, "zeven vrolijke vinken", now)


async def test_who_was_deactivated_changes_no_address(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    token = await mailed_token(plane, await own_of(plane, anna, now), tenant_scope, now)
    await set_status(tenant_scope, anna.id, AccountStatus.DEACTIVATED)
    with pytest.raises(LinkInvalid):
        await confirm_email_change(plane, token, now)
    assert await count(tenant_scope, Account, email=anna.email) == 1


async def test_somebody_is_mailed_only_so_many_links(
    plane: Plane, anna: Someone, tenant_scope: TenantScope, now: datetime
) -> None:
    own = await own_of(plane, anna, now)
    for number in range(3):
        await request_email_change(plane, own, f"victim{number}@example.org", now)
    with pytest.raises(TooManyTries):
        await request_email_change(plane, own, "victim9@example.org", now)
    assert await count(tenant_scope, MailedToken) == 3
