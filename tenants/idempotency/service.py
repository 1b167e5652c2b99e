"""A retry with the same key does nothing twice: the key is claimed in the mutation's own transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.idempotency.errors import KeyReusedForOtherInput
from tenants.idempotency.models import IdempotencyKey
from tenants.ids import new_id
from tenants.refusals import checked_text
from tenants.tables import table

LIFETIME = timedelta(hours=24)
TENANT_KEYS = table(IdempotencyKey)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed key; `result_id` is what an earlier call made, None for the first call."""

    id: UUID
    result_id: UUID | None


def input_hash(content: dict[str, Any]) -> str:
    """SHA-256 of the input in canonical form."""
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


async def claim_key(
    session: AsyncSession,
    *,
    principal_id: UUID,
    mutation: str,
    key: str,
    content: dict[str, Any],
    now: datetime,
    keys: Table = TENANT_KEYS,
) -> Claim:
    """Claims the key or finds the earlier call; a call in flight is waited for, on its row.

    `keys` is the table of the plane: a customer's, or the catalog's. Raises `KeyReusedForOtherInput`.
    """
    key = checked_text(key, "idempotencyKey", 200)
    same = (keys.c.principal_id == principal_id, keys.c.mutation == mutation, keys.c.key == key)
    await session.execute(delete(keys).where(*same, keys.c.created_at <= now - LIFETIME))
    claim_id, hashed = new_id(now), input_hash(content)
    values = {
        "id": claim_id,
        "principal_id": principal_id,
        "mutation": mutation,
        "key": key,
        "input_hash": hashed,
        "created_at": now,
    }
    dialect = (await session.connection()).dialect.name
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    claimed = await session.execute(insert(keys).values(values).on_conflict_do_nothing().returning(keys.c.id))
    if claimed.first() is not None:
        return Claim(id=claim_id, result_id=None)
    earlier = (
        await session.execute(select(keys.c.id, keys.c.input_hash, keys.c.result_id).where(*same))
    ).one()
    if earlier.input_hash != hashed:
        raise KeyReusedForOtherInput(path="idempotencyKey")
    return Claim(id=earlier.id, result_id=earlier.result_id)


async def keep_result(
    session: AsyncSession, claim: Claim, result_id: UUID, *, keys: Table = TENANT_KEYS
) -> None:
    """Remembers what the call made, for the retries to come."""
    await session.execute(update(keys).where(keys.c.id == claim.id).values(result_id=result_id))


async def forget_keys(session: AsyncSession, principal_id: UUID) -> None:
    """Takes away a person's keys: a client may have put anything into them."""
    await session.execute(delete(TENANT_KEYS).where(TENANT_KEYS.c.principal_id == principal_id))
