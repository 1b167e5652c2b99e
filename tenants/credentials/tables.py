"""Which tables a plane's credentials lie in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, select
from sqlmodel import SQLModel

from tenants.acts import ActorKind
from tenants.credentials.columns import AccountStatus
from tenants.tables import table


@dataclass(frozen=True, kw_only=True)
class CredentialModels:
    """The classes of one plane, each with the columns of `tenants.credentials.columns`.

    `type_name` is the schema's name of the person, `grants` the column of rights or roles; `mails` is the queue of
    their mails, and `contact` gives the id of the person's active contact.
    """

    type_name: str
    actor: ActorKind
    grants: str
    person: type[SQLModel]
    factor: type[SQLModel]
    recovery_code: type[SQLModel]
    challenge: type[SQLModel]
    invitation: type[SQLModel]
    mailed_token: type[SQLModel]
    session: type[SQLModel]
    refresh_token: type[SQLModel]
    throttle: type[SQLModel]
    mails: Table
    contact: Callable[[Table], ColumnElement[Any]]


@dataclass(frozen=True)
class CredentialTables:
    """The Core tables of one plane, and the statement that every request runs, built once."""

    models: CredentialModels
    person: Table = field(init=False)
    factor: Table = field(init=False)
    recovery_code: Table = field(init=False)
    challenge: Table = field(init=False)
    invitation: Table = field(init=False)
    mailed_token: Table = field(init=False)
    session: Table = field(init=False)
    refresh_token: Table = field(init=False)
    throttle: Table = field(init=False)
    holder: Select[Any] = field(init=False)

    def __post_init__(self) -> None:
        names = ("person", "factor", "recovery_code", "challenge", "invitation", "mailed_token", "session")
        for name in (*names, "refresh_token", "throttle"):
            object.__setattr__(self, name, table(getattr(self.models, name)))
        object.__setattr__(self, "holder", _holder(self))

    @property
    def may_come_in(self) -> ColumnElement[bool]:
        return self.person.c.status == AccountStatus.ACTIVE.value

    def holder_columns(self) -> list[ColumnElement[Any]]:
        """The columns of `auth.store.Holder`, in its order."""
        person, session = self.person.c, self.session.c
        contact = self.models.contact(self.person).label("contact_id")
        grants = person[self.models.grants].label("grants")
        own = [person.email, person.name, person.locale, grants, contact]
        return [person.id, session.id.label("session_id"), *own, session.authenticated_at]


def _holder(tables: CredentialTables) -> Select[Any]:
    session = tables.session
    return (
        select(*tables.holder_columns())
        .join(session, session.c.subject_id == tables.person.c.id)
        .where(
            session.c.id == bindparam("session"),
            session.c.subject_id == bindparam("subject"),
            session.c.ended_at.is_(None),
            session.c.expires_at > bindparam("now"),
            tables.may_come_in,
        )
    )
