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


def tenants_table(tenants: Iterable[TenantRecord]) -> Table:
    table = plain_table("slug", "name", "status", "policy", "server", "since")
    for tenant in tenants:
        day = tenant.created_at.date().isoformat()
        table.add_row(
            tenant.slug, tenant.name, tenant.status, tenant.policy_key, tenant.placement.server, day
        )
    return table


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
    }
