"""The vendor's people, read from the catalog."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import Row

from api.enums import AccountStatus, OperatorRole
from api.ids import encode_id
from api.people import Operator
from auth.permissions import roles_of
from tenants.catalog.operator_service import OPERATOR_ID, operators
from tenants.databases.scopes import Reader


async def all_operators(reader: Reader) -> list[Operator]:
    """Everybody, by name."""
    return [_operator_of(row) for row in await reader.rows(operators())]


async def operators_by_id(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, Operator]:
    rows = await reader.rows(operators().where(OPERATOR_ID.in_(set(ids))))
    return {row.id: _operator_of(row) for row in rows}


async def operator_by_id(reader: Reader, key: UUID) -> Operator:
    """The operator with this id, who must be there."""
    return (await operators_by_id(reader, [key]))[key]


def _operator_of(row: Row[Any]) -> Operator:
    return Operator(
        id=strawberry.ID(encode_id("Operator", row.id)),
        name=row.name,
        email=row.email,
        roles=sorted(roles_of(row.roles), key=list(OperatorRole).index),
        status=AccountStatus(row.status),
        last_sign_in_at=row.last_sign_in_at,
    )
