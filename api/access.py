"""Who may use which field and hold which type: declared beside it, printed to docs/permissions.md."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Access(StrEnum):
    """What a caller must be. Object types are reached through fields, and name who can hold one."""

    ANYONE = "anyone, also before sign-in"
    SIGNED_IN = "anybody signed in"
    TENANT = "an account that may READ, or an operator at work in the tenant"
    CONTACT = "an account linked to an active contact, or an operator at work in the tenant"
    REGISTER_TICKETS = "a contact's account that may REGISTER_TICKETS, or an operator at work in the tenant"
    CONFIRM_CONSULTANCY = "a contact's account that may CONFIRM_CONSULTANCY"
    MANAGE_ACCOUNTS = "a contact's account that may MANAGE_ACCOUNTS, or an operator at work in the tenant"
    OPERATOR_IN_TENANT = "an operator at work in the tenant"
    CONSOLE = "an operator; null for everybody else"
    ADMINISTRATOR = "an operator who is ADMINISTRATOR"
    SELF = "the person concerned, accounts that may MANAGE_ACCOUNTS, and operators at work in the tenant"


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
