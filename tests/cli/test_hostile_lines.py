"""Lines that somebody wrote to break the calculators: an error for that line, and the others are answered."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Slaportal
from tests.cli.lines import DUE, GOOD, OFFICE, QUOTE, TIME, Line

DEEP: Any = "["


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def raw(line: Line, **changes: str) -> str:
    """The line as JSON, with some values as they are written."""
    told = json.dumps(line)
    for name, value in changes.items():
        told = told[:-1] + f', "{name}": {value}}}'
    return told


HOSTILE = {
    "a rate of thirty digits": ("quote", raw(QUOTE, contract_rate="1e30")),
    "hours beyond all numbers": ("quote", raw(QUOTE, hours='"9e999999"')),
    "hours with an underscore": ("quote", raw(QUOTE, hours='"1_0"')),
    "minutes beyond all numbers": ("time", raw(TIME, duration_minutes="1e27")),
    "use beyond all numbers": (
        "term",
        '{"policy":"qixium","term":"FAIR_USE","daily_usage":["9e999999"],"comparable_tenants":[[1]]}',
    ),
    "use that is missing": ("term", '{"policy":"qixium","term":"FAIR_USE","comparable_tenants":[]}'),
    "an urgency of 5,000 digits": ("due", raw(DUE, urgency=f'"{"9" * 5000}"')),
    "an id that is nested deep": ("due", raw(DUE, id=json.dumps(nested(300)))),
    "an id that is an object": ("due", raw(DUE, id="{}")),
    "a calendar that is nested deep": ("time", raw(TIME, calendar=json.dumps({"a": nested(300)}))),
    "a policy that is nested deep": ("due", raw(DUE, policy=json.dumps(nested(300)))),
    "a month that is nested deep": ("uptime", raw(GOOD["uptime"], month=json.dumps(nested(900)))),
    "an operation that is nested deep": ("time", raw(TIME, op=json.dumps(nested(900)))),
    "more brackets than anybody needs": ("due", "[" * 100_000),
    "a thousand windows a day": (
        "time",
        raw(TIME, calendar=json.dumps(OFFICE | {"hours": {"mon": [["09:00", "09:01"]] * 1000}})),
    ),
    "windows as an object": (
        "time",
        raw(TIME, calendar=json.dumps(OFFICE | {"hours": {"mon": [{"09:00": 1, "17:00": 2}]}})),
    ),
    "a day without its end": ("time", raw(TIME, calendar=json.dumps(OFFICE | {"hours": {"mon-": []}}))),
    "two marks of the autumn hour": ("time", raw(TIME, start='"2026-10-25 02:30**"')),
    "a year beyond all calendars": ("due", raw(DUE, registered_at='"9999-12-31T00:00:00Z"')),
    "an offset beyond a day": ("due", raw(DUE, registered_at='"2026-04-03T16:00:00+25:00"')),
    "a leap second": ("due", raw(DUE, registered_at='"2026-04-03T16:00:60Z"')),
    "a misspelt field": ("uptime", '{"policy": "oxygis", "month": "2026-06", "outage": []}'),
    "a change without its kind": (
        "term",
        '{"policy":"qixium","term":"CHANGE_NOTICE","announced_on":"2026-03-01","effective_on":"2026-03-01"}',
    ),
    "half a surrogate": ("due", raw(DUE, component='"\\ud800"')),
    "infinity": ("quote", raw(QUOTE, hours="Infinity")),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_line_is_an_error_and_its_neighbours_are_answered(what: str, slaportal: Slaportal) -> None:
    command, line = HOSTILE[what]
    good = json.dumps(GOOD[command] | {"id": "good"})
    told = slaportal("sla", command, stdin=f"{good}\n{line}\n{good}")
    assert told.exit_code == 0
    first, middle, last = (json.loads(answer) for answer in told.stdout.splitlines())
    assert first == last
    assert "error" not in first
    assert middle["error"]["code"] == "INVALID"
    assert 0 < len(middle["error"]["message"]) < 400


@pytest.mark.parametrize(
    ("written", "billed"),
    [("0.7999999999999999", 4), ("4.000000000000001", 4), ('"4.000000000000001"', 8), ("1e-7", 4)],
)
def test_what_programs_add_to_a_number_is_not_billed(written: str, billed: int, slaportal: Slaportal) -> None:
    told = slaportal("sla", "quote", stdin=raw(QUOTE, hours=written))
    assert json.loads(told.stdout)["billable_hours"] == billed


def test_a_rate_below_nothing_by_nothing_is_nothing(slaportal: Slaportal) -> None:
    line = {"policy": "oxygis", "work": "STANDARD", "hours": 1, "contract_rate": "-0"}
    told = json.loads(slaportal("sla", "quote", stdin=json.dumps(line)).stdout)
    assert (told["rate"], told["total"]) == ("0.00", "0.00")


@pytest.mark.parametrize("field", ["hours", "preparation_hours"])
def test_a_message_calls_a_field_as_the_line_does(field: str, slaportal: Slaportal) -> None:
    told = slaportal("sla", "quote", stdin=json.dumps(QUOTE | {field: -1}))
    assert json.loads(told.stdout)["error"]["message"].startswith(f"{field}: ")


def test_moments_are_written_alike_beside_any_id(slaportal: Slaportal) -> None:
    given = [raw(TIME, id=key) for key in ("1", "18446744073709551616")]
    first, second = slaportal("sla", "time", stdin="\n".join(given)).stdout.splitlines()
    assert second == first.replace('"id":1', '"id":18446744073709551616')


def test_a_disk_that_is_full_is_told_in_one_line() -> None:
    script = Path(sys.executable).with_name("slaportal")
    with open("/dev/full", "wb") as full:  # noqa: PTH123 # a device
        found = subprocess.run(  # noqa: S603 # our own program
            [script, "sla", "quote"],
            input=json.dumps(QUOTE).encode(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert found.returncode == 1
    assert found.stderr.decode().startswith("Error: The answers could not be written")


def test_bytes_that_are_no_text_are_an_error(slaportal: Slaportal) -> None:
    told = slaportal("sla", "due", stdin=b'{"id": 1, "policy": "\xff\xfe"}\n' + json.dumps(DUE).encode())
    first, second = (json.loads(answer) for answer in told.stdout.splitlines())
    assert first["error"]["code"] == "INVALID"
    assert "error" not in second


def test_a_byte_order_mark_and_windows_line_ends_are_no_mistake(slaportal: Slaportal) -> None:
    line = json.dumps(DUE).encode()
    told = slaportal("sla", "due", stdin=b"\xef\xbb\xbf" + line + b"\r\n" + line + b"\r\n")
    assert ["error" in json.loads(answer) for answer in told.stdout.splitlines()] == [False, False]


@pytest.mark.parametrize("key", ["12345678901234567890123", "-9007199254740993", '"T-1"', "1.5", "true"])
def test_an_id_comes_back_as_it_was_given(key: str, slaportal: Slaportal) -> None:
    told = slaportal("sla", "quote", stdin=raw(QUOTE, id=key))
    assert json.loads(told.stdout)["id"] == json.loads(key)


@pytest.mark.parametrize("field", ["priority", "environment", "impact", "type"])
def test_an_answer_does_not_depend_on_the_lines_before(field: str, slaportal: Slaportal) -> None:
    plain = {"policy": "open2bizz", "type": "INCIDENT", "registered_at": "2026-04-03 16:00"}
    odds: tuple[Any, ...] = (0, False, [], {}, "")
    for odd in odds:
        lines = [plain | {field: odd}, plain, plain | {field: odd}]
        told = slaportal("sla", "due", stdin="\n".join(json.dumps(line) for line in lines))
        first, middle, last = (json.loads(answer) | {"id": 0} for answer in told.stdout.splitlines())
        assert first == last
        assert middle["priority"] == "P3"


def test_the_last_year_is_the_last_whatever_was_asked_before(slaportal: Slaportal) -> None:
    far = {"calendar": {"timezone": "UTC", "hours": {"mon": [["09:00", "17:00"]]}}, "op": "add_working_days"}
    lines = [
        far | {"start_date": "2026-01-01", "days": 25_000},
        far | {"start_date": "2389-01-01", "days": 1},
        far | {"start_date": "2026-01-01", "days": 25_000},
    ]
    told = slaportal("sla", "time", stdin="\n".join(json.dumps(line) for line in lines))
    first, middle, last = (json.loads(answer) for answer in told.stdout.splitlines())
    assert first["error"] == last["error"]
    assert middle["end_date"] == "2389-01-02"


def test_what_looks_like_markup_is_shown_as_it_is(slaportal: Slaportal, tmp_path: Path) -> None:
    table = slaportal("sla", "quote", "--table", stdin=json.dumps(QUOTE | {"id": "[/x]\x1b[31m"})).stdout
    assert "[/x]" in table
    assert "\x1b" not in table
    told = slaportal(
        "sla", "explain", stdin=json.dumps(DUE | {"excuses": [{"reason": "see [/mail] of today"}]})
    )
    assert (told.exit_code, "see [/mail] of today" in " ".join(told.stdout.split())) == (0, True)
    assert "[/x]" in slaportal("sla", "explain", stdin=json.dumps(DUE | {"policy": "[/x]"})).stderr
    assert "[/x]" in slaportal("policy", "holidays", "[/x]", "--year", "2026").stderr
    file = tmp_path / "acme.toml"
    file.write_text('targets = "[[x]]"\nkey = "acme"\n', "utf-8")
    assert slaportal("policy", "check", str(file)).exit_code == 1


def test_words_that_are_no_text_are_wrong_usage(slaportal: Slaportal) -> None:
    assert slaportal("sla", "quote", "policy=\udcff").exit_code == 2
    assert "error" in json.loads(slaportal("sla", "quote", '{"policy": "\udcff"}').stdout)
    assert slaportal("sla", "quote", "hours=1", "--file", sys.executable).exit_code == 2
    assert slaportal("sla", "quote", "hours=1", "hours=2").exit_code == 2


def test_reasons_of_terms_come_in_the_language_that_is_asked_for(slaportal: Slaportal) -> None:
    line = {"policy": "qixium", "term": "CHANGE_NOTICE", "material": True, "announced_on": "2026-03-10"}
    told = slaportal("sla", "term", "--locale", "nl", stdin=json.dumps(line | {"effective_on": "2026-03-11"}))
    assert json.loads(told.stdout)["reason"] == "Deze wijziging kan op zijn vroegst ingaan op 2026-04-09."
