"""Who is asking, any object by its global id, and the agreements."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.access import Access
from api.accounts import accounts_by_id
from api.audit import audit_entries_by_id
from api.console import NODES, console_node
from api.consultancy import cards_by_id, requests_by_id
from api.context import Context
from api.contracts import load_contract
from api.fields import query
from api.http_errors import BadUserInput
from api.ids import decode_id, encode_id
from api.loaders import loading_of
from api.loading import Loading
from api.nodes import Node
from api.operators import operator_by_id
from api.organization import load_organization
from api.people import Viewer, agents_by_id, contacts_by_id
from api.policies import Policy, policy_of, policy_uuid
from api.selection import Selection, selection_of
from api.tickets import tickets_by_id
from api.timeline import entries_by_id
from auth.principals import AccountPrincipal, OperatorPrincipal
from sla.policy import UnknownPolicy
from tenants.contracts.queries import policy_versions

NODES_LIMIT = 100

Loader = Callable[[Loading, UUID, Selection], Awaitable[Any]]


async def _ticket(loading: Loading, key: UUID, selection: Selection) -> Any:
    return (await tickets_by_id(loading, [key], selection)).get(key)


async def _account(loading: Loading, key: UUID, _selection: Selection) -> Any:
    return (await accounts_by_id(loading, [key])).get(key)


async def _contact(loading: Loading, key: UUID, _selection: Selection) -> Any:
    return (await contacts_by_id(loading.reader, [key])).get(key)


async def _agent(loading: Loading, key: UUID, _selection: Selection) -> Any:
    return (await agents_by_id(loading.reader, [key])).get(key)


async def _request(loading: Loading, key: UUID, selection: Selection) -> Any:
    return (await requests_by_id(loading, [key], selection)).get(key)


async def _card(loading: Loading, key: UUID, selection: Selection) -> Any:
    return (await cards_by_id(loading, [key], selection)).get(key)


async def _entry(loading: Loading, key: UUID, _selection: Selection) -> Any:
    return (await entries_by_id(loading, [key])).get(key)


async def _audit_entry(loading: Loading, key: UUID, _selection: Selection) -> Any:
    return (await audit_entries_by_id(loading, [key])).get(key)


async def _organization(loading: Loading, key: UUID, selection: Selection) -> Any:
    found = await load_organization(loading, selection)
    return found if found.id == encode_id("Organization", key) else None


async def _contract(loading: Loading, key: UUID, selection: Selection) -> Any:
    found = await load_contract(loading.reader, loading.library, loading.locale, loading.now, selection)
    return found if found and found.id == encode_id("Contract", key) else None


LOADERS: dict[str, Loader] = {
    "AuditEntry": _audit_entry,
    "Ticket": _ticket,
    "Account": _account,
    "Contact": _contact,
    "Agent": _agent,
    "ConsultancyRequest": _request,
    "HourCard": _card,
    "TimelineEntry": _entry,
    "Organization": _organization,
    "Contract": _contract,
}


@strawberry.type
class RootQueries:
    @query(
        Access.SIGNED_IN,
        description="Who is asking: a customer's account, a partner integration or a vendor's operator.",
    )
    async def viewer(self, info: Info[Context, None]) -> Viewer | None:
        principal = info.context.principal
        if isinstance(principal, OperatorPrincipal):
            async with info.context.portal.catalog.read() as reader:
                return await operator_by_id(reader, principal.operator_id)
        if isinstance(principal, AccountPrincipal):
            loading = await loading_of(info.context)
            return (await accounts_by_id(loading, [principal.account_id])).get(principal.account_id)
        return None

    @query(Access.TENANT)
    async def node(self, info: Info[Context, None], id: strawberry.ID) -> Node | None:
        found: Node | None = await _node(info.context, id, selection_of(info))
        return found

    @query(Access.TENANT)
    async def nodes(self, info: Info[Context, None], ids: list[strawberry.ID]) -> list[Node | None]:
        context, selection = info.context, selection_of(info)
        if len(ids) > NODES_LIMIT:
            raise BadUserInput(f"Ask for at most {NODES_LIMIT} ids at once.")
        return [await _node(context, key, selection) for key in ids]

    @query(
        Access.SIGNED_IN,
        description="Agreements by key and version: an account sees those of its own contracts, an operator all.",
    )
    async def policies(self, info: Info[Context, None]) -> list[Policy] | None:
        context = info.context
        found = context.portal.library.all()
        if not context.is_operator:
            own = await policy_versions(await context.reader())
            found = tuple(policy for policy in found if (policy.key, policy.version) in own)
        return [policy_of(policy, context.locale) for policy in found]

    @query(Access.SIGNED_IN)
    async def policy(
        self, info: Info[Context, None], key: str, version: date | None = strawberry.UNSET
    ) -> Policy | None:
        context = info.context
        try:
            found = context.portal.library.get(key, version or None)
        except UnknownPolicy:
            return None
        if not context.is_operator:
            own = await policy_versions(await context.reader())
            if (found.key, found.version) not in own:
                return None
        return policy_of(found, context.locale)


async def _node(context: Context, text: str, selection: Selection) -> Any:
    """The object of an id; None for one that is unknown, foreign, or no id at all."""
    decoded = decode_id(text)
    if decoded is None:
        return None
    type_name, key = decoded
    if type_name in NODES:
        return await console_node(context, type_name, key)
    loading = await loading_of(context)
    if type_name == "Policy":
        return await _policy(loading, key)
    loader = LOADERS.get(type_name)
    return await loader(loading, key, selection.of_type(type_name)) if loader else None


async def _policy(loading: Loading, key: UUID) -> Policy | None:
    own = await policy_versions(loading.reader)
    for policy in loading.library.all():
        seen = loading.sees_internal or (policy.key, policy.version) in own
        if seen and policy_uuid(policy.key, policy.version) == key:
            return policy_of(policy, loading.locale)
    return None
