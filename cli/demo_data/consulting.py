"""Consultancy in the demo: asked for, quoted, declined, confirmed and worked, as far as the contract has a tariff."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, auto
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from cli.demo_data.cast import Caller, Cast
from cli.demo_data.customers import Customer
from sla.calendar import WorkCalendar
from sla.policy import Library
from sla.vocabulary import WorkKind
from tenants.acts import SYSTEM, Act, Actor, ActorKind
from tenants.consultancy.changes import quote_on_table
from tenants.consultancy.models import ConsultancyRequest
from tenants.consultancy.service import (
    Estimate,
    confirm_consultancy,
    create_card,
    decline_consultancy,
    quote_consultancy,
    record_consultancy_work,
    request_consultancy,
)


class Outcome(Enum):
    ASKED = auto()
    QUOTED = auto()
    EXPIRED = auto()
    DECLINED = auto()
    CONFIRMED = auto()
    WORKED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """`days_ago` is when it was asked for, `worked` hours are written on it in one go each."""

    subject: str
    description: str
    days_ago: int
    outcome: Outcome
    hours: str = "0"
    preparation: str | None = None
    kind: WorkKind = WorkKind.STANDARD
    worked: tuple[str, ...] = ()
    by_card: bool = True


ASSIGNMENTS = (
    Assignment(
        subject="Inrichten van de nieuwe koppeling",
        description="Begeleiding bij ontwerp en inrichting, inclusief een proefweek.",
        days_ago=120,
        outcome=Outcome.WORKED,
        hours="10",
        worked=("3.5", "4"),
    ),
    Assignment(
        subject="Training voor beheerders",
        description="Een dagdeel voor vijf mensen, met oefeningen uit onze eigen omgeving.",
        days_ago=75,
        outcome=Outcome.WORKED,
        hours="4",
        worked=("4",),
    ),
    Assignment(
        subject="Rapportage in ons eigen datamagazijn",
        description="De gegevens moeten elke nacht in ons datamagazijn komen, dat bij een andere partij staat.",
        days_ago=60,
        outcome=Outcome.DECLINED,
        hours="6",
        preparation="3",
        kind=WorkKind.NON_PLATFORM,
    ),
    Assignment(
        subject="Doorlichten van de inrichting",
        description="Een jaar na de start willen we weten wat beter kan.",
        days_ago=55,
        outcome=Outcome.EXPIRED,
        hours="6",
    ),
    Assignment(
        subject="Overzetten van het archief",
        description="Eenmalig, buiten kantooruren, met een terugvalplan.",
        days_ago=21,
        outcome=Outcome.CONFIRMED,
        hours="7",
        by_card=False,
    ),
    Assignment(
        subject="Review of our mapping tables",
        description="Two sessions with our data steward, and a short report.",
        days_ago=6,
        outcome=Outcome.QUOTED,
        hours="5.5",
    ),
    Assignment(
        subject="Advies over de volgende uitgave",
        description="Wat betekent de nieuwe uitgave voor onze maatwerkvelden?",
        days_ago=2,
        outcome=Outcome.ASKED,
    ),
)
IN_FRENCH = (
    Assignment(
        subject="Accompagnement pour l'ouverture d'une nouvelle salle",
        description="Deux demi-journées sur place, pour le paramétrage des caisses et la formation.",
        days_ago=2,
        outcome=Outcome.ASKED,
    ),
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one customer's assignments are dealt with; nothing happens before `begin` or after `now`."""

    session: AsyncSession
    library: Library
    calendar: WorkCalendar
    customer: Customer
    cast: Cast
    begin: datetime
    now: datetime
    card: UUID

    @property
    def has_tariff(self) -> bool:
        """The customer's agreement names a rate, or its contract does."""
        rates = self.library.get(self.customer.policy_key).consultancy.rates
        return self.customer.rate_cents is not None or any(rate.hourly is not None for rate in rates)

    def moment(self, days_ago: float) -> datetime:
        at = self.calendar.next_open(max(self.begin, self.now - timedelta(days=days_ago)))
        return min(at, self.now)

    def by_customer(self, at: datetime) -> Act:
        caller: Caller = self.cast.members[0]
        return Act(actor=caller.actor, now=at, contact_id=caller.contact_id)

    def by_vendor(self, at: datetime) -> Act:
        return Act(actor=Actor(ActorKind.AGENT, self.cast.agents[1]), now=at)


async def buy_card(session: AsyncSession, customer: Customer, now: datetime) -> UUID:
    """The customer's hour card: an option under every agreement, in blocks fixed at purchase."""
    card = await create_card(
        session,
        block_hours=customer.card_block_hours,
        blocks=customer.card_blocks,
        expires_on=None,
        actor=SYSTEM,
        now=now,
    )
    return card.id


async def fill_desk(desk: Desk) -> None:
    """The customer's assignments; where there is no tariff they are only asked for."""
    for assignment in IN_FRENCH if desk.customer.locale == "FR" else ASSIGNMENTS:
        if desk.has_tariff:
            await _carry_out(desk, assignment)
        elif assignment.outcome is Outcome.ASKED:
            await _ask(desk, assignment)


async def _ask(desk: Desk, assignment: Assignment) -> ConsultancyRequest:
    return await request_consultancy(
        desk.session,
        subject=assignment.subject,
        description=assignment.description,
        act=desk.by_customer(desk.moment(assignment.days_ago)),
    )


async def _carry_out(desk: Desk, assignment: Assignment) -> None:
    request = await _ask(desk, assignment)
    if assignment.outcome is Outcome.ASKED:
        return
    estimate = Estimate(
        hours=Decimal(assignment.hours),
        work_kind=assignment.kind,
        preparation=Decimal(assignment.preparation) if assignment.preparation else None,
    )
    quoting = desk.by_vendor(desk.moment(assignment.days_ago - 1))
    await quote_consultancy(desk.session, desk.library, request.id, estimate, quoting)
    if assignment.outcome in {Outcome.QUOTED, Outcome.EXPIRED}:
        return  # nobody answers; after its thirty days the quote has run out by itself
    answering = desk.by_customer(desk.moment(assignment.days_ago - 3))
    if assignment.outcome is Outcome.DECLINED:
        await decline_consultancy(desk.session, request.id, answering, reason="Dit jaar geen budget.")
        return
    await _confirm(desk, assignment, request, answering)
    for place, hours in enumerate(assignment.worked):
        await _work(desk, request, hours, desk.moment(assignment.days_ago - 6 - place))


async def _confirm(desk: Desk, assignment: Assignment, request: ConsultancyRequest, act: Act) -> None:
    quote = await quote_on_table(desk.session, request)
    if quote is None:
        raise LookupError("there is no quote to confirm")
    card = desk.card if assignment.by_card else None
    await confirm_consultancy(desk.session, desk.library, request.id, quote.digest, act, hour_card_id=card)


async def _work(desk: Desk, request: ConsultancyRequest, hours: str, at: datetime) -> None:
    await record_consultancy_work(
        desk.session,
        desk.library,
        request.id,
        worked_on=at.astimezone(ZoneInfo(desk.calendar.zone)).date(),
        hours=Decimal(hours),
        description="Samen met de beheerder uitgevoerd, zie het verslag.",
        act=desk.by_vendor(at),
    )
