"""What a demo ticket can be about."""

from dataclasses import dataclass

from sla.vocabulary import Environment, Locale, ProblemKind, TicketType


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One thing that customers come with; `{place}`, `{person}` and `{number}` are filled in for each ticket.

    `wish` is the priority that the customer names, `priority` and `judged_impact` are what the vendor makes of it.
    """

    type: TicketType
    locale: Locale
    subject: str
    description: str
    solution: str
    wish: str | None = None
    priority: str | None = None
    urgency: int | None = None
    impact: int | None = None
    judged_impact: int | None = None
    environment: Environment | None = None
    component: str | None = None
    problem_kind: ProblemKind | None = None
    monitoring: bool = False
