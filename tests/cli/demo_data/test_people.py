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
from cli.demo_data import invitations, records
from cli.demo_data.customers import CUSTOMERS, VENDOR_DOMAIN
from cli.demo_data.people import random_password
from tenants.acts import INSIDE
from tests.factories.demo import NOW

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
    assert mode(demo.settings.data / invitations.FILE) == 0o600


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


async def test_each_customer_has_an_open_invitation(demo: Portal) -> None:
    kept = invitations.read_invitations(demo.settings.data)
    assert sorted(one.tenant for one in kept) == sorted(customer.slug for customer in CUSTOMERS)
    assert all(one.token in one.url(8000) and one.tenant in one.url(8000) for one in kept)


def test_an_invitation_is_kept_where_there_is_a_demo(tmp_path: Path) -> None:
    records.write_accounts(tmp_path, [])
    invitations.keep_invitation(tmp_path, "acme", "eva@acme.example", "token-1")
    invitations.keep_invitation(tmp_path, "acme", "adam@acme.example", "token-2")
    assert [one.token for one in invitations.read_invitations(tmp_path)] == ["token-1", "token-2"]


def test_without_a_demo_no_token_is_kept(tmp_path: Path) -> None:
    invitations.keep_invitation(tmp_path, "acme", "eva@acme.example", "token-1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("_", range(3))
def test_passwords_are_random_and_long_enough(_: int) -> None:
    assert len({random_password() for _ in range(50)}) == 50
    assert len(random_password()) == 17
