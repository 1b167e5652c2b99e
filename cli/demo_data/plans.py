"""Which demo tickets come when: drawn from a fixed seed, relative to today."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from cli.demo_data.customers import Customer
from cli.demo_data.stories import Ending, Step, story
from cli.demo_data.topic import Topic
from cli.demo_data.topics import TOPICS
from sla.calendar import WorkCalendar

SEED = 2026
RECENT = timedelta(days=12)
SETTLED = timedelta(days=4)
EVENING = 0.06
URGENT = frozenset({"OUTAGE", "P1", "CRITICAL"})
# Each of them once, then the usual ones again.
OPEN = (
    *(ending for ending in Ending if ending is not Ending.CLOSED),
    Ending.NEW,
    Ending.IN_PROGRESS,
    Ending.WAITING_FOR_CUSTOMER,
    Ending.IN_PROGRESS,
    Ending.NEW,
    Ending.WAITING_FOR_DEVELOPMENT,
    Ending.IN_PROGRESS,
)


@dataclass(frozen=True, slots=True)
class TicketPlan:
    """One ticket: what about, when, and its story. An open one has its steps spread between `at` and now."""

    topic: Topic
    at: datetime
    ending: Ending
    steps: tuple[Step, ...]
    subject: str
    description: str
    solution: str
    random: Random

    @property
    def open(self) -> bool:
        return self.ending is not Ending.CLOSED


def plan_tickets(
    customer: Customer, calendar: WorkCalendar, begin: datetime, now: datetime, scale: float = 1.0
) -> list[TicketPlan]:
    """The customer's tickets from `begin` to `now`, in the order in which they were registered.

    `scale` is the part of the usual number; at least one ticket stands at each ending.
    """
    random = Random(f"{SEED} {customer.slug}")  # noqa: S311  # believable, not secret
    count = max(round(customer.tickets * scale), len(set(OPEN)) + 2)
    still_open = OPEN[: max(len(set(OPEN)), min(len(OPEN), count // 4))]
    topics = _topics(random, TOPICS[customer.policy_key])
    plans = [
        _plan(customer, random, next(topics), _moment(random, calendar, begin, now - SETTLED), Ending.CLOSED)
        for _ in range(count - len(still_open))
    ]
    recent = max(begin, now - RECENT)
    plans += [
        _plan(customer, random, _calm(topics), _moment(random, calendar, recent, now), ending)
        for ending in still_open
    ]
    return sorted(plans, key=lambda plan: plan.at)


def _topics(random: Random, topics: tuple[Topic, ...]) -> Iterator[Topic]:
    """All topics in any order, again and again."""
    while True:
        yield from random.sample(topics, len(topics))


def _calm(topics: Iterator[Topic]) -> Topic:
    """A topic that can stay open for days."""
    return next(topic for topic in topics if not {topic.wish, topic.priority} & URGENT)


def _moment(random: Random, calendar: WorkCalendar, begin: datetime, end: datetime) -> datetime:
    """A second in support hours, now and then in the evening after; `begin` where there is no such second."""
    seconds = calendar.elapsed(begin, end)
    at = calendar.add(begin, random.randint(1, seconds)) if seconds else begin
    late = at + timedelta(minutes=random.randint(120, 480))
    return late if random.random() < EVENING and late < end else at


def _plan(customer: Customer, random: Random, topic: Topic, at: datetime, ending: Ending) -> TicketPlan:
    people = (*customer.contacts, customer.reader)
    filled = {
        "place": random.choice(customer.places),
        "person": random.choice(people).name,
        "number": str(random.randint(3, 90)),
    }
    own = Random(random.getrandbits(64))  # noqa: S311  # as above
    classified = topic.priority is not None or topic.judged_impact is not None
    return TicketPlan(
        topic=topic,
        at=at,
        ending=ending,
        steps=story(own, ending, classified=classified),
        subject=topic.subject.format(**filled),
        description=topic.description.format(**filled),
        solution=topic.solution.format(**filled),
        random=own,
    )
