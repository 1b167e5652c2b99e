"""How a plane's audit log is written; each plane hands its own function in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from auth.principals import Origin
from tenants.acts import Actor, Change, Subject


class RecordEvent(Protocol):
    async def __call__(
        self,
        session: AsyncSession,
        *,
        now: datetime,
        event: str,
        actor: Actor,
        subject: Subject | None = None,
        detail: Mapping[str, object] | None = None,
        origin: Origin = ...,
        change: Change | None = ...,
    ) -> None: ...
