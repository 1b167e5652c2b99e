"""How acts on accounts and contacts are begun from a request."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.types import Info

from api.accounts import accounts_by_id
from api.context import Context
from api.loaders import loading_over
from api.people import Account, Contact, contacts_by_id
from tenants.accounts.administration import Administration, administer
from tenants.acts import Act
from tenants.databases.scopes import Reader

Work = Callable[[Administration], Awaitable[UUID]]


async def _administration_of(context: Context, session: AsyncSession) -> Administration:
    """The act of this request, found entitled inside its transaction. Raises `RightsEnded`."""
    portal, act = context.portal, Act(context.actor, context.now, context.origin)
    return await administer(session, portal.library, portal.keys, act, context.tenant_record.locale)


async def change_account(info: Info[Context, None], given: Any, work: Work) -> Account:
    """The account after one act on it."""

    async def load(reader: Reader, key: UUID) -> Account:
        return (await accounts_by_id(loading_over(info.context, reader), [key]))[key]

    return await info.context.change(info.field_name, given, _within(info.context, work), load)


async def change_contact(info: Info[Context, None], given: Any, work: Work) -> Contact:
    """The contact after one act on it; of a replacement the new one."""

    async def load(reader: Reader, key: UUID) -> Contact:
        return (await contacts_by_id(reader, [key]))[key]

    return await info.context.change(info.field_name, given, _within(info.context, work), load)


def _within(context: Context, work: Work) -> Callable[[AsyncSession], Awaitable[UUID]]:
    async def within(session: AsyncSession) -> UUID:
        return await work(await _administration_of(context, session))

    return within
