from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from auth.permissions import Permission
from auth.principals import AccountPrincipal
from auth.store import MfaMethod
from tenants.accounts.errors import AccountExists
from tenants.accounts.models import Account, Invitation
from tenants.accounts.queries import ACCOUNT_KEY, FactorState, accounts, accounts_of, factor_states
from tenants.accounts.service import Invited, invite_account, may_manage
from tenants.acts import SYSTEM
from tenants.contacts.errors import ContactRemoved, UnknownContact
from tenants.contacts.models import Contact
from tenants.databases.scopes import TenantScope
from tenants.refusals import Malformed, Missing, Refusal, TooLong
from tests.factories.accounts import Someone
from tests.tenants.accounts.records import count, events


async def invite(scope: TenantScope, now: datetime, email: str, name: str = "Dirk", **given: UUID) -> Invited:
    async with scope.write() as session:
        return await invite_account(
            session,
            email=email,
            name=name,
            permissions={Permission.READ, Permission.REGISTER_TICKETS},
            contact_id=given.get("contact_id"),
            locale="fr",
            actor=SYSTEM,
            now=now,
        )


async def test_an_invited_account_waits_with_its_rights(tenant_scope: TenantScope, now: datetime) -> None:
    invited = await invite(tenant_scope, now, " Dirk@Example.org", " Dirk Smeets ")
    async with tenant_scope.read() as reader:
        (row,) = await reader.rows(accounts_of([invited.account.id]))
    assert (row.email, row.name, row.status) == ("dirk@example.org", "Dirk Smeets", "INVITED")
    assert (row.locale, row.permissions) == ("fr", "READ REGISTER_TICKETS")
    assert len(invited.token) == 43
    assert await count(tenant_scope, Invitation, subject_id=invited.account.id, accepted_at=None) == 1


async def test_an_invitation_is_on_record_without_its_token(tenant_scope: TenantScope, now: datetime) -> None:
    invited = await invite(tenant_scope, now, "dirk@example.org")
    ((event, subject, detail),) = await events(tenant_scope)
    assert (event, subject) == ("user_created", invited.account.id)
    assert detail == {"permissions": ["READ", "REGISTER_TICKETS"], "contact": None}


async def test_an_address_has_one_account(tenant_scope: TenantScope, now: datetime) -> None:
    await invite(tenant_scope, now, "dirk@example.org")
    for email in ("dirk@example.org", "DIRK@EXAMPLE.ORG", " dirk@example.org\t"):
        with pytest.raises(AccountExists):
            await invite(tenant_scope, now, email)
    assert await count(tenant_scope, Account) == 1
    assert await count(tenant_scope, Invitation) == 1
    assert len(await events(tenant_scope)) == 1


BAD: list[tuple[str, str, type[Refusal]]] = [
    ("", "Dirk", Missing),
    ("dirk", "Dirk", Malformed),
    ("dirk@example.org\r\nBcc: x@example.org", "Dirk", Malformed),
    ("x" * 300, "Dirk", TooLong),
    ("dirk@example.org", "  ", Missing),
    ("dirk@example.org", "x" * 201, TooLong),
    ("dirk@example.org", "D\x00", Malformed),
]


async def test_a_bad_address_or_name_is_refused(tenant_scope: TenantScope, now: datetime) -> None:
    for email, name, refusal in BAD:
        with pytest.raises(refusal):
            await invite(tenant_scope, now, email, name)
    assert await count(tenant_scope, Account) == 0


async def test_an_account_is_linked_to_active_contacts_only(tenant_scope: TenantScope, now: datetime) -> None:
    named, removed = UUID(int=7), UUID(int=8)
    async with tenant_scope.write() as session:
        for key, slot in ((named, 1), (removed, None)):
            session.add(
                Contact(id=key, name="C", email="c@example.org", phone="+3120", slot=slot, named_at=now)
            )
    assert (await invite(tenant_scope, now, "a@example.org", contact_id=named)).account.contact_id == named
    with pytest.raises(ContactRemoved):
        await invite(tenant_scope, now, "b@example.org", contact_id=removed)
    with pytest.raises(UnknownContact):
        await invite(tenant_scope, now, "c@example.org", contact_id=UUID(int=9))


async def test_accounts_are_listed_by_name(tenant_scope: TenantScope, now: datetime) -> None:
    for name in ("Zoë", "Bert", "Carla"):
        await invite(tenant_scope, now, f"{name.lower()}@example.org", name)
    async with tenant_scope.read() as reader:
        rows = await reader.rows(accounts().order_by(*ACCOUNT_KEY))
    assert [row.name for row in rows] == ["Bert", "Carla", "Zoë"]


async def test_the_second_factors_of_many_accounts_are_told_together(
    tenant_scope: TenantScope, anna: Someone, now: datetime
) -> None:
    invited = await invite(tenant_scope, now, "dirk@example.org")
    async with tenant_scope.read() as reader:
        states = await factor_states(reader, [anna.id, invited.account.id])
        assert await factor_states(reader, []) == {}
    assert states == {anna.id: FactorState((MfaMethod.TOTP, MfaMethod.RECOVERY_CODE), 10)}


def test_only_a_named_contact_with_the_right_manages_accounts(now: datetime) -> None:
    manager = AccountPrincipal(
        account_id=UUID(int=1),
        session_id=UUID(int=2),
        tenant_id=UUID(int=3),
        permissions=frozenset({Permission.MANAGE_ACCOUNTS}),
        contact_id=UUID(int=4),
        name="Anna",
        email="anna@example.org",
        locale="nl",
        authenticated_at=now,
    )
    assert may_manage(manager)
    assert not may_manage(replace(manager, contact_id=None))
    assert not may_manage(replace(manager, permissions=frozenset({Permission.READ})))
