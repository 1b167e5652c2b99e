"""Plays the planned tickets through the real services, each act at its own moment of the past."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from cli.demo_data.cast import Cast
from cli.demo_data.entries import entry, needs_classification
from cli.demo_data.plans import TicketPlan
from cli.demo_data.replies import REPLIES, Replies
from cli.demo_data.stories import Move, Step
from sla.calendar import WorkCalendar
from sla.policy import Library, Policy
from sla.vocabulary import ClockKind, TicketStatus
from tenants.acts import Act, Actor
from tenants.tickets.clocks import calendar_of
from tenants.tickets.lifecycle import Judgement, change_status, classify_ticket, close_ticket, reopen_ticket
from tenants.tickets.models import Ticket
from tenants.tickets.service import add_comment, register_ticket

# An answer takes its share of the time that is left, but on time it seldom takes longer than two days.
LONGEST_ANSWER = 16 * 3600
USUAL_ANSWER = 4 * 3600
PROMPT = frozenset({Move.CLASSIFY, Move.ANSWER})


@dataclass(frozen=True, slots=True)
class Stage:
    """One customer while its history is being made."""

    session: AsyncSession
    library: Library
    policy: Policy
    tier: str
    cast: Cast
    now: datetime

    @property
    def calendar(self) -> WorkCalendar:
        return self.policy.support_hours(self.tier).calendar


@dataclass(frozen=True, slots=True)
class Scene:
    """One ticket and the two people who deal with it."""

    stage: Stage
    plan: TicketPlan
    ticket: Ticket
    agent: Actor
    member: Actor

    @property
    def texts(self) -> Replies:
        return REPLIES[self.plan.topic.locale]

    def choose(self, texts: tuple[str, ...]) -> str:
        return self.plan.random.choice(texts)

    async def comment(self, body: str, actor: Actor, at: datetime, *, internal: bool = False) -> None:
        stage = self.stage
        await add_comment(
            stage.session, stage.library, self.ticket.id, body, Act(actor, at), internal=internal
        )

    async def move_to(self, status: TicketStatus, at: datetime, reference: str | None = None) -> None:
        stage = self.stage
        act = Act(self.agent, at)
        await change_status(
            stage.session, stage.library, self.ticket.id, status, act, development_reference=reference
        )

    async def close(self, actor: Actor, at: datetime, message: str) -> None:
        stage = self.stage
        await close_ticket(stage.session, stage.library, self.ticket.id, Act(actor, at), message=message)


async def play(stage: Stage, plan: TicketPlan) -> Ticket:
    """Registers the planned ticket and lets its story happen, as far as it lies in the past."""
    new, actor = entry(plan, stage.policy, stage.tier, stage.cast)
    ticket = await register_ticket(stage.session, stage.library, new, Act(actor, plan.at))
    member = next((c.actor for c in stage.cast.members if c.contact_id == new.contact_id), None)
    scene = Scene(
        stage,
        plan,
        ticket,
        stage.cast.agent(plan.random),
        member or plan.random.choice(stage.cast.members).actor,
    )
    judged = needs_classification(plan.topic, new)
    steps = [step for step in plan.steps if judged or step.move is not Move.CLASSIFY]
    places = _spread(stage, plan, len(steps))
    at = plan.at
    for step, place in zip(steps, places, strict=True):
        usual = _moment(scene, step, at)
        # An unfinished story is stretched to the present; only its beginning keeps the usual pace.
        stretched = plan.open and (step.move not in PROMPT or usual > stage.now)
        at = max(at, place if stretched else usual)
        if at > stage.now:
            break
        await MOVES[step.move](scene, at)
    return ticket


def _spread(stage: Stage, plan: TicketPlan, count: int) -> Iterator[datetime]:
    """Moments in support hours between registration and now."""
    seconds = stage.calendar.elapsed(plan.at, stage.now)
    places = sorted(plan.random.uniform(0.02, 0.98) for _ in range(count))
    return (stage.calendar.add(plan.at, int(seconds * place)) for place in places)


def _moment(scene: Scene, step: Step, before: datetime) -> datetime:
    """When the step happens: an answer by what the response clock leaves, the rest by working time."""
    ticket, share = scene.ticket, step.share
    if share is None:
        return scene.stage.calendar.add(before, step.seconds)
    if ticket.response_target_seconds is None:
        return scene.stage.calendar.add(before, int(share * USUAL_ANSWER))
    calendar = calendar_of(scene.stage.library, ticket, ClockKind.RESPONSE)
    target = ticket.response_target_seconds
    if share > 1 and ticket.response_due_at is not None:
        return calendar.add(ticket.response_due_at, int((share - 1) * min(target, LONGEST_ANSWER)))
    return calendar.add(ticket.registered_at, int(share * min(target, LONGEST_ANSWER)))


async def _classify(scene: Scene, at: datetime) -> None:
    stage, topic = scene.stage, scene.plan.topic
    judgement = Judgement(priority_key=topic.priority, impact=topic.judged_impact)
    await classify_ticket(stage.session, stage.library, scene.ticket.id, judgement, Act(scene.agent, at))


async def _answer(scene: Scene, at: datetime) -> None:
    await scene.comment(scene.choose(scene.texts.answers), scene.agent, at)


async def _start(scene: Scene, at: datetime) -> None:
    await scene.move_to(TicketStatus.IN_PROGRESS, at)


async def _note(scene: Scene, at: datetime) -> None:
    await scene.comment(scene.choose(scene.texts.notes), scene.agent, at, internal=True)


async def _ask(scene: Scene, at: datetime) -> None:
    await scene.comment(scene.choose(scene.texts.questions), scene.agent, at)
    await scene.move_to(TicketStatus.WAITING_FOR_CUSTOMER, at)


async def _reply(scene: Scene, at: datetime) -> None:
    await scene.comment(scene.choose(scene.texts.replies), scene.member, at)


async def _develop(scene: Scene, at: datetime) -> None:
    await scene.comment(scene.choose(scene.texts.to_development), scene.agent, at)
    reference = f"DEV-{scene.plan.random.randint(1000, 9999)}"
    await scene.move_to(TicketStatus.WAITING_FOR_DEVELOPMENT, at, reference)


async def _close(scene: Scene, at: datetime) -> None:
    await scene.close(scene.agent, at, scene.plan.solution)


async def _close_by_customer(scene: Scene, at: datetime) -> None:
    await scene.close(scene.member, at, scene.choose(scene.texts.closed_by_customer))


async def _withdraw(scene: Scene, at: datetime) -> None:
    await scene.close(scene.member, at, scene.choose(scene.texts.withdrawn))


async def _complain(scene: Scene, at: datetime) -> None:
    await scene.comment(scene.choose(scene.texts.not_solved), scene.member, at)


async def _reopen(scene: Scene, at: datetime) -> None:
    stage = scene.stage
    reason = scene.choose(scene.texts.reopening)
    await reopen_ticket(stage.session, stage.library, scene.ticket.id, reason, Act(scene.agent, at))


MOVES: dict[Move, Callable[[Scene, datetime], Awaitable[None]]] = {
    Move.CLASSIFY: _classify,
    Move.ANSWER: _answer,
    Move.START: _start,
    Move.NOTE: _note,
    Move.ASK: _ask,
    Move.REPLY: _reply,
    Move.RESUME: _start,
    Move.DEVELOP: _develop,
    Move.CLOSE: _close,
    Move.CLOSE_BY_CUSTOMER: _close_by_customer,
    Move.WITHDRAW: _withdraw,
    Move.COMPLAIN: _complain,
    Move.REOPEN: _reopen,
}
