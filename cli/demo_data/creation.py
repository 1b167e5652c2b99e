"""Makes the demo: operators, customers, and what happened since their contracts began."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from uuid import UUID

from auth.keys import KeyRing
from auth.passwords import Hasher
from cli.demo_data.cast import Cast
from cli.demo_data.consulting import Desk, buy_card, fill_desk
from cli.demo_data.customers import CUSTOMERS, OPERATORS, Customer
from cli.demo_data.delivery import settle_outbox
from cli.demo_data.founding import Term, found, new_members, term_of
from cli.demo_data.people import new_operator
from cli.demo_data.plans import TicketPlan, plan_tickets
from cli.demo_data.playing import Stage, play
from cli.demo_data.records import DemoAccount, write_accounts
from cli.demo_data.removal import remove_demo
from sla.policy import Library
from tenants.acts import SYSTEM
from tenants.catalog.directory import TenantDirectory
from tenants.catalog.operator_service import add_enrolled_operator
from tenants.catalog.service import create_tenant
from tenants.databases.engines import Engines
from tenants.databases.scopes import CatalogScope, TenantScope

BATCH = 20
Progress = Callable[[str, int, int], None]
"""Called with a customer's name, how many of its tickets are there, and how many there will be."""


@dataclass(frozen=True, slots=True)
class Installation:
    """The parts of a portal that the demo is made in; `folder` is the data folder."""

    engines: Engines
    catalog: CatalogScope
    tenants: TenantDirectory
    keys: KeyRing
    hasher: Hasher
    library: Library
    folder: Path


async def create_demo(
    place: Installation, now: datetime, progress: Progress, *, scale: float = 1.0
) -> list[DemoAccount]:
    """The whole demo, in the place of one that was there or was left unfinished; gives its accounts.

    `now` ends the history, `scale` is the part of the usual number of tickets. Raises ValueError before the day
    on which every policy of the demo has begun.
    """
    now = now.replace(microsecond=0)
    terms = [term_of(customer, place.library.get(customer.policy_key), now) for customer in CUSTOMERS]
    await remove_demo(place.engines, place.folder)
    operators, agents = await _operators(place, min(term.begin for term in terms))
    scopes = [await _tenant(place, customer, term) for customer, term in zip(CUSTOMERS, terms, strict=True)]
    # Side by side: while one customer's database works, another's history is thought up.
    made = await asyncio.gather(
        *(
            _customer(place, scope, customer, term, agents, now, progress, scale)
            for scope, customer, term in zip(scopes, CUSTOMERS, terms, strict=True)
        )
    )
    accounts = [*chain.from_iterable(made), *operators]
    write_accounts(place.folder, accounts)
    return accounts


async def _operators(place: Installation, now: datetime) -> tuple[list[DemoAccount], list[tuple[UUID, str]]]:
    """The vendor's operators, and as customers will see them: id and name."""
    accounts, agents = [], []
    for person, roles in OPERATORS:
        someone = await new_operator(place.hasher, person, roles)
        async with place.catalog.write() as session:
            key = await add_enrolled_operator(
                session,
                place.keys,
                someone.factors,
                email=someone.account.email,
                name=person.name,
                locale=person.locale,
                roles=roles,
                now=now,
            )
        accounts.append(someone.account)
        agents.append((key, person.name))
    return accounts, agents


async def _tenant(place: Installation, customer: Customer, term: Term) -> TenantScope:
    record = await create_tenant(
        place.engines,
        slug=customer.slug,
        name=customer.name,
        policy_key=customer.policy_key,
        locale=customer.locale,
        actor=SYSTEM,
        now=term.begin,
    )
    return place.tenants.scope(record)


async def _customer(
    place: Installation,
    scope: TenantScope,
    customer: Customer,
    term: Term,
    agents: Sequence[tuple[UUID, str]],
    now: datetime,
    progress: Progress,
    scale: float,
) -> list[DemoAccount]:
    members = await new_members(place.hasher, customer)
    async with scope.write() as session:
        cast = await found(session, place.library, place.keys, customer, term, members, agents, now)
        card = await buy_card(session, customer, term.begin)
    await _history(place, scope, customer, term, cast, now, progress, scale)
    await place.tenants.ask_attention(scope.tenant_id, now)
    async with scope.write() as session:
        calendar = place.library.get(customer.policy_key).support_hours(customer.tier).calendar
        desk = Desk(session, place.library, calendar, customer, cast, term.begin, now, card)
        await fill_desk(desk)
        await settle_outbox(session, now)
    return [someone.account for someone in members.all()]


async def _history(
    place: Installation,
    scope: TenantScope,
    customer: Customer,
    term: Term,
    cast: Cast,
    now: datetime,
    progress: Progress,
    scale: float,
) -> None:
    policy = place.library.get(customer.policy_key)
    calendar = policy.support_hours(customer.tier).calendar
    plans = plan_tickets(customer, calendar, term.begin, now, scale)
    done = 0
    for batch in _batches(plans):
        async with scope.write() as session:
            stage = Stage(session, place.library, policy, customer.tier, cast, now)
            for plan in batch:
                await play(stage, plan)
                done += 1
                progress(customer.name, done, len(plans))


def _batches(plans: Sequence[TicketPlan]) -> Iterator[Sequence[TicketPlan]]:
    """One transaction each: long enough to be quick, short enough to show that something happens."""
    return (plans[start : start + BATCH] for start in range(0, len(plans), BATCH))
