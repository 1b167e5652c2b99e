"""Whether a column is exported is decided for each one; what looks like a secret never is."""

import re

from tenants.leaving.contents import EXPORTED, LEFT_OUT
from tenants.tables import TenantTable

SECRET = re.compile(r"secret|token|hash|sealed(?!_at)|password")


def columns() -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in TenantTable.metadata.tables.values()
        for column in table.columns
    }


def left_out() -> set[str]:
    return {name for name in columns() if name in LEFT_OUT or name.split(".")[0] in LEFT_OUT}


def test_each_column_of_a_customer_is_exported_or_left_out_for_a_reason() -> None:
    exported = {f"{name}.{column}" for name, table in EXPORTED.items() for column in table.columns}
    assert exported | left_out() == columns()
    assert exported & left_out() == set()


def test_a_column_whose_name_sounds_like_a_secret_is_left_out() -> None:
    secrets = {name for name in columns() if SECRET.search(name)}
    assert {"account.password_hash", "factor.secret", "invitation.token_hash"} <= secrets
    assert secrets - left_out() == set()


def test_nothing_is_left_out_that_does_not_exist() -> None:
    known = columns() | set(TenantTable.metadata.tables)
    assert set(LEFT_OUT) - known == set()
    assert all(LEFT_OUT.values())
