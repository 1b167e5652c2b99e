"""What somebody may do: rights of a customer's account, roles of the vendor's operator."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Permission(StrEnum):
    MANAGE_ACCOUNTS = "MANAGE_ACCOUNTS"
    REGISTER_TICKETS = "REGISTER_TICKETS"
    CONFIRM_CONSULTANCY = "CONFIRM_CONSULTANCY"
    READ = "READ"


class OperatorRole(StrEnum):
    SUPPORT = "SUPPORT"
    CONSULTANT = "CONSULTANT"
    SUPPORT_MANAGER = "SUPPORT_MANAGER"
    SAAS_TEAM = "SAAS_TEAM"
    ADMINISTRATOR = "ADMINISTRATOR"


def grants_text(grants: Iterable[Permission] | Iterable[OperatorRole]) -> str:
    """One column's text for a set of rights or roles: sorted, one space between, as OAuth writes scopes."""
    return " ".join(sorted(grant.value for grant in grants))


@lru_cache(maxsize=256)
def permissions_of(text: str) -> frozenset[Permission]:
    """The rights that `grants_text` wrote. ValueError for a word that is none."""
    return frozenset(Permission(word) for word in text.split())


@lru_cache(maxsize=256)
def roles_of(text: str) -> frozenset[OperatorRole]:
    """The roles that `grants_text` wrote. ValueError for a word that is none."""
    return frozenset(OperatorRole(word) for word in text.split())
