"""Each command says what it found, and its exit code says how it went."""

import json
import stat
from pathlib import Path

import pytest

from api.schema import schema_text
from cli.demo_data.customers import CUSTOMERS
from cli.demo_data.records import FILE, read_accounts
from tests.cli.conftest import Slaportal

COMMANDS = [
    ["run"],
    ["schema"],
    ["audit", "verify"],
    ["audit", "head"],
    ["audit", "export"],
    ["catalog", "move"],
    ["demo", "create"],
    ["demo", "reset"],
    ["demo", "accounts"],
    ["keys", "create"],
    ["mails", "list"],
    ["mails", "retry"],
    ["mails", "drop"],
    ["mails", "test"],
    ["migrate"],
    ["queue", "rebuild"],
    ["policy", "check"],
    ["policy", "holidays"],
    ["policy", "list"],
    ["sla", "time"],
    ["sla", "due"],
    ["sla", "quote"],
    ["sla", "uptime"],
    ["sla", "term"],
    ["sla", "explain"],
    ["sla", "verify"],
    ["tenant", "agree"],
    ["tenant", "export"],
    ["tenant", "list"],
    ["tenant", "show"],
    ["tenant", "terms"],
    ["tenant", "suspend"],
    ["tenant", "resume"],
    ["tenant", "move"],
    ["tenant", "delete"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_help_of_each_command_has_an_example(slaportal: Slaportal, command: list[str]) -> None:
    told = slaportal(*command, "--help")
    assert told.exit_code == 0
    assert "Example: " in told.stdout
    assert f"slaportal {' '.join(command)}" in " ".join(told.stdout.split())


def test_the_schema_is_printed_as_it_is(slaportal: Slaportal) -> None:
    assert slaportal("schema").stdout == schema_text()


def test_keys_are_made_once(slaportal: Slaportal, tmp_path: Path) -> None:
    assert slaportal("keys", "create").exit_code == 0
    path = tmp_path / "keys.json"
    content = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    refused = slaportal("keys", "create")
    assert refused.exit_code == 1
    assert "never overwritten" in refused.stderr
    assert path.read_bytes() == content


def test_keys_go_where_the_environment_says(slaportal: Slaportal, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "keys.json"
    assert slaportal("keys", "create", SLAPORTAL_KEYS_FILE=str(path)).exit_code == 0
    assert path.exists()
    assert not (tmp_path / "keys.json").exists()


@pytest.mark.parametrize(
    "command", [["tenant", "list"], ["sla", "verify"], ["queue", "rebuild"], ["migrate"]], ids=" ".join
)
def test_an_empty_folder_is_told_in_one_line(
    slaportal: Slaportal, command: list[str], tmp_path: Path
) -> None:
    refused = slaportal(*command)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: There is no installation here")
    assert list(tmp_path.iterdir()) == []


def test_without_a_demo_there_are_no_accounts(slaportal: Slaportal) -> None:
    refused = slaportal("demo", "accounts", "--json")
    assert refused.exit_code == 1
    assert "slaportal demo create" in refused.stderr
    assert refused.stdout == ""


def test_the_accounts_are_printed_as_json(slaportal: Slaportal, demo_data: Path) -> None:
    told = slaportal("demo", "accounts", "--json", "--data", str(demo_data))
    assert json.loads(told.stdout) == json.loads((demo_data / FILE).read_text())


def test_the_table_of_accounts_cuts_no_secret(slaportal: Slaportal, demo_data: Path) -> None:
    told = slaportal("demo", "accounts", DATA=str(demo_data))
    for account in read_accounts(demo_data):
        assert account.password in told.stdout
        assert account.totp_secret in told.stdout


def test_a_demo_that_is_there_is_kept(slaportal: Slaportal, demo_data: Path) -> None:
    before = (demo_data / FILE).read_bytes()
    told = slaportal("demo", "create", "--data", str(demo_data))
    assert told.exit_code == 0
    assert "there already" in told.stderr
    assert (demo_data / FILE).read_bytes() == before


def test_stored_clocks_are_verified(slaportal: Slaportal, demo_data: Path) -> None:
    told = slaportal("sla", "verify", "--data", str(demo_data))
    assert told.exit_code == 0
    assert f"of {len(CUSTOMERS)} customers, 0 differences" in told.stderr


def test_the_queue_is_rebuilt(slaportal: Slaportal, demo_data: Path) -> None:
    told = slaportal("queue", "rebuild", "--data", str(demo_data))
    assert told.exit_code == 0
    assert "tickets put on the queue" in told.stderr


def test_tenants_are_listed(slaportal: Slaportal, demo_data: Path) -> None:
    told = slaportal("tenant", "list", "--json", "--data", str(demo_data))
    rows = {row["slug"]: row for row in json.loads(told.stdout)}
    assert {slug: row["policy"] for slug, row in rows.items()} == {
        customer.slug: customer.policy_key for customer in CUSTOMERS
    }
    table = slaportal("tenant", "list", "--data", str(demo_data)).stdout
    assert all(slug in table for slug in rows)


def test_a_tenant_is_suspended_and_resumed(slaportal: Slaportal, demo_data: Path) -> None:
    slug, data = CUSTOMERS[0].slug, str(demo_data)

    def status() -> object:
        return json.loads(slaportal("tenant", "show", slug, "--json", "--data", data).stdout)["status"]

    assert status() == "ACTIVE"
    assert slaportal("tenant", "suspend", slug, "--data", data).exit_code == 0
    assert status() == "SUSPENDED"
    again = slaportal("tenant", "suspend", slug, "--data", data)
    assert again.exit_code == 1
    assert "SUSPENDED" in again.stderr
    assert slaportal("tenant", "resume", slug, "--data", data).exit_code == 0
    assert status() == "ACTIVE"
    assert slaportal("tenant", "resume", slug, "--data", data).exit_code == 1


def test_a_term_is_agreed_and_told(slaportal: Slaportal, demo_data: Path) -> None:
    slug, data = next(each.slug for each in CUSTOMERS if each.policy_key == "qixium"), str(demo_data)

    def term() -> dict[str, str]:
        told = slaportal("tenant", "terms", slug, "--json", "--data", data)
        found = {each["term"]: each for each in json.loads(told.stdout)}
        return dict(found["response.HIGH"])

    words = ("tenant", "agree", slug, "response.HIGH", "60 minutes", "--data", data, "--reference")
    before = term()
    dry = slaportal(*words, "AGR-9", "--dry-run")
    assert (dry.exit_code, "would be 60 minutes" in dry.stderr) == (0, True)
    assert term() == before
    assert slaportal(*words, " ").exit_code == 2
    assert term() == before
    assert slaportal(*words, "AGR-9").exit_code == 0
    assert (term()["value"], term()["layer"], term()["reference"]) == (
        "60 minutes",
        "SPECIFIC_AGREEMENT",
        "AGR-9",
    )
    assert "AGR-9" in slaportal("tenant", "terms", slug, "--data", data).stdout
    unknown = slaportal(
        "tenant", "agree", slug, "response.URGENT", "1 hour", "--reference", "A", "--data", data
    )
    assert unknown.exit_code == 1
    assert "response.HIGH" in unknown.stderr
    assert slaportal("sla", "verify", "--data", data).exit_code == 0


def test_an_unknown_tenant_is_told_in_one_line(slaportal: Slaportal, demo_data: Path) -> None:
    for command in ("show", "suspend", "resume"):
        refused = slaportal("tenant", command, "nobody", "--data", str(demo_data))
        assert refused.exit_code == 1
        assert "no such tenant" in refused.stderr


def test_wrong_usage_has_an_exit_code_of_its_own(slaportal: Slaportal) -> None:
    assert slaportal("run", "--port", "70000").exit_code == 2
    assert slaportal("tenant", "show").exit_code == 2
