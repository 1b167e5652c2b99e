"""The calculators of `slaportal sla`: a line in, a line out, an error instead of an abort."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Slaportal
from tests.cli.lines import DUE, GOOD, OFFICE, OUT, QUOTE, Ask, Line, asking


@pytest.fixture
def ask(slaportal: Slaportal) -> Ask:
    return asking(slaportal)


@pytest.mark.parametrize("command", GOOD)
def test_each_line_is_answered_by_one_line_in_order_whatever_stands_in_it(
    command: str, slaportal: Slaportal
) -> None:
    good = json.dumps(GOOD[command] | {"id": "last"})
    lines = ["nonsense", "[]", "null", '"text"', '{"id": "a"}', "{}", "", good]
    told = slaportal("sla", command, stdin="\n".join(lines))
    answers = [json.loads(line) for line in told.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == [1, 2, 3, 4, "a", 6, "last"]
    for answer in answers[:-1]:
        assert set(answer) == {"id", "error"}
        assert answer["error"]["code"] in {"INVALID", "NOT_FOUND"}
        assert answer["error"]["message"]
    assert "error" not in answers[-1]


def test_working_time_is_added_and_measured(ask: Ask) -> None:
    assert ask("time") == {"id": 1, "end": "2026-04-07T10:00:00+02:00"}
    between = {"op": "between", "end": "2026-04-07 10:00", "duration_minutes": OUT}
    assert ask("time", **between) == {"id": 1, "seconds": 7200}
    paused = between | {"pauses": [["2026-04-03 16:30", "2026-04-07 09:30"]]}
    assert ask("time", **paused) == {"id": 1, "seconds": 3600}
    days = {"op": "add_working_days", "start_date": "2026-04-03", "days": 1, "start": OUT}
    assert ask("time", **days) == {"id": 1, "end_date": "2026-04-07"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"calendar": OUT}, "calendar"),
        ({"calendar": OFFICE | {"timezone": "Europe/Ede"}}, "calendar.timezone"),
        ({"calendar": OFFICE | {"hours": {}}}, "calendar.hours"),
        ({"calendar": OFFICE | {"hours": {"mon": [["9", "17"]]}}}, "calendar.hours"),
        ({"calendar": OFFICE | {"hours": {"mon": "09:00-17:00"}}}, "calendar.hours"),
        ({"calendar": OFFICE | {"holidays": ["2026-13-01"]}}, "calendar.holidays[1]"),
        ({"op": "subtract"}, "op"),
        ({"start": "yesterday"}, "start"),
        ({"start": "2026-03-29 02:30"}, "start"),
        ({"start": "2026-03-28 02:30*"}, "start"),
        ({"start": "2026-03-28T02:30:00+01:00*"}, "start"),
        ({"duration_minutes": -1}, "duration_minutes"),
        ({"duration_minutes": "an hour"}, "duration_minutes"),
        ({"duration_minutes": OUT}, "duration_seconds"),
        ({"duration_seconds": 1.5}, "duration_seconds"),
        ({"duration_seconds": True}, "duration_seconds"),
        ({"duration_seconds": 61, "duration_minutes": 1}, "duration_minutes"),
        ({"pauzes": [["2026-04-03 16:00", "2026-04-03 16:30"]]}, "'pauzes'"),
        ({"satrt": "2026-04-03 16:00", "start": OUT}, "'satrt'"),
        ({"calendar": OFFICE | {"timezone": "localtime"}}, "calendar.timezone"),
        ({"pauses": [["2026-04-03 16:30"]]}, "pauses[1]"),
        ({"pauses": [["2026-04-03 16:30", "2026-04-03 16:00"]]}, "pauses[1]"),
    ],
)
def test_a_wrong_line_of_time_names_its_field(changes: Line, field: str, ask: Ask) -> None:
    error = ask("time", **changes)["error"]
    assert error["code"] == "INVALID"
    assert error["message"].startswith(f"{field}: ")


def test_a_deadline_beyond_all_calendars_is_an_error(ask: Ask) -> None:
    error = ask("time", duration_seconds=10**12, duration_minutes=OUT)["error"]
    assert (error["code"], "outside the years" in error["message"]) == ("INVALID", True)


def test_a_quote_is_in_whole_blocks(ask: Ask) -> None:
    assert ask("quote") == {
        "id": 1,
        "block_hours": 4,
        "blocks": 2,
        "billable_hours": 8,
        "rate": "150.00",
        "total": "1200.00",
        "currency": "EUR",
    }
    legacy = ask("quote", work="NON_PLATFORM", hours=6, preparation_hours=3)
    assert (legacy["blocks"], legacy["total"]) == (2, "4000.00")
    actual = ask("quote", policy="open2bizz", tier=None, hours="1.25", contract_rate="95.00")
    assert (actual["blocks"], actual["billable_hours"], actual["total"]) == (0, 1.25, "118.75")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"hours": 0}, "INVALID"),
        ({"hours": -1}, "INVALID"),
        ({"hours": "NaN"}, "INVALID"),
        ({"hours": OUT}, "INVALID"),
        ({"work": "FUN"}, "INVALID"),
        ({"preparation_hours": -1}, "INVALID"),
        ({"policy": "oxygis", "tier": None}, "FORBIDDEN_BY_CONTRACT"),
    ],
)
def test_a_quote_that_cannot_be_made_is_an_error(changes: Line, code: str, ask: Ask) -> None:
    assert ask("quote", **changes)["error"]["code"] == code


def test_an_availability_is_that_of_the_month(ask: Ask) -> None:
    outage = {"start": "2026-06-10 21:30", "end": "2026-06-10 23:30"}
    planned = {"start": "2026-06-10 22:00", "end": "2026-06-10 24:00", "reason": "PLANNED_MAINTENANCE"}
    assert ask("uptime", outages=[outage], exclusions=[planned]) == {
        "id": 1,
        "total_minutes": 43200,
        "downtime_minutes": 30,
        "percent": "99.9306",
        "target": "99.9",
        "met": True,
    }
    caused = ask("uptime", outages=[outage | {"cause": "force majeure"}])
    assert caused["downtime_minutes"] == 0
    free_words = ask("uptime", outages=[outage | {"cause": "a broken disk"}])
    assert free_words["downtime_minutes"] == 120


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"month": "2026-13"}, "month"),
        ({"outages": OUT}, "outages"),
        ({"outages": [{"start": "2026-06-10 10:00"}]}, "outages[1].end"),
        ({"outages": [{"start": "2026-06-10 10:00", "end": "2026-06-10 09:00"}]}, "outages[1].end"),
        (
            {"outages": [{"start": "2026-06-10 10:00", "end": "2026-06-10 11:00", "scope": "HALF"}]},
            "outages[1].scope",
        ),
        ({"exclusions": [{"start": "2026-06-10 10:00", "end": "2026-06-10 11:00"}]}, "exclusions[1].reason"),
        (
            {"exclusions": [{"start": "2026-06-10 10:00", "end": "2026-06-10 11:00", "reason": "RAIN"}]},
            "exclusions[1].reason",
        ),
    ],
)
def test_a_wrong_line_of_uptime_names_its_field(changes: Line, field: str, ask: Ask) -> None:
    error = ask("uptime", **changes)["error"]
    assert error["code"] == "INVALID"
    assert error["message"].startswith(f"{field}: ")


def test_a_tier_may_be_left_out_where_it_makes_no_difference(ask: Ask) -> None:
    closing = {
        "policy": "qixium",
        "tier": None,
        "term": "AUTO_CLOSE",
        "waiting_for_customer_since": "2026-03-02 11:00",
    }
    assert ask("term", **closing)["last_working_day"] == "2026-03-16"
    assert ask("quote", tier=None, work="NON_PLATFORM")["total"] == "2000.00"
    assert ask("quote", tier=None)["error"]["message"] == "tier: is missing; choose from SUPPORT, QAAS"
    assert ask("term", tier=None)["error"]["message"].startswith("tier: ")


def test_a_term_that_is_not_kept_tells_why(ask: Ask) -> None:
    notice = {"policy": "qixium", "tier": OUT, "term": "CHANGE_NOTICE", "material": True}
    told = ask("term", **notice, announced_on="2026-03-10", effective_on="2026-04-08")
    assert (told["accepted"], told["clause"]) == (False, "QX-008")
    assert "2026-04-09" in told["reason"]
    assert ask("term", **notice, announced_on="2026-03-10", effective_on="2026-04-09") == {
        "id": 1,
        "accepted": True,
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"term": "TEA"}, "INVALID"),
        ({"term": OUT}, "INVALID"),
        ({"policy": "oxygis", "tier": OUT}, "NOT_FOUND"),
        ({"term": "MAINTENANCE_WINDOW", "policy": "qixium", "at": "2026-03-10 20:00"}, "NOT_FOUND"),
        ({"requested_on": "soon"}, "INVALID"),
        (
            {"term": "FAIR_USE", "policy": "qixium", "daily_usage": [1], "comparable_tenants": [[1, 2]]},
            "INVALID",
        ),
        ({"term": "FAIR_USE", "policy": "qixium", "daily_usage": [-1], "comparable_tenants": []}, "INVALID"),
        ({"term": "CHANGE_NOTICE", "policy": "qixium", "material": "yes"}, "INVALID"),
    ],
)
def test_a_term_that_cannot_be_worked_out_is_an_error(changes: Line, code: str, ask: Ask) -> None:
    assert ask("term", **changes)["error"]["code"] == code


def test_messages_come_in_the_language_that_is_asked_for(slaportal: Slaportal) -> None:
    line = json.dumps(DUE | {"channel": "PHONE"})
    told = slaportal("sla", "due", "--locale", "nl", stdin=line)
    message = json.loads(told.stdout)["error"]["message"]
    assert message == "Via dit kanaal kan alleen met prioriteit OUTAGE gemeld worden."


def test_a_line_may_be_written_as_words(slaportal: Slaportal) -> None:
    words = [f"{name}={value}" for name, value in DUE.items()]
    told = slaportal("sla", "due", *words)
    assert json.loads(told.stdout)["response"]["due_at"] == "2026-04-07T10:00:00+02:00"
    assert slaportal("sla", "due", "qixium").exit_code == 2
    two = slaportal("sla", "due", json.dumps(DUE), json.dumps(DUE | {"id": 2}))
    assert [json.loads(line)["id"] for line in two.stdout.splitlines()] == [1, 2]


def test_lines_may_come_from_a_file_and_be_shown_as_a_table(slaportal: Slaportal, tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join([json.dumps(DUE), "nonsense", json.dumps(DUE | {"channel": "PHONE"})]))
    assert len(slaportal("sla", "due", "--file", str(file)).stdout.splitlines()) == 3
    table = slaportal("sla", "due", "--table", "--file", str(file)).stdout
    assert "2026-04-07 10:00" in table
    assert "INVALID: line 2 is no JSON" in table
    assert "(QX-038)" in table
    assert slaportal("sla", "due", "--file", str(tmp_path / "nowhere")).exit_code == 2


def test_a_program_may_write_a_line_and_wait_for_its_answer() -> None:
    program = [sys.executable, "-c", "from cli.main import main; main()", "sla", "quote"]
    with subprocess.Popen(  # noqa: S603 # our own interpreter and program
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps(QUOTE | {"id": number}) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait() == 0


EXPLAINED = {
    "nl": ("Reactietijd: loopt", "vr 2026-04-03", "Tweede paasdag", "Kantooruren"),
    "en": ("Response time: running", "Fri 2026-04-03", "Easter Monday", "Office"),
    "fr": ("Temps de réponse: en cours", "ven 2026-04-03", "Lundi de Pâques", "lundi"),
}


@pytest.mark.parametrize("locale", EXPLAINED)
def test_a_case_is_explained_day_by_day_with_its_clauses(locale: str, slaportal: Slaportal) -> None:
    told = slaportal("sla", "explain", "--locale", locale, stdin=json.dumps(DUE))
    assert told.exit_code == 0
    for words in EXPLAINED[locale][:3]:
        assert words in told.stdout
    assert "QX-048" in told.stdout
    assert "0:30" in told.stdout
    assert "1:30" in told.stdout


def test_the_belgian_agreement_is_explained_in_french(slaportal: Slaportal) -> None:
    line = {"policy": "oxygis", "type": "INCIDENT", "priority": "MAJOR", "registered_at": "2026-04-30 10:00"}
    told = slaportal("sla", "explain", "--locale", "fr", stdin=json.dumps(line))
    assert "Fête du Travail" in told.stdout
    assert "jours ouvrables" in told.stdout


def test_what_cannot_be_explained_is_told_in_one_line(slaportal: Slaportal) -> None:
    for changes in ({"channel": "PHONE"}, {"registered_at": "soon"}, {"now": "2036-01-01 09:00"}):
        told = slaportal("sla", "explain", stdin=json.dumps(DUE | changes))
        assert told.exit_code == 1
        assert told.stderr.startswith("Error: ")
    assert slaportal("sla", "explain", stdin="").exit_code == 2
    assert slaportal("sla", "explain", stdin="nonsense").stderr.startswith("Error: line 1 is no JSON")


def test_an_agreement_of_ones_own_is_reckoned_with(slaportal: Slaportal, tmp_path: Path) -> None:
    source = Path(__file__).resolve().parents[2] / "sla" / "policies" / "oxygis-2025-06-18.toml"
    text = source.read_text("utf-8").replace('key = "oxygis"', 'key = "acme"', 1)
    (tmp_path / "acme.toml").write_text(text, "utf-8")
    line = DUE | {"policy": "acme", "tier": None, "priority": "CRITICAL"}
    told = slaportal("sla", "due", "--policies", str(tmp_path), stdin=json.dumps(line))
    assert json.loads(told.stdout)["response"]["target_seconds"] == 8 * 3600
    (tmp_path / "acme.toml").write_text(text.replace('"8 hours"', '"8 ours"'), "utf-8")
    wrong = slaportal("sla", "due", SLAPORTAL_POLICIES=str(tmp_path), stdin=json.dumps(line))
    assert wrong.exit_code == 1
    assert "acme.toml, line" in wrong.stderr
