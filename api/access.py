"""Who may use which field and hold which type: declared beside it, printed to docs/permissions.md."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from auth.permissions import OperatorRole

T = TypeVar("T")


class Access(StrEnum):
    """What a caller must be. Object types are reached through fields, and name who can hold one."""

    ANYONE = "anyone, also before sign-in"
    SIGNED_IN = "anybody signed in"
    TENANT = "an account that may READ, or an operator at work in the tenant"
    CONTACT = "an account linked to an active contact, or an operator with a role in the ticket's process"
    CONTACT_OR_SUPPORT = (
        "an account linked to an active contact, or an operator who is SUPPORT or SUPPORT_MANAGER"
    )
    REGISTER_TICKETS = (
        "a contact's account that may REGISTER_TICKETS, or an operator who is SUPPORT or SUPPORT_MANAGER"
    )
    CONFIRM_CONSULTANCY = "a contact's account that may CONFIRM_CONSULTANCY"
    MANAGE_ACCOUNTS = (
        "a contact's account that may MANAGE_ACCOUNTS, "
        "or an operator who is SUPPORT, SUPPORT_MANAGER or ADMINISTRATOR"
    )
    OPERATOR_IN_TENANT = "an operator at work in the tenant"
    ENTERING = "an operator whom `Portal-Tenant` sends to the tenant, at work there or not yet"
    SUPPORT = "an operator who is SUPPORT or SUPPORT_MANAGER, at work in the tenant"
    CONSULTANT = "an operator who is CONSULTANT or SUPPORT_MANAGER, at work in the tenant"
    CONTRACTS = "an operator who is SUPPORT_MANAGER or ADMINISTRATOR, at work in the tenant"
    CONSOLE = "an operator; null for everybody else"
    ADMINISTRATOR = "an operator who is ADMINISTRATOR"
    SELF = "the person concerned, accounts that may MANAGE_ACCOUNTS, and operators at work in the tenant"


_SUPPORT = frozenset({OperatorRole.SUPPORT, OperatorRole.SUPPORT_MANAGER})
_CONSULTANT = frozenset({OperatorRole.CONSULTANT, OperatorRole.SUPPORT_MANAGER})
ROLES: Mapping[Access, frozenset[OperatorRole]] = {
    Access.CONTACT: frozenset(OperatorRole) - {OperatorRole.ADMINISTRATOR},
    Access.CONTACT_OR_SUPPORT: _SUPPORT,
    Access.REGISTER_TICKETS: _SUPPORT,
    Access.MANAGE_ACCOUNTS: _SUPPORT | {OperatorRole.ADMINISTRATOR},
    Access.SUPPORT: _SUPPORT,
    Access.CONSULTANT: _CONSULTANT,
    Access.CONTRACTS: frozenset({OperatorRole.SUPPORT_MANAGER, OperatorRole.ADMINISTRATOR}),
    Access.ADMINISTRATOR: frozenset({OperatorRole.ADMINISTRATOR}),
}
"""Which operators may: one of these roles is enough (S4-040 to S4-052: who is responsible, and who is accountable).

What is not named here takes no role: every operator reads.
"""

ACCESS: dict[str, Access] = {}
STEP_UP: set[str] = set()
_FRESH = "; with a factor shown in the last ten minutes"


def declare(coordinate: str, access: Access, *, step_up: bool = False) -> None:
    """Notes the permission of a field or type under its schema coordinate, and whether it takes a fresh factor."""
    ACCESS[coordinate] = access
    if step_up:
        STEP_UP.add(coordinate)


def holds(access: Access, **narrower: Access) -> Callable[[type[T]], type[T]]:
    """Declares who can hold an object type, and the narrower permission of some of its fields."""

    def note(cls: type[T]) -> type[T]:
        name = cls.__name__
        declare(name, access)
        for field, own in narrower.items():
            declare(f"{name}.{field}", own)
        return cls

    return note


def permissions_markdown() -> str:
    """The whole of docs/permissions.md."""
    lines = ["# Permissions", "", "Printed from the code by `make schema`; `make check` compares.", ""]
    for title, wanted in (
        ("Root fields", True),
        ("Object types, and fields narrower than their type", False),
    ):
        rows = sorted(key for key in ACCESS if key.startswith(("Query.", "Mutation.")) is wanted)
        lines += [f"## {title}", "", "| where | who |", "|---|---|"]
        lines += [f"| `{key}` | {ACCESS[key].value}{_FRESH if key in STEP_UP else ''} |" for key in rows]
        lines.append("")
    return "\n".join(lines)
