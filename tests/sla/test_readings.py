"""What the texts leave open is a field of the policy file: the other reading is one word away."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources

import pytest

from sla.policy import Policy
from sla.policy_file import read_policy
from sla.targets import Subject
from sla.vocabulary import Channel, ClockState
from tests.sla.agreements import local, response, ticket, verdict

BOOKS = {"open2bizz": "open2bizz-2024-01-01.toml", "s4m-support": "s4m-support-2023-03-01.toml"}


def read_otherwise(key: str, old: str, new: str) -> Policy:
    text = resources.files("sla").joinpath("policies", BOOKS[key]).read_text(encoding="utf-8")
    assert old in text
    return read_policy(BOOKS[key], text.replace(old, new).encode())


def under(subject: Subject, policy: Policy) -> Subject:
    return replace(subject, policy=policy)


@pytest.mark.clause("OB-044")
def test_written_reports_may_start_at_the_next_open_moment() -> None:
    policy = read_otherwise(
        "open2bizz", 'clock_start = "next_working_day"', 'clock_start = "next_open_moment"'
    )
    subject = under(ticket("open2bizz", "2026-04-03 10:00", "P1", channel=Channel.EMAIL), policy)
    assert verdict(subject).response.due_at == local("2026-04-03 12:00")
    night = under(ticket("open2bizz", "2026-04-03 20:00", "P1", channel=Channel.EMAIL), policy)
    assert verdict(night).response.started_at == local("2026-04-07 09:00")


@pytest.mark.clause("OB-042")
def test_a_p1_by_telephone_may_count_day_and_night() -> None:
    policy = read_otherwise("open2bizz", 'p1_phone_calendar = "office"', 'p1_phone_calendar = "always"')
    phone = under(ticket("open2bizz", "2026-03-14 11:00", "P1", channel=Channel.PHONE), policy)
    assert verdict(phone).response.due_at == local("2026-03-14 13:00")
    mail = under(ticket("open2bizz", "2026-03-14 11:00", "P1", channel=Channel.EMAIL), policy)
    assert verdict(mail).response.due_at == local("2026-03-16 11:00")


@pytest.mark.clause("S4-065")
def test_the_table_of_days_may_bind_for_the_standard_level() -> None:
    policy = read_otherwise("s4m-support", 'standard_table = "hours"', 'standard_table = "days"')
    subject = under(ticket("s4m-support", "2026-03-09 11:00", "NORMAL", tier="DEFAULT"), policy)
    found = verdict(subject, "2026-03-11 11:00", [response("2026-03-11 11:00")]).response
    assert found.due_at == local("2026-03-11 11:00")
    assert found.state is ClockState.MISSED
    extended = under(ticket("s4m-support", "2026-04-02 15:00", "NORMAL"), policy)
    assert verdict(extended).response.due_at == local("2026-04-03 10:00")
