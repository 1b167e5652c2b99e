"""What the texts leave open is a field of the policy file: the other reading is one word away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sla.policy import Policy
from sla.targets import Subject
from sla.vocabulary import Channel, ClockState
from tests.sla.agreements import changed, local, read_as, response, ticket, verdict


def under(subject: Subject, policy: Policy) -> Subject:
    return replace(subject, policy=policy)


@pytest.mark.clause("OB-044")
def test_written_reports_may_start_at_the_next_open_moment() -> None:
    def next_open_moment(table: dict[str, Any]) -> None:
        for channel in table["channels"]:
            if "clock_start" in channel:
                channel["clock_start"] = "next_open_moment"

    policy = changed("open2bizz", next_open_moment)
    subject = under(ticket("open2bizz", "2026-04-03 10:00", "P1", channel=Channel.EMAIL), policy)
    assert verdict(subject).response.due_at == local("2026-04-03 12:00")
    night = under(ticket("open2bizz", "2026-04-03 20:00", "P1", channel=Channel.EMAIL), policy)
    assert verdict(night).response.started_at == local("2026-04-07 09:00")


@pytest.mark.clause("OB-042")
def test_a_p1_by_telephone_may_count_day_and_night() -> None:
    policy = read_as("open2bizz", p1_phone_calendar="always")
    phone = under(ticket("open2bizz", "2026-03-14 11:00", "P1", channel=Channel.PHONE), policy)
    assert verdict(phone).response.due_at == local("2026-03-14 13:00")
    answered = verdict(phone, "2026-03-14 12:00", [response("2026-03-14 12:00")])
    assert answered.resolution.due_at == local("2026-03-14 20:00")
    midnight = under(ticket("open2bizz", "2026-03-14 23:00", "P1", channel=Channel.PHONE), policy)
    assert verdict(midnight).response.due_at == local("2026-03-15 01:00")
    other = under(ticket("open2bizz", "2026-03-10 11:00", "P2", channel=Channel.PHONE), policy)
    assert verdict(other).response.due_at == local("2026-03-11 11:00")
    mail = under(ticket("open2bizz", "2026-03-14 11:00", "P1", channel=Channel.EMAIL), policy)
    assert verdict(mail).response.due_at == local("2026-03-16 11:00")
    written = verdict(mail, "2026-03-16 10:00", [response("2026-03-16 10:00")])
    assert written.resolution.due_at == local("2026-03-17 10:00")


@pytest.mark.clause("S4-065")
def test_the_table_of_days_may_bind_for_the_standard_level() -> None:
    policy = read_as("s4m-support", standard_table="days")
    subject = under(ticket("s4m-support", "2026-03-09 11:00", "NORMAL", tier="DEFAULT"), policy)
    found = verdict(subject, "2026-03-11 11:00", [response("2026-03-11 11:00")]).response
    assert found.due_at == local("2026-03-11 11:00")
    assert found.state is ClockState.MISSED
    low = under(ticket("s4m-support", "2026-03-09 11:00", "LOW", tier="DEFAULT"), policy)
    late = verdict(low, "2026-03-16 11:00", [response("2026-03-16 11:00")]).response
    assert (late.due_at, late.state) == (local("2026-03-16 11:00"), ClockState.MISSED)
    lowest = under(ticket("s4m-support", "2026-04-02 15:00", "LOW"), policy)
    assert verdict(lowest).response.due_at == local("2026-04-03 14:00")
    extended = under(ticket("s4m-support", "2026-04-02 15:00", "NORMAL"), policy)
    assert verdict(extended).response.due_at == local("2026-04-03 10:00")
