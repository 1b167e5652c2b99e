"""The other terms of an agreement: notices, bookings, closing, fair use."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from cli.calculators.agreements import policy_of, tier_of
from cli.calculators.moments import day, maybe_moment, needed_moment, told
from cli.calculators.values import (
    Answer,
    Line,
    decimal,
    flag,
    items,
    needed_flag,
    required,
    shown,
    text,
    word,
    wrong,
)
from sla.amendments import check_change, check_termination
from sla.bookings import (
    CONSULTANT_BOOKING,
    OUT_OF_HOURS_REQUEST,
    auto_close_days,
    check_booking,
    earliest_day,
)
from sla.calendar import instant_of
from sla.errors import Refused
from sla.fair_use import check_measure, judge_use, measure_allowed_from
from sla.maintenance import Announcement, WindowKind, check_announcement, is_standard_time
from sla.policy import Library, Policy
from sla.vocabulary import Locale, say
from sla.zones import first_second

WINDOW_KINDS = {"MAINTENANCE": WindowKind.REGULAR, "SECURITY": WindowKind.EMERGENCY}


class TermCalculator:
    """`{id, policy, tier?, term, ...}` -> what the term comes to; see `TERMS`."""

    columns: ClassVar[tuple[str, ...]] = ("id", "answer", "error")

    fields: ClassVar[frozenset[str]] = frozenset(
        {"id", "policy", "version", "tier", "term", "waiting_for_customer_since", "announced_at", "starts_at"}
        | {"window_kind", "reason", "summary", "impact", "at", "announced_on", "effective_on", "material"}
        | {"terminated_on", "material_deterioration", "requested_on", "support_date", "daily_usage"}
        | {"comparable_tenants", "informed_on", "acute"}
    )

    def __init__(self, library: Library, locale: Locale = Locale.EN) -> None:
        self._library = library
        self._locale = locale

    def __call__(self, line: Line) -> Answer:
        policy, name = policy_of(self._library, line), required(line, "term")
        term = TERMS.get(name) if isinstance(name, str) else None
        if term is None:
            raise wrong("term", f"{shown(name)} is none of {', '.join(TERMS)}")
        return term(policy, line, self._locale)


def _auto_close(policy: Policy, line: Line, _: Locale) -> Answer:
    since = needed_moment(line, "waiting_for_customer_since", policy.zone)
    tier = tier_of(policy, line, lambda key: policy.tier(key).calendar)
    last, closable = auto_close_days(policy, tier, since)
    return {"last_working_day": last.isoformat(), "close_allowed_from": told(closable, policy.zone)}


def _maintenance_notice(policy: Policy, line: Line, locale: Locale) -> Answer:
    announcement = Announcement(
        kind=word(line, "window_kind", WindowKind, WINDOW_KINDS) or WindowKind.REGULAR,
        starts_at=needed_moment(line, "starts_at", policy.zone),
        announced_at=maybe_moment(line, "announced_at", policy.zone),
        reason=text(line, "reason"),
        summary=text(line, "summary"),
        impact=text(line, "impact"),
    )
    return _accepted(locale, lambda: check_announcement(policy, announcement))


def _maintenance_window(policy: Policy, line: Line, _: Locale) -> Answer:
    return {"standard_time": is_standard_time(policy, needed_moment(line, "at", policy.zone))}


def _change_notice(policy: Policy, line: Line, locale: Locale) -> Answer:
    announced, effective = day(line, "announced_on"), day(line, "effective_on")
    material = needed_flag(line, "material")
    return _accepted(
        locale,
        lambda: check_change(policy, announced_on=announced, effective_on=effective, material=material),
    )


def _change_termination(policy: Policy, line: Line, locale: Locale) -> Answer:
    announced, terminated = day(line, "announced_on"), day(line, "terminated_on")
    worse = needed_flag(line, "material_deterioration")
    return _accepted(
        locale,
        lambda: check_termination(
            policy, announced_on=announced, terminated_on=terminated, material_deterioration=worse
        ),
    )


def _out_of_hours_request(policy: Policy, line: Line, locale: Locale) -> Answer:
    tier, requested, wanted = tier_of(policy, line), day(line, "requested_on"), day(line, "support_date")
    return _accepted(
        locale,
        lambda: check_booking(policy, tier, OUT_OF_HOURS_REQUEST, requested_on=requested, wanted=wanted),
    )


def _consultant_booking(policy: Policy, line: Line, _: Locale) -> Answer:
    tier, requested = tier_of(policy, line), day(line, "requested_on")
    return {"earliest_date": earliest_day(policy, tier, CONSULTANT_BOOKING, requested).isoformat()}


def _fair_use(policy: Policy, line: Line, _: Locale) -> Answer:
    required(line, "daily_usage")
    daily = _figures(items(line, "daily_usage"), "daily_usage")
    others = []
    for number, each in enumerate(items(line, "comparable_tenants"), start=1):
        field = f"comparable_tenants[{number}]"
        if not isinstance(each, list) or len(each) != len(daily):
            raise wrong(field, "must be a list of as many days as daily_usage")
        others.append(_figures(each, field))
    found = judge_use(policy, daily, others)
    return {"excessive": found.excessive, "longest_run": found.longest_run}


def _fair_use_term(policy: Policy, line: Line, _: Locale) -> Answer:
    informed = day(line, "informed_on")
    allowed = measure_allowed_from(policy, informed)
    if flag(line, "acute"):
        allowed = instant_of(first_second(policy.zone, informed.toordinal()))
        check_measure(policy, informed_on=informed, at=allowed, acute=True, reason=text(line, "reason"))
    return {"measure_allowed_from": told(allowed, policy.zone)}


def _figures(values: Any, field: str) -> list[Decimal]:
    found = [decimal(value, field) for value in values]
    if any(value < 0 for value in found):
        raise wrong(field, "use cannot be negative")
    return found


def _accepted(locale: Locale, check: Callable[[], None]) -> Answer:
    """Whether the agreement allows it; where it does not, why and by which clause."""
    try:
        check()
    except Refused as refused:
        clause = {} if refused.clause is None else {"clause": refused.clause.key}
        return {"accepted": False, "reason": say(refused.texts, locale)} | clause
    return {"accepted": True}


TERMS: dict[str, Callable[[Policy, Line, Locale], Answer]] = {
    "AUTO_CLOSE": _auto_close,
    "MAINTENANCE_NOTICE": _maintenance_notice,
    "MAINTENANCE_WINDOW": _maintenance_window,
    "CHANGE_NOTICE": _change_notice,
    "CHANGE_TERMINATION": _change_termination,
    "OUT_OF_HOURS_REQUEST": _out_of_hours_request,
    "CONSULTANT_BOOKING": _consultant_booking,
    "FAIR_USE": _fair_use,
    "FAIR_USE_TERM": _fair_use_term,
}
