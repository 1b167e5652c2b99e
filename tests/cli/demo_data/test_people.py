"""Who can come into the demo, and who is told how."""

import json
import stat
from pathlib import Path

import pytest

from api.portal import Portal
from auth.permissions import OperatorRole
from auth.sign_in import sign_in, verify_mfa
from auth.store import MfaMethod
from auth.totp import code_at
from cli.demo_data import records
from cli.demo_data.customers import CUSTOMERS, VENDOR_DOMAIN
from cli.demo_data.people import random_password
from tenants.acts import INSIDE
from tenants.mails.service import MailKind
from tests.factories.demo import NOW
from tests.factories.mails import mails_in

KEYS = {
    "tenant",
    "kind",
    "email",
    "password",
    "totp_secret",
    "policy",
    "tier",
    "permissions",
    "contact",
}
ALL_RIGHTS = {"MANAGE_ACCOUNTS", "REGISTER_TICKETS", "CONFIRM_CONSULTANCY", "READ"}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_the_accounts_are_for_the_owners_eyes_only(demo: Portal) -> None:
    assert mode(demo.settings.data / records.FILE) == 0o600


async def test_the_first_account_of_each_customer_is_a_contact_with_every_right(demo: Portal) -> None:
    rows = json.loads((demo.settings.data / records.FILE).read_text())
    assert all(set(row) == KEYS for row in rows)
    for customer in CUSTOMERS:
        first, second, reader = (row for row in rows if row["tenant"] == customer.slug)
        assert (first["policy"], first["tier"]) == (customer.policy_key, customer.tier)
        assert set(first["permissions"]) == ALL_RIGHTS
        assert first["contact"] == customer.contacts[0].name
        assert set(second["permissions"]) == {"REGISTER_TICKETS", "READ"}
        assert second["contact"]
        assert (reader["permissions"], reader["contact"]) == (["READ"], None)


async def test_there_is_an_operator_of_every_role(demo: Portal) -> None:
    operators = [one for one in records.read_accounts(demo.settings.data) if one.kind == "OPERATOR"]
    assert {role for one in operators for role in one.permissions} == {role.value for role in OperatorRole}
    assert all(one.tenant is None and one.email.endswith(VENDOR_DOMAIN) for one in operators)


async def test_a_customer_comes_in_with_what_the_file_says(demo: Portal) -> None:
    account = records.read_accounts(demo.settings.data)[0]
    tenant = await demo.tenants.by_slug(account.tenant or "", NOW)
    plane = demo.account_plane(tenant, demo.tenants.scope(tenant), INSIDE)
    challenge = await sign_in(plane, account.email, account.password, NOW)
    code = code_at(account.totp_secret, NOW)
    session = await verify_mfa(plane, challenge.token, MfaMethod.TOTP, code, NOW)
    assert session.holder.email == account.email


async def test_an_operator_comes_in_on_the_vendors_plane(demo: Portal) -> None:
    account = records.read_accounts(demo.settings.data)[-1]
    plane = demo.operator_plane(INSIDE)
    challenge = await sign_in(plane, account.email, account.password, NOW)
    code = code_at(account.totp_secret, NOW)
    session = await verify_mfa(plane, challenge.token, MfaMethod.TOTP, code, NOW)
    assert session.holder.email == account.email


async def test_each_customer_has_an_open_invitation_in_a_mail(demo: Portal) -> None:
    for customer in CUSTOMERS:
        tenant = await demo.tenants.by_slug(customer.slug, NOW)
        (mail,) = await mails_in(demo.tenants.scope(tenant), demo.keys)
        third = customer.contacts[2]
        assert (mail.kind, mail.name, mail.locale) == (MailKind.INVITATION, third.name, third.locale)
        assert mail.values["token"]


@pytest.mark.parametrize("_", range(3))
def test_passwords_are_random_and_long_enough(_: int) -> None:
    assert len({random_password() for _ in range(50)}) == 50
    assert len(random_password()) == 17
