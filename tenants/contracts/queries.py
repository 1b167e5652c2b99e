"""What is read of contracts."""

from datetime import date

from sqlalchemy import select

from tenants.contracts.models import Contract
from tenants.databases.scopes import Reader
from tenants.tables import table

_C = table(Contract).c


async def policy_versions(reader: Reader) -> set[tuple[str, date]]:
    """Keys and versions of the policies of this customer's contracts."""
    rows = await reader.rows(select(_C.policy_key, _C.policy_version).distinct())
    return {(row.policy_key, row.policy_version) for row in rows}
