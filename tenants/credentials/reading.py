"""What sign-in looks up: whose e-mail address, which challenge, which invitation."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from auth.store import Challenge, ChallengePurpose, Credential, Invitation, MfaMethod, Person
from tenants.credentials.columns import AccountStatus
from tenants.credentials.factors import factor_of, factors_of, methods
from tenants.credentials.tables import CredentialTables
from tenants.databases.scopes import Reader


async def credential(reader: Reader, tables: CredentialTables, email: str) -> Credential | None:
    """The person with that address. One statement, whether there is one or not."""
    person = tables.person.c
    columns = (person.id, tables.may_come_in.label("active"), person.password_hash, *methods(tables))
    row = await reader.first(select(*columns).where(person.email == email))
    if row is None:
        return None
    known = ((row.totp, MfaMethod.TOTP), (row.totp and row.recovery, MfaMethod.RECOVERY_CODE))
    shown = tuple(method for there, method in known if there)
    return Credential(row.id, bool(row.active), row.password_hash, shown)


async def challenge(
    reader: Reader, tables: CredentialTables, token_hash: str, now: datetime
) -> Challenge | None:
    """The challenge while it is open and its person may sign in."""
    own, person = tables.challenge, tables.person
    statement = (
        select(
            own.c.id, own.c.purpose, own.c.subject_id, person.c.email, person.c.name, person.c.password_hash
        )
        .join(person, person.c.id == own.c.subject_id)
        .where(own.c.token_hash == token_hash, own.c.used_at.is_(None), own.c.expires_at > now)
        .where(tables.may_come_in)
    )
    row = await reader.first(statement)
    if row is None:
        return None
    factors = await reader.rows(factors_of(tables, row.subject_id))
    confirmed = next((factor_of(each) for each in factors if each.confirmed_at is not None), None)
    pending = next((factor_of(each) for each in factors if each.confirmed_at is None), None)
    purpose = ChallengePurpose(row.purpose)
    return Challenge(row.id, purpose, _person(row), confirmed, pending, row.password_hash)


async def invitation(
    reader: Reader, tables: CredentialTables, token_hash: str, now: datetime
) -> Invitation | None:
    """The invitation while it is open and its person has not come in yet."""
    row = await reader.first(_invitation(tables, token_hash, now))
    return None if row is None else Invitation(row.id, _person(row))


def _invitation(tables: CredentialTables, token_hash: str, now: datetime) -> Select[Any]:
    own, person = tables.invitation, tables.person
    return (
        select(own.c.id, own.c.subject_id, person.c.email, person.c.name)
        .join(person, person.c.id == own.c.subject_id)
        .where(own.c.token_hash == token_hash, own.c.accepted_at.is_(None), own.c.expires_at > now)
        .where(person.c.status == AccountStatus.INVITED.value)
    )


def _person(row: Row[Any]) -> Person:
    return Person(row.subject_id, row.email, row.name)
