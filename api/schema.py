"""Joins the features."""

from datetime import timedelta
from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig

import api.loaders  # noqa: F401  # the types that refer to each other must all be known
from api.account_mutations import AccountMutations
from api.console import ConsoleQueries
from api.console_mutations import ConsoleMutations
from api.consultancy import ConsultancyRequest, HourCard
from api.consultancy_mutations import ConsultancyMutations, ConsultancyQueries
from api.context import Context
from api.contract_mutations import ContractMutations
from api.credentials import CredentialMutations, CredentialQueries
from api.documents import DocumentGuard
from api.guarded_schema import GuardedSchema
from api.limits import HttpLimits
from api.operator_mutations import OperatorMutations
from api.organization import OrganizationQueries
from api.people import Agent, Contact, Integration, System
from api.people_mutations import PeopleMutations
from api.preview import PreviewQueries
from api.privacy import PrivacyMutations
from api.rate_limit import RateLimitQueries
from api.root import RootQueries
from api.scalars import DURATION
from api.sign_in import SignInMutations
from api.status import StatusQueries
from api.ticket_mutations import TicketMutations
from api.ticket_queries import TicketQueries
from api.user_errors import ContractError, LimitError, PlainError
from api.work_sessions import WorkSessionMutations


@strawberry.type
class Query(
    RootQueries,
    OrganizationQueries,
    TicketQueries,
    ConsultancyQueries,
    StatusQueries,
    PreviewQueries,
    RateLimitQueries,
    CredentialQueries,
    ConsoleQueries,
):
    pass


@strawberry.type
class Mutation(
    SignInMutations,
    CredentialMutations,
    PeopleMutations,
    AccountMutations,
    PrivacyMutations,
    TicketMutations,
    ConsultancyMutations,
    WorkSessionMutations,
    ContractMutations,
    ConsoleMutations,
    OperatorMutations,
):
    pass


OTHER_TYPES = [
    PlainError,
    ContractError,
    LimitError,
    Contact,
    Agent,
    Integration,
    System,
    ConsultancyRequest,
    HourCard,
]


def make_schema(limits: HttpLimits | None = None, *, introspection: bool = True) -> GuardedSchema:
    """The schema with its limits; without `introspection` only signed-in callers may introspect."""

    def may_introspect(context: Any) -> bool:
        return introspection or (isinstance(context, Context) and context.principal is not None)

    return GuardedSchema(
        Query,
        guard=DocumentGuard(limits or HttpLimits(), introspection=may_introspect, charge=Context.charge),
        mutation=Mutation,
        types=OTHER_TYPES,
        config=StrawberryConfig(scalar_map={timedelta: DURATION}),
    )


def schema_text() -> str:
    """The printed schema, as committed in schema.graphql."""
    return make_schema().as_str() + "\n"
