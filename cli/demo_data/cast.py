"""The people of one demo customer, once they are in its database."""

from dataclasses import dataclass
from random import Random
from uuid import UUID

from tenants.acts import Actor, ActorKind


@dataclass(frozen=True, slots=True)
class Caller:
    """A named contact, with an account or (by telephone and mail only) without."""

    contact_id: UUID
    account_id: UUID | None

    @property
    def actor(self) -> Actor:
        if self.account_id is None:
            raise LookupError("this contact has no account")
        return Actor(ActorKind.ACCOUNT, self.account_id)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who can appear on the tickets of a customer. The first caller has every right."""

    callers: tuple[Caller, ...]
    agents: tuple[UUID, ...]

    @property
    def members(self) -> tuple[Caller, ...]:
        """The callers who can sign in."""
        return tuple(caller for caller in self.callers if caller.account_id is not None)

    def agent(self, random: Random) -> Actor:
        return Actor(ActorKind.AGENT, random.choice(self.agents))
