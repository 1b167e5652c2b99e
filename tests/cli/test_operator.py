"""`slaportal operator`: the first operator of an installation, and the last one who lost the telephone."""

import json
from pathlib import Path
from typing import Any

import pyotp
import pytest

from auth.permissions import OperatorRole
from tests.api.test_operators import ACCEPT, CONFIRM, ENROLL, VIEWER, codes, payload_of
from tests.cli.conftest import Slaportal
from tests.cli.installations import commands, told
from tests.factories.contents import audit_log, contents
from tests.factories.portal import PASSWORD, SIGN_IN, House

FREYA = ("freya@vendor.example", "--name", "Freya Olsen", "--role", "ADMINISTRATOR")
CHECK = ("--identity-check", "Gezien aan de balie.")


def listed(slaportal: Slaportal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(slaportal("operator", "list", "--json").stdout)
    return found


def test_an_empty_folder_gets_its_first_operator(slaportal: Slaportal, tmp_path: Path) -> None:
    made = slaportal("operator", "create", *FREYA, "--role", "SUPPORT_MANAGER")
    assert made.exit_code == 0, made.output
    token = made.stdout.strip()
    assert "shown only now" in told(made)
    (freya,) = listed(slaportal)
    assert freya == {
        "email": "freya@vendor.example",
        "name": "Freya Olsen",
        "status": "INVITED",
        "roles": ["ADMINISTRATOR", "SUPPORT_MANAGER"],
        "lastSignInAt": None,
    }
    assert token not in (tmp_path / "databases" / "slaportal_catalog.db").read_bytes().decode("latin-1")
    again = slaportal("operator", "create", *FREYA)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "already" in told(again)


def test_a_dry_run_and_a_wrong_line_invite_nobody(slaportal: Slaportal) -> None:
    assert (
        slaportal("operator", "create", "jan@vendor.example", "--name", "Jan", "--role", "SUPPORT").exit_code
        == 0
    )
    dry = slaportal("operator", "create", *FREYA, "--dry-run")
    assert (dry.exit_code, dry.stdout) == (0, "")
    for words, code in (
        (("freya", "--name", "F", "--role", "SUPPORT"), 1),
        (("f@v.example", "--name", " ", "--role", "SUPPORT"), 1),
        (("f@v.example", "--name", "F", "--role", "BOSS"), 2),
        (("f@v.example", "--name", "F"), 2),
    ):
        assert slaportal("operator", "create", *words).exit_code == code
    assert [operator["email"] for operator in listed(slaportal)] == ["jan@vendor.example"]


def test_a_wrong_list_of_networks_stops_the_start_and_says_what_to_write(slaportal: Slaportal) -> None:
    stopped = slaportal("operator", "list", SLAPORTAL_OPERATOR_NETWORKS="10.0.0.1/8")
    assert stopped.exit_code == 2
    assert told(stopped).startswith("Error: SLAPORTAL_OPERATOR_NETWORKS: '10.0.0.1/8' is no network")
    assert "Write 10.0.0.0/8" in told(stopped)


@pytest.mark.clause("QX-120")
async def test_the_first_operator_comes_in_with_the_invitation_that_was_shown(
    house: House, slaportal: Slaportal
) -> None:
    made = await commands(house, slaportal)("operator", "create", *FREYA, "--json")
    token = json.loads(made.stdout)["invitation"]
    accepted = await payload_of(house, ACCEPT, {"token": token, "password": "een heel nieuw begin"})
    challenge = {"challengeToken": accepted["challenge"]["token"]}
    secret = (await payload_of(house, ENROLL, challenge))["secret"]
    confirmed = await payload_of(house, CONFIRM, challenge | {"code": pyotp.TOTP(secret).now()})
    assert confirmed["session"]["viewer"]["roles"] == ["ADMINISTRATOR"]


async def test_a_lost_telephone_is_reset_on_record_and_ends_the_sessions(
    house: House, slaportal: Slaportal
) -> None:
    freya = await house.operator(OperatorRole.ADMINISTRATOR, email="freya@vendor.example")
    client, run = await house.session(freya), commands(house, slaportal)
    before = await contents(house.portal.catalog, frozenset())
    for words, code in ((CHECK, 2), ((*CHECK, "--dry-run"), 0), (("--identity-check", " ", "--yes"), 1)):
        assert (await run("operator", "reset-mfa", freya.email, *words)).exit_code == code
    assert (await run("operator", "reset-mfa", "nobody@vendor.example", *CHECK, "--yes")).exit_code == 1
    assert await contents(house.portal.catalog, frozenset()) == before
    assert (await run("operator", "reset-mfa", freya.email, *CHECK, "--yes")).exit_code == 0
    answer = await client.call(VIEWER)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    shown = await payload_of(house, SIGN_IN, {"email": freya.email, "password": PASSWORD})
    assert (codes(shown), shown["challenge"]["enrollmentRequired"]) == ([], True)
    (entry,) = await audit_log(house.portal.catalog, "authn_mfa_reset")
    assert (entry.actor_kind, entry.detail["identity_check"]) == ("SYSTEM", "Gezien aan de balie.")
