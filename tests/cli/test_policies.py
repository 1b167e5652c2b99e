"""`slaportal policy`: for those who write agreements."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Slaportal

POLICIES = Path(__file__).resolve().parents[2] / "sla" / "policies"


@pytest.mark.parametrize("file", sorted(POLICIES.glob("*.toml")), ids=lambda file: file.name)
def test_the_agreements_of_the_portal_are_sound(file: Path, slaportal: Slaportal) -> None:
    told = slaportal("policy", "check", str(file))
    assert told.exit_code == 0
    assert told.stdout.startswith(f"{file.name} is sound.")


def test_every_mistake_is_told_with_its_line(slaportal: Slaportal, tmp_path: Path) -> None:
    text = (POLICIES / "qixium-2026-03-01.toml").read_text("utf-8")
    wrong = tmp_path / "acme.toml"
    wrong.write_text(
        text.replace("rank = 2", "rank = 1").replace("[statuses.pauses]\n", "[statuses.pauses]\n"), "utf-8"
    )
    told = slaportal("policy", "check", str(wrong))
    assert told.exit_code == 1
    number = wrong.read_text("utf-8").splitlines().index("[priorities.HIGH]") + 2
    assert f"acme.toml, line {number}: priorities.HIGH.rank:" in told.stderr
    machine = json.loads(slaportal("policy", "check", "--json", str(wrong)).stdout)
    assert machine["sound"] is False
    assert machine["problems"][0]["line"] == number


def test_the_agreements_are_listed(slaportal: Slaportal) -> None:
    found = json.loads(slaportal("policy", "list", "--json").stdout)
    assert [each["policy"] for each in found] == ["open2bizz", "oxygis", "qixium", "s4m-support"]
    assert {each["policy"]: each["clauses"] for each in found}["qixium"] == 146
    assert "Qixium SLA" in slaportal("policy", "list").stdout


def test_holidays_are_listed_and_an_unknown_agreement_is_told(slaportal: Slaportal) -> None:
    assert "King's Day" in slaportal("policy", "holidays", "qixium", "--year", "2026").stdout
    assert slaportal("policy", "holidays", "acme", "--year", "2026").exit_code == 1
    assert slaportal("policy", "holidays", "qixium", "--year", "2026", "--tier", "GOLD").exit_code == 1


def test_the_guide_to_policies_holds_a_sound_agreement(slaportal: Slaportal, tmp_path: Path) -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "policies.md").read_text("utf-8")
    example = guide.split("```toml\n")[1].split("```")[0]
    file = tmp_path / "acme-2027-01-01.toml"
    file.write_text(example, "utf-8")
    told = slaportal("policy", "check", str(file))
    assert (told.exit_code, told.stderr) == (0, "")
    line = {"policy": "acme", "type": "INCIDENT", "priority": "HIGH", "registered_at": "2027-03-05 16:00"}
    due = slaportal("sla", "due", "--policies", str(tmp_path), stdin=json.dumps(line))
    assert json.loads(due.stdout)["response"]["due_at"] == "2027-03-06T13:00:00+01:00"
