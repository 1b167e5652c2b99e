"""The tenant that a request is bound to, and its people."""

from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import select
from strawberry.types import Info

from api.access import Access, holds
from api.accounts import accounts_from
from api.audit import AuditLogConnection, AuditLogFilter, load_audit_log
from api.connections import Connection, connection, page_request
from api.consultancy import HourCard, load_cards
from api.context import Context
from api.contracts import Contract, load_contract
from api.fields import query
from api.http_errors import Forbidden
from api.ids import encode_id
from api.loaders import loading_of
from api.loading import Loading
from api.nodes import Node
from api.people import Account, Contact, contact_of
from api.selection import Results, Selected, Selection, result_of, selection_of
from tenants.accounts.queries import ACCOUNT_KEY, accounts
from tenants.contacts.models import Contact as ContactRow
from tenants.contracts.errors import NoContractInForce
from tenants.contracts.service import agreement_in_force
from tenants.organization.models import Organization as OrganizationRow
from tenants.pages import read_page
from tenants.tables import table

AUDIT_LOG = (
    "Every act on record, newest first; for accounts that manage accounts, and for the vendor at work here."
)


@holds(Access.TENANT, auditLog=Access.MANAGE_ACCOUNTS)
@strawberry.type
class Organization(Node):
    slug: str
    name: str
    contract: Contract | None
    contacts: list[Contact]
    contact_limit: int
    hour_cards: list[HourCard]
    below: strawberry.Private[Results]

    @strawberry.field
    def accounts(
        self,
        info: Info[Any, Any],
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
        last: int | None = strawberry.UNSET,
        before: str | None = strawberry.UNSET,
    ) -> Connection[Account]:
        found: Connection[Account] = result_of(self.below, info)
        return found

    @strawberry.field(description=AUDIT_LOG)  # type: ignore[untyped-decorator]  # strawberry's, with arguments
    def audit_log(
        self,
        info: Info[Any, Any],
        filter: AuditLogFilter | None = strawberry.UNSET,
        first: int | None = strawberry.UNSET,
        after: str | None = strawberry.UNSET,
        last: int | None = strawberry.UNSET,
        before: str | None = strawberry.UNSET,
    ) -> AuditLogConnection | None:
        found: AuditLogConnection | Forbidden = result_of(self.below, info)
        if isinstance(found, Forbidden):
            raise found
        return found


@strawberry.type
class OrganizationQueries:
    @query(Access.TENANT, description="The tenant that this request is bound to.")
    async def organization(self, info: Info[Context, None]) -> Organization | None:
        return await load_organization(await loading_of(info.context), selection_of(info))


async def load_organization(loading: Loading, selection: Selection) -> Organization:
    """The organisation with what is asked for below it, one statement for each thing."""
    organization = table(OrganizationRow)
    row = await loading.reader.first(select(organization))
    if row is None:
        raise LookupError("a tenant's database holds its organisation")
    reader = loading.reader
    contract = None
    if selection.asks("contract"):
        contract = await load_contract(
            reader, loading.library, loading.locale, loading.now, selection.below("contract")
        )
    cards = selection.below("hourCards")
    return Organization(
        id=strawberry.ID(encode_id("Organization", row.id)),
        slug=row.slug,
        name=row.name,
        contract=contract,
        contacts=await load_contacts(loading) if selection.asks("contacts") else [],
        contact_limit=await _contact_limit(loading) if selection.asks("contactLimit") else 0,
        hour_cards=await load_cards(loading, cards) if selection.asks("hourCards") else [],
        below=await _below(loading, selection),
    )


async def _below(loading: Loading, selection: Selection) -> Results:
    below: Results = {}
    for field in selection.named("accounts"):
        below[field.result_key] = await _accounts(loading, field)
    for field in selection.named("auditLog"):
        below[field.result_key] = await load_audit_log(loading, field)
    return below


async def load_contacts(loading: Loading) -> list[Contact]:
    """The active contacts, in the order in which they were named."""
    contact = table(ContactRow)
    statement = select(contact).where(contact.c.slot.is_not(None)).order_by(contact.c.named_at, contact.c.id)
    return [contact_of(row) for row in await loading.reader.rows(statement)]


async def _contact_limit(loading: Loading) -> int:
    try:
        agreement = await agreement_in_force(loading.reader, loading.library, loading.now)
    except NoContractInForce:
        return 0
    return agreement.policy.contact_limit(agreement.tier).value


async def _accounts(loading: Loading, field: Selected) -> Connection[Account]:
    cursors = loading.cursors("accounts")
    given = {name: field.arguments.get(name) for name in ("first", "after", "last", "before")}
    page = page_request(cursors, (str, UUID), **given)
    found = await read_page(loading.reader, accounts(), ACCOUNT_KEY, page)
    nodes = [account for _, account in await accounts_from(loading, found.rows)]
    total = None
    if field.below.asks("totalCount"):
        total = len(await loading.reader.rows(accounts()))
    return connection(Connection[Account], cursors, found, nodes, lambda row: (row.name, row.id), total)
