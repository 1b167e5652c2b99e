"""What will be in the demo, before any of it is made."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cli.demo_data.cast import Caller, Cast
from cli.demo_data.customers import CUSTOMERS, Customer
from cli.demo_data.entries import entry
from cli.demo_data.founding import term_of
from cli.demo_data.plans import OPEN, TicketPlan, plan_tickets
from cli.demo_data.replies import REPLIES
from cli.demo_data.stories import Ending
from cli.demo_data.topics import TOPICS
from sla.policy import Library
from sla.registration import Report, register
from sla.vocabulary import Locale, Origin, TicketType
from tenants.ids import new_id
from tests.factories.demo import NOW

LIBRARY = Library.load()
every_customer = pytest.mark.parametrize("customer", CUSTOMERS, ids=lambda customer: customer.slug)


def plans_of(customer: Customer, now: datetime = NOW) -> list[TicketPlan]:
    policy = LIBRARY.get(customer.policy_key)
    calendar = policy.support_hours(customer.tier).calendar
    return plan_tickets(customer, calendar, term_of(customer, policy, now).begin, now)


@every_customer
def test_the_same_day_gives_the_same_tickets(customer: Customer) -> None:
    first, again = plans_of(customer), plans_of(customer)
    assert [(p.at, p.subject, p.steps) for p in first] == [(p.at, p.subject, p.steps) for p in again]


@every_customer
def test_a_customer_has_sixty_to_a_hundred_and_twenty_tickets(customer: Customer) -> None:
    plans = plans_of(customer)
    assert 60 <= len(plans) <= 120
    assert [plan.at for plan in plans] == sorted(plan.at for plan in plans)
    assert Counter(plan.ending for plan in plans if plan.open) == Counter(OPEN)


@every_customer
def test_tickets_have_every_type_that_the_agreement_takes(customer: Customer) -> None:
    types = {plan.topic.type for plan in plans_of(customer)}
    assert types == set(LIBRARY.get(customer.policy_key).types)


@every_customer
def test_tickets_come_to_every_priority_of_the_agreement(customer: Customer) -> None:
    policy = LIBRARY.get(customer.policy_key)
    found = set()
    for plan in plans_of(customer):
        report = Report(
            type=plan.topic.type,
            at=plan.at,
            origin=Origin.OPERATOR,
            component=plan.topic.component,
            problem_kind=plan.topic.problem_kind,
            addenda=frozenset(customer.addenda),
            urgency=plan.topic.urgency,
            impact=plan.topic.judged_impact or plan.topic.impact,
            priority=plan.topic.priority or (plan.topic.wish if policy.key == "oxygis" else None),
        )
        found.add(register(policy, customer.tier, report).priority)
    assert found >= {priority.key for priority in policy.priorities}


@every_customer
def test_most_tickets_come_in_support_hours(customer: Customer) -> None:
    calendar = LIBRARY.get(customer.policy_key).support_hours(customer.tier).calendar
    plans = plans_of(customer)
    # By the half-open hours the last second of a day belongs to its evening.
    within = sum(calendar.is_open(plan.at - timedelta(seconds=1)) for plan in plans)
    assert within >= 0.85 * len(plans)


def test_some_tickets_come_in_the_evening() -> None:
    hours = {
        plan.at.astimezone(ZoneInfo("Europe/Amsterdam")).hour
        for customer in CUSTOMERS
        for plan in plans_of(customer)
    }
    assert {hour for hour in hours if hour >= 18}


def test_the_demo_speaks_three_languages() -> None:
    assert {topic.locale for topics in TOPICS.values() for topic in topics} == set(Locale)
    assert set(REPLIES) == set(Locale)


def test_the_monitoring_reports_outages_and_the_vendor_notes_calls() -> None:
    customer = CUSTOMERS[0]
    policy = LIBRARY.get(customer.policy_key)
    cast = Cast((Caller(new_id(NOW), new_id(NOW)),), (new_id(NOW),))
    origins = Counter(entry(plan, policy, customer.tier, cast)[0].origin for plan in plans_of(customer))
    assert origins[Origin.CUSTOMER] > origins[Origin.MONITORING] > 0
    fiets = next(customer for customer in CUSTOMERS if customer.slug == "fietsplan")
    policy = LIBRARY.get(fiets.policy_key)
    assert Origin.OPERATOR in {entry(plan, policy, fiets.tier, cast)[0].origin for plan in plans_of(fiets)}


@every_customer
def test_a_contract_that_began_this_morning_has_its_tickets_since_then(customer: Customer) -> None:
    policy = LIBRARY.get(customer.policy_key)
    calendar = policy.support_hours(customer.tier).calendar
    now = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    begin = now - timedelta(hours=11)
    plans = plan_tickets(customer, calendar, begin, now, 0.02)
    assert plans
    assert all(begin <= plan.at <= now for plan in plans)


def test_before_a_policy_is_valid_there_is_no_demo() -> None:
    qixium = LIBRARY.get("qixium")
    with pytest.raises(ValueError, match="valid from 2026-03-01"):
        term_of(CUSTOMERS[0], qixium, datetime(2026, 2, 20, tzinfo=UTC))


def test_calm_topics_alone_stay_open_for_days() -> None:
    for customer in CUSTOMERS:
        still_open = [plan for plan in plans_of(customer) if plan.ending is not Ending.CLOSED]
        assert not {plan.topic.priority for plan in still_open} & {"OUTAGE", "P1", "CRITICAL"}
        assert TicketType.INCIDENT in {plan.topic.type for plan in still_open}
