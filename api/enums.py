"""The closed sets of the schema: the rules' own enums, under their own names."""

from enum import StrEnum

import strawberry

import auth.permissions
import auth.store
import sla.vocabulary as words
import tenants.catalog.models

TicketType = strawberry.enum(words.TicketType)
TicketStatus = strawberry.enum(words.TicketStatus)
Environment = strawberry.enum(words.Environment)
ProblemKind = strawberry.enum(words.ProblemKind)
Channel = strawberry.enum(words.Channel)
ClockState = strawberry.enum(words.ClockState)
ClockKind = strawberry.enum(words.ClockKind)
WorkKind = strawberry.enum(words.WorkKind)
Locale = strawberry.enum(words.Locale)
Permission = strawberry.enum(auth.permissions.Permission)
OperatorRole = strawberry.enum(auth.permissions.OperatorRole)
MfaMethod = strawberry.enum(auth.store.MfaMethod)
TenantStatus = strawberry.enum(tenants.catalog.models.TenantStatus)


@strawberry.enum
class AccountStatus(StrEnum):
    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    LOCKED = "LOCKED"
    DEACTIVATED = "DEACTIVATED"


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
