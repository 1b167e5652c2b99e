"""Who acts on what, and from where: the values that every record of an act carries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from auth.principals import Origin
from tenants.ids import new_id


class ActorKind(StrEnum):
    ACCOUNT = "ACCOUNT"
    AGENT = "AGENT"
    INTEGRATION = "INTEGRATION"
    SYSTEM = "SYSTEM"
    NOBODY = "NOBODY"


@dataclass(frozen=True, slots=True)
class Actor:
    """An account of the customer, an agent (operator) of the vendor, or the portal itself."""

    kind: ActorKind
    id: UUID | None = None


SYSTEM = Actor(ActorKind.SYSTEM)
NOBODY = Actor(ActorKind.NOBODY)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an act is about: the type's name in the schema and its id."""

    type: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Change:
    """What the fields that an act changed were before it, and after it; never a secret, persons by id."""

    before: Mapping[str, object]
    after: Mapping[str, object]


INSIDE = Origin()


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts, when, from where; `contact_id` is the contact that an account is linked to.

    `fresh`: the second factor was shown within the last ten minutes (step-up).
    """

    actor: Actor
    now: datetime
    origin: Origin = INSIDE
    contact_id: UUID | None = None
    fresh: bool = False

    @property
    def second(self) -> datetime:
        """The moment as it is kept and shown: clocks count whole seconds, ids are made of the whole moment."""
        return self.now.replace(microsecond=0)

    @property
    def by_vendor(self) -> bool:
        return self.actor.kind is ActorKind.AGENT


def entry_values(
    now: datetime,
    event: str,
    actor: Actor,
    subject: Subject | None,
    detail: Mapping[str, object] | None,
    origin: Origin,
    change: Change | None = None,
) -> dict[str, object]:
    """The columns of one audit entry, the same on both planes."""
    return {
        "id": new_id(now),
        "at": now,
        "event": event,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "subject_type": subject.type if subject else None,
        "subject_id": subject.id if subject else None,
        "detail": dict(detail or {}),
        "before": dict(change.before) if change else None,
        "after": dict(change.after) if change else None,
        "address": origin.address or None,
        "request_id": origin.request_id or None,
    }
