"""The two table bases: one for the vendor's catalog, one for the customers' databases.

SQLModel's default base is never used: both histories would share one MetaData and mix.
"""

from typing import cast

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class CatalogTable(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMING))):
    """Base of the tables in the vendor's catalog."""


class TenantTable(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMING))):
    """Base of the tables in a customer's own database."""


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model, for statements that read columns and make no entities."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]  # set by SQLModel at class creation
