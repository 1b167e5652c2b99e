"""`slaportal sla due`: tickets as lines."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Slaportal
from tests.cli.lines import DUE, OUT, Ask, Line, asking


@pytest.fixture
def ask(slaportal: Slaportal) -> Ask:
    return asking(slaportal)


def test_a_ticket_is_due_as_its_agreement_says(ask: Ask) -> None:
    clock = {"state": "RUNNING", "used_seconds": 0, "breached_at": None}
    assert ask("due") == {
        "id": 1,
        "priority": "HIGH",
        "response": {"due_at": "2026-04-07T10:00:00+02:00", "target_seconds": 7200} | clock,
        "resolution": {"due_at": "2026-04-07T16:00:00+02:00", "target_seconds": 28800} | clock,
        "auto_close_at": None,
    }


def test_without_a_priority_the_one_holds_that_a_ticket_begins_with(ask: Ask) -> None:
    assert ask("due", priority=OUT)["priority"] == "NORMAL"
    assert ask("due", priority=None, environment="TEST")["priority"] == "LOW"
    assert ask("due", policy="open2bizz", tier=None, priority=None)["priority"] == "P3"
    assert (
        ask("due", policy="s4m-support", tier="DEFAULT", priority=None, urgency="U1", impact="I-3")[
            "priority"
        ]
        == "NORMAL"
    )


def test_an_operator_may_judge_later_and_now_is_the_last_moment_of_the_line(ask: Ask) -> None:
    line = {"registered_at": "2026-03-10 09:00", "environment": "TEST", "priority": OUT}
    raised = ask("due", **line, events=[{"at": "2026-03-10 10:00", "priority": "HIGH"}])
    assert raised["priority"] == "HIGH"
    assert raised["response"]["due_at"] == "2026-03-10T11:00:00+01:00"
    assert raised["response"]["used_seconds"] == 3600
    before = ask(
        "due", **line, events=[{"at": "2026-03-10 10:00", "priority": "HIGH"}], now="2026-03-10 09:30"
    )
    assert (before["priority"], before["response"]["used_seconds"]) == ("LOW", 1800)


def test_waiting_gives_the_moment_from_which_the_vendor_may_close(ask: Ask) -> None:
    waiting = [{"at": "2026-03-02 11:00", "status": "WAITING_FOR_CUSTOMER"}]
    told = ask("due", registered_at="2026-03-02 09:00", first_response_at="2026-03-02 11:00", events=waiting)
    assert told["auto_close_at"] == "2026-03-17T00:00:00+01:00"
    assert (told["resolution"]["state"], told["resolution"]["due_at"]) == ("PAUSED", None)
    assert told["response"]["state"] == "MET"


def test_an_excused_ticket_has_no_clocks_until_the_excuse_is_taken_back(ask: Ask) -> None:
    excuse = {"reason": "FORCE_MAJEURE"}
    assert ask("due", excuses=[excuse])["response"]["state"] == "NOT_APPLICABLE"
    back = {"at": "2026-04-07 09:00", "reason": "FORCE_MAJEURE", "taken_back": True}
    assert ask("due", excuses=[excuse, back])["response"]["state"] == "RUNNING"


def test_readings_of_the_autumn_hour_are_ordered_as_instants(ask: Ask) -> None:
    events = [
        {"at": "2026-10-25 02:15*", "status": "IN_PROGRESS"},
        {"at": "2026-10-25 02:45", "status": "WAITING_FOR_CUSTOMER"},
    ]
    told = ask("due", type="SAAS_OUTAGE", priority=OUT, registered_at="2026-10-25 02:30", events=events)
    assert told["resolution"]["used_seconds"] == 15 * 60
    assert told["resolution"]["due_at"] == "2026-10-25T04:00:00+01:00"


def test_closed_by_the_vendor_is_answered_and_closed_by_the_customer_is_withdrawn(ask: Ask) -> None:
    closed = {"at": "2026-04-03 16:15", "status": "CLOSED"}
    assert ask("due", events=[closed])["response"]["state"] == "NOT_APPLICABLE"
    assert ask("due", events=[closed | {"by": "VENDOR"}])["response"]["state"] == "MET"


@pytest.mark.parametrize(
    ("responded", "state"),
    [
        ("2026-04-07 09:59", "RUNNING"),
        ("2026-04-07 10:00", "MET"),
        ("2026-04-07 10:01", "MET"),
    ],
    ids=["to the closed ticket", "with the reopening", "after it"],
)
def test_only_an_open_ticket_is_answered(ask: Ask, responded: str, state: str) -> None:
    events = [
        {"at": "2026-04-03 16:15", "status": "CLOSED"},
        {"at": "2026-04-07 10:00", "status": "IN_PROGRESS"},
    ]
    told = ask("due", events=events, first_response_at=responded, now="2026-04-07 10:30")
    assert told["response"]["state"] == state


@pytest.mark.parametrize(
    ("changes", "code", "clause"),
    [
        ({"channel": "PHONE"}, "CHANNEL_NOT_COVERED", "QX-038"),
        ({"channel": "CHAT"}, "CHANNEL_NOT_COVERED", "QX-037"),
        ({"type": "CHANGE"}, "OUT_OF_SCOPE", "QX-023"),
        ({"type": "PROBLEM"}, "OUT_OF_SCOPE", "QX-023"),
        ({"component": "ORB"}, "OUT_OF_SCOPE", "QX-012"),
        ({"policy": "s4m-support", "tier": "DEFAULT", "type": "DATA_PROBLEM"}, "OUT_OF_SCOPE", "S4-019"),
        (
            {"policy": "open2bizz", "tier": None, "priority": None, "environment": "TEST"},
            "OUT_OF_SCOPE",
            "OB-055",
        ),
        ({"policy": "oxygis", "tier": None, "priority": None}, "INVALID", "OX-035"),
        ({"priority": "P1"}, "INVALID", "QX-039"),
        (
            {
                "policy": "open2bizz",
                "tier": None,
                "priority": "P2",
                "channel": "PHONE",
                "registered_at": "2026-03-14 11:00",
            },
            "CHANNEL_NOT_COVERED",
            "OB-042",
        ),
    ],
)
def test_what_the_agreement_refuses_tells_the_clause(changes: Line, code: str, clause: str, ask: Ask) -> None:
    error = ask("due", **changes)["error"]
    assert (error["code"], error["clause"]) == (code, clause)
    assert error["message"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"policy": OUT}, "policy"),
        ({"policy": 7}, "policy"),
        ({"tier": OUT}, "tier"),
        ({"tier": "GOLD"}, "tier"),
        ({"type": OUT}, "type"),
        ({"registered_at": OUT}, "registered_at"),
        ({"registered_at": "0001-01-01T00:00:00Z"}, "registered_at"),
        ({"urgency": "high"}, "urgency"),
        ({"environment": "LIVE"}, "environment"),
        ({"events": "none"}, "events"),
        ({"events": [7]}, "events[1]"),
        ({"events": [{"at": "2026-04-03 17:00"}]}, "events[1].status"),
        ({"events": [{"at": "2026-04-03 15:00", "status": "CLOSED"}]}, "events[1].at"),
        ({"events": [{"at": "2026-04-03 17:00", "status": "DONE"}]}, "events[1].status"),
        ({"first_response_at": "2026-04-03 15:00"}, "first_response_at"),
        ({"now": "2026-04-03 15:00"}, "now"),
        ({"excuses": [{"at": "2026-04-03 17:00"}]}, "excuses[1].reason"),
        ({"excuses": [{"reason": " "}]}, "excuses[1].reason"),
        ({"excuses": [{"reason": False}]}, "excuses[1].reason"),
        ({"type": ""}, "type"),
        ({"urgency": "-2"}, "urgency"),
        ({"urgency": "I2"}, "urgency"),
        ({"addenda": ["METABASE", 7]}, "addenda"),
        ({"impact": 4, "policy": "s4m-support", "tier": "DEFAULT", "urgency": 1, "priority": None}, "impact"),
        ({"event": []}, "'event'"),
        ({"nwo": "2026-04-07 09:00"}, "'nwo'"),
        ({"policy": "open2bizz", "tier": None, "priority": None, "addenda": ["PBXX"]}, "addenda"),
        ({"priority": "URGENT"}, "priority"),
        (
            {
                "events": [
                    {"at": "2026-04-08 09:00", "priority": "URGENT"},
                    {"at": "2026-04-07 09:00", "status": "IN_PROGRESS"},
                ]
            },
            "events[1].priority",
        ),
        ({"events": [{"at": "2026-04-08 09:00", "urgency": "much"}]}, "events[1].urgency"),
    ],
)
def test_a_wrong_line_of_due_names_its_field(changes: Line, field: str, ask: Ask) -> None:
    error = ask("due", **changes)["error"]
    assert error["code"] in {"INVALID", "OUT_OF_SCOPE"}
    assert error["message"].startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"policy": "acme"}, "there is no 'acme'"), ({"version": "2020-01-01"}, "qixium has 2026-03-01")],
)
def test_an_unknown_agreement_lists_those_that_there_are(changes: Line, told: str, ask: Ask) -> None:
    error = ask("due", **changes)["error"]
    assert (error["code"], told in error["message"]) == ("NOT_FOUND", True)


def test_the_same_words_with_true_for_one_are_not_taken_for_the_same(slaportal: Slaportal) -> None:
    line = DUE | {"policy": "s4m-support", "tier": "DEFAULT", "priority": None}
    told = slaportal("sla", "due", stdin="\n".join(json.dumps(line | {"urgency": u}) for u in (1, True, 1.0)))
    first, second, third = (json.loads(answer) for answer in told.stdout.splitlines())
    assert (first["priority"], third["priority"]) == ("HIGH", "HIGH")
    assert second["error"]["message"].startswith("urgency: ")
