"""How a request loads: over which connection, and as whom."""

from api.consultancy import load_requests_of_tickets
from api.context import Context
from api.loading import Loading
from api.tickets import tickets_by_id
from auth.principals import AccountPrincipal
from tenants.accounts.service import may_manage
from tenants.databases.scopes import Reader


def loading_over(context: Context, reader: Reader) -> Loading:
    """Loading over one connection: the request's own, or that of a mutation's transaction."""
    account = context.principal if isinstance(context.principal, AccountPrincipal) else None
    manages = account is not None and may_manage(account)
    return Loading(
        reader=reader,
        library=context.portal.library,
        keys=context.portal.keys,
        locale=context.locale,
        now=context.now.replace(microsecond=0),  # clocks count whole seconds
        tenant_id=context.tenant_record.id,
        sees_internal=context.is_operator,
        sees_accounts=context.is_operator or manages,
        self_id=account.account_id if account else None,
        load_tickets_by_id=tickets_by_id,
        load_requests_of_tickets=load_requests_of_tickets,
    )


async def loading_of(context: Context) -> Loading:
    """Loading over the request's one reading connection."""
    return loading_over(context, await context.reader())
