"""What commands print for people."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.table import Table

from auth.totp import code_at
from cli.common import plain_table
from cli.demo_data.records import DemoAccount
from tenants.catalog.directory import TenantRecord

CONSOLE_NAME = "(console)"


def accounts_table(accounts: Sequence[DemoAccount], now: datetime) -> Table:
    """Who can sign in and how; operators belong to no tenant."""
    table = plain_table("tenant", "e-mail", "password", "TOTP secret", "code", "may")
    previous = None
    for account in accounts:
        if previous is not None and account.tenant != previous.tenant:
            table.add_section()
        previous = account
        table.add_row(
            account.tenant or CONSOLE_NAME,
            account.email,
            account.password,
            account.totp_secret,
            code_at(account.totp_secret, now),
            short_permissions(account),
        )
    return table


def short_permissions(account: DemoAccount) -> str:
    if account.kind == "OPERATOR":
        return ", ".join(role.lower() for role in account.permissions)
    if account.contact is None:
        return "read"
    return "everything" if "MANAGE_ACCOUNTS" in account.permissions else "register tickets"


def tenants_table(tenants: Iterable[TenantRecord], now: datetime) -> Table:
    """`backed up` is how old the newest moment is that a backup of the portal's own covers whole."""
    table = plain_table("slug", "name", "status", "policy", "server", "since", "backed up")
    for tenant in tenants:
        home, day = tenant.placement.server, tenant.created_at.date().isoformat()
        backed_up = age_of(tenant.protected_at, now)
        table.add_row(tenant.slug, tenant.name, tenant.status, tenant.policy_key, home, day, backed_up)
    return table


def age_of(moment: datetime | None, now: datetime) -> str:
    """`4 min ago`, in the largest unit that gives a whole number of at least 2; `never` for None."""
    if moment is None:
        return "never"
    seconds = max(0, int((now - moment).total_seconds()))
    for name, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {name} ago"
    return f"{seconds} s ago"


def tenant_facts(tenant: TenantRecord) -> dict[str, object]:
    """One customer as JSON says it."""
    return {
        "slug": tenant.slug,
        "name": tenant.name,
        "status": tenant.status,
        "policy": tenant.policy_key,
        "locale": tenant.locale,
        "server": tenant.placement.server,
        "database": tenant.placement.database,
        "epoch": tenant.epoch,
        "id": str(tenant.id),
        "since": tenant.created_at.isoformat(),
        "revision": tenant.revision,
        "protected_at": tenant.protected_at.isoformat() if tenant.protected_at else None,
        "failure": tenant.failure,
    }
