"""The vendor's operators: adding them, and what is read of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.emails import fold_email
from auth.keys import KeyRing
from auth.permissions import OperatorRole, grants_text
from tenants.catalog.operator_credentials import OPERATOR_TABLES
from tenants.catalog.operators import Operator
from tenants.credentials.people import BothFactors, add_enrolled
from tenants.tables import table

_O = table(Operator).c


async def add_enrolled_operator(
    session: AsyncSession,
    keys: KeyRing,
    shown: BothFactors,
    *,
    email: str,
    name: str,
    locale: str,
    roles: Iterable[OperatorRole],
    now: datetime,
) -> UUID:
    """The id of an active operator with both factors, for demo data and tests: nobody was invited."""
    person = {
        "email": fold_email(email),
        "name": name,
        "locale": locale,
        "roles": grants_text(frozenset(roles)),
    }
    return await add_enrolled(session, OPERATOR_TABLES, person, shown, keys, now)


def operators() -> Select[Any]:
    """Every operator with the columns that may be shown, by name."""
    shown = (_O.id, _O.email, _O.name, _O.locale, _O.status, _O.roles, _O.last_sign_in_at)
    return select(*shown).order_by(_O.name, _O.id)
