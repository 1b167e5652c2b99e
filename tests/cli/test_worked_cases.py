"""Every worked case goes through the command line, as people and programs use it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Slaportal

CASES = Path(__file__).resolve().parents[1] / "cases"
Case = dict[str, Any]

TERMS = {
    "autoclose": "AUTO_CLOSE",
    "maintenance_notice": "MAINTENANCE_NOTICE",
    "maintenance_window": "MAINTENANCE_WINDOW",
    "change_notice": "CHANGE_NOTICE",
    "change_termination": "CHANGE_TERMINATION",
    "out_of_hours_request": "OUT_OF_HOURS_REQUEST",
    "consultant_booking": "CONSULTANT_BOOKING",
    "fup": "FAIR_USE",
    "fup_term": "FAIR_USE_TERM",
}


def read(name: str) -> Any:
    return json.loads((CASES / name).read_text(encoding="utf-8"))


def agreements(*kinds: str) -> list[Case]:
    found = [case for case in read("agreements.json") if case["kind"] in kinds]
    assert found
    return found


def same(told: object, expected: object) -> bool:
    """Alike as instants and as numbers, however they are written."""
    if isinstance(told, str) and isinstance(expected, str) and "T" in expected:
        return datetime.fromisoformat(told) == datetime.fromisoformat(expected)
    return told == expected


@pytest.fixture
def answers(slaportal: Slaportal) -> Callable[[str, Iterable[Case]], list[Case]]:
    """What `slaportal sla COMMAND` answers to these lines: one for each, in their order."""

    def call(command: str, lines: Iterable[Case]) -> list[Case]:
        given = list(lines)
        told = slaportal("sla", command, stdin="".join(f"{json.dumps(line)}\n" for line in given))
        assert told.exit_code == 0, told.output
        found = [json.loads(line) for line in told.stdout.splitlines()]
        assert [answer["id"] for answer in found] == [line["id"] for line in given]
        return found

    return call


Answers = Callable[[str, Iterable[Case]], list[Case]]


@pytest.mark.parametrize("name", ["business_time.json", "pauses.json"])
def test_working_time_with_and_without_pauses(name: str, answers: Answers) -> None:
    cases = read(name)
    for case, answer in zip(cases, answers("time", cases), strict=True):
        if case["op"] == "add":
            assert same(answer["end"], case["end"]), case
        else:
            expected = case.get("duration_seconds", round(case["duration_minutes"] * 60))
            assert answer["seconds"] == expected, case


def test_working_days(answers: Answers) -> None:
    cases = [{"id": number} | case for number, case in enumerate(read("working_days.json"))]
    for case, answer in zip(cases, answers("time", cases), strict=True):
        assert answer["end_date"] == case["end_date"]


def test_deadlines(answers: Answers) -> None:
    cases = agreements("deadline", "matrix")
    for case, answer in zip(cases, answers("due", cases), strict=True):
        assert same(answer["response"]["due_at"], case["expected_response_due"]), case
        assert same(answer["resolution"]["due_at"], case["expected_resolution_due"]), case
        assert answer["priority"] == case["priority"]


def test_timelines(answers: Answers) -> None:
    cases = agreements("timeline")
    for case, answer in zip(cases, answers("due", cases), strict=True):
        response, resolution = answer["response"], answer["resolution"]
        assert same(response["due_at"], case["expected_response_due"])
        assert response["used_seconds"] == 60 * case["expected_response_minutes"]
        assert (response["state"] == "MET") == case["expected_response_met"]
        assert same(resolution["due_at"], case["expected_resolution_due"])
        assert resolution["used_seconds"] == 60 * case["expected_resolution_minutes_used"]
        assert resolution["target_seconds"] == 60 * case["expected_resolution_target"]
        assert (resolution["state"] == "MET") == case["expected_resolution_met"]
        assert same(resolution["breached_at"], case["expected_breached_at"])


def test_what_an_agreement_refuses_is_an_error_with_its_clause(answers: Answers) -> None:
    for answer in answers("due", agreements("refusal")):
        assert set(answer["error"]) == {"code", "message", "clause"}
        assert answer["error"]["code"] == "CHANNEL_NOT_COVERED"


def test_uptimes(answers: Answers) -> None:
    cases = agreements("uptime")
    for case, answer in zip(cases, answers("uptime", cases), strict=True):
        assert answer["total_minutes"] == case["expected_total_minutes"]
        assert answer["downtime_minutes"] == case["expected_downtime_minutes"]
        assert answer["percent"] == case["expected_percent"]
        assert answer["target"] == case["target"]
        assert answer["met"] == case["expected_met"]


def test_quotes(answers: Answers) -> None:
    cases = agreements("consultancy")
    lines = [case | {"work": "STANDARD", "hours": case["hours_requested"]} for case in cases]
    for case, answer in zip(cases, answers("quote", lines), strict=True):
        if case.get("expected") == "REFUSED":
            assert answer["error"]["code"] == "INVALID"
        else:
            assert Decimal(answer["total"]) == Decimal(case["expected_total"])


@pytest.mark.parametrize("kind", TERMS)
def test_other_terms(kind: str, answers: Answers) -> None:
    cases = agreements(kind)
    for case, answer in zip(
        cases, answers("term", [case | {"term": TERMS[kind]} for case in cases]), strict=True
    ):
        expected = {
            key.removeprefix("expected_"): value for key, value in case.items() if key.startswith("expected_")
        }
        assert expected
        for key, value in expected.items():
            assert same(answer[key], value), case


def test_every_case_is_of_a_kind_that_is_tried() -> None:
    others = {"deadline", "matrix", "timeline", "refusal", "uptime", "consultancy"}
    assert {case["kind"] for case in read("agreements.json")} == others | TERMS.keys()


@pytest.mark.parametrize(("country", "policy"), [("NL", "qixium"), ("BE", "oxygis")])
def test_holidays(country: str, policy: str, slaportal: Slaportal) -> None:
    for year, expected in read("holidays_nl_be.json")[country].items():
        told = slaportal("policy", "holidays", policy, "--year", year, "--json")
        named = {day: names["nl"] for day, names in json.loads(told.stdout).items()}
        assert named == expected
