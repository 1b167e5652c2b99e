"""The closed sets of the schema: the rules' own enums, under their own names."""

from enum import StrEnum

import strawberry

from auth.permissions import OperatorRole, Permission
from auth.store import MfaMethod
from sla.service_terms import Layer
from sla.vocabulary import (
    Channel,
    ClockKind,
    ClockState,
    Environment,
    Locale,
    ProblemKind,
    TicketStatus,
    TicketType,
    WorkKind,
)
from tenants.catalog.models import TenantStatus
from tenants.credentials.columns import AccountStatus

__all__ = [
    "AccountStatus",
    "Channel",
    "ClockKind",
    "ClockState",
    "ConsultancyStatus",
    "ContractStatus",
    "Environment",
    "Layer",
    "Locale",
    "MfaMethod",
    "OperatorRole",
    "OrderDirection",
    "Permission",
    "ProblemKind",
    "TenantStatus",
    "TicketStatus",
    "TicketType",
    "WorkKind",
]

strawberry.enum(AccountStatus)
strawberry.enum(Channel)
strawberry.enum(ClockKind)
strawberry.enum(ClockState)
strawberry.enum(Environment)
strawberry.enum(Layer)
strawberry.enum(Locale)
strawberry.enum(MfaMethod)
strawberry.enum(OperatorRole)
strawberry.enum(Permission)
strawberry.enum(ProblemKind)
strawberry.enum(TenantStatus)
strawberry.enum(TicketStatus)
strawberry.enum(TicketType)
strawberry.enum(WorkKind)


@strawberry.enum
class ContractStatus(StrEnum):
    DRAFT = "DRAFT"
    AWAITING_SIGNATURES = "AWAITING_SIGNATURES"
    ACTIVE = "ACTIVE"
    NOTICE_GIVEN = "NOTICE_GIVEN"
    ENDED = "ENDED"


@strawberry.enum
class ConsultancyStatus(StrEnum):
    REQUESTED = "REQUESTED"
    QUOTED = "QUOTED"
    EXPIRED = "EXPIRED"
    CONFIRMED = "CONFIRMED"
    DECLINED = "DECLINED"
    PLANNED = "PLANNED"
    IN_PROGRESS = "IN_PROGRESS"
    DELIVERED = "DELIVERED"
    BILLED = "BILLED"
    CANCELLED = "CANCELLED"


@strawberry.enum
class OrderDirection(StrEnum):
    ASC = "ASC"
    DESC = "DESC"
