"""What the commands over an installation need: where its data is, a wired portal, and errors as one line."""

from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import uvloop
from pydantic import ValidationError

from api.portal import Portal, open_portal
from api.settings import Settings, read_settings
from api.user_errors import user_error
from auth.errors import (
    KeyNotYetInUse,
    KeysFileExists,
    KeysFileExposed,
    KeysFileInvalid,
    KeysFileMissing,
    SealBroken,
)
from cli.common import fail
from sla.errors import PolicyFileWrong
from sla.vocabulary import Locale
from tenants.catalog.errors import BeingChanged, LeaseLost, TenantNotActive, UnknownTenant
from tenants.databases.errors import (
    BackupUnreadable,
    CopyFailed,
    DatabaseUnavailable,
    StaleEpoch,
    UnknownServer,
    UpgradeFailed,
    WrongDatabase,
)
from tenants.mails.errors import MailSettingWrong
from tenants.refusals import Refusal
from tenants.upkeep.errors import (
    AlreadyThere,
    BeyondRetention,
    CopyDiffers,
    NotGone,
    UpgradeFirst,
    WrongBackup,
)

T = TypeVar("T")

EXPECTED = (
    AlreadyThere,
    BackupUnreadable,
    BeingChanged,
    BeyondRetention,
    CopyDiffers,
    CopyFailed,
    DatabaseUnavailable,
    IsADirectoryError,
    KeyNotYetInUse,
    KeysFileExists,
    KeysFileExposed,
    KeysFileInvalid,
    KeysFileMissing,
    LeaseLost,
    MailSettingWrong,
    NotADirectoryError,
    NotGone,
    PermissionError,
    PolicyFileWrong,
    SealBroken,
    StaleEpoch,
    TenantNotActive,
    UnknownServer,
    UnknownTenant,
    UpgradeFailed,
    UpgradeFirst,
    WrongBackup,
    WrongDatabase,
)
OPTIONS = {
    "administratorEmail": "--admin-email",
    "administratorName": "--admin-name",
    "email": "EMAIL",
    "identityCheck": "--identity-check",
    "name": "--name",
    "operatorId": "EMAIL",
    "policyKey": "--policy",
    "roles": "--role",
    "tier": "--tier",
}
"""What the command line calls a field of an input."""
NAMED_INSIDE = ("", "DATABASE_URLS", "ADMIN_URLS")

ADVICE: dict[type[Exception], str] = {
    BackupUnreadable: "This file cannot be restored:",
    BeingChanged: "It is being moved or restored at this moment. Try again when that is done:",
    CopyDiffers: "The customer stays where it was:",
    CopyFailed: "Its rows could not all be copied; nothing has changed:",
    IsADirectoryError: "A folder is named where a file is needed:",
    NotADirectoryError: "A file is named where a folder is needed:",
    PermissionError: "This may not be read or written by who runs the command:",
    PolicyFileWrong: "An agreement in SLAPORTAL_POLICIES cannot be carried out:",
    DatabaseUnavailable: "A database cannot be opened or written. `slaportal doctor` looks at each:",
    NotGone: "The same command again goes on from here:",
    MailSettingWrong: "SLAPORTAL_SMTP_URL or SLAPORTAL_MAIL_FROM cannot be used:",
    LeaseLost: "This took too long and was given up; nothing has changed. Try again.",
    StaleEpoch: "It was moved or restored just now. Try again:",
    UpgradeFirst: "Run `slaportal migrate` first:",
    KeyNotYetInUse: "A new signing key is published already and waits for its moment:",
    SealBroken: "Something was sealed with a key that is not in the keys file, or was changed since:",
    KeysFileExists: "There are keys already; they are never overwritten.",
    KeysFileMissing: "There is no installation here: `slaportal run` makes one, `slaportal keys create` its keys.",
    TenantNotActive: "The tenant is in no state for that:",
    UnknownTenant: "There is no such tenant. `slaportal tenant list` shows them.",
    UnknownServer: "Servers are named by DATABASE_URL and DATABASE_URL_<NAME>:",
    WrongDatabase: "Something else lies where the tenant's database should be; `slaportal tenant restore` helps:",
    UpgradeFailed: "A database cannot be brought to today's schema:",
}


def now() -> datetime:
    """The moment, for what a command does."""
    return datetime.now(UTC)


def settings_of(data: Path) -> Settings:
    """The settings from the environment; a wrong one is told in one line, by its name."""
    try:
        return read_settings(data=data)
    except ValidationError as wrong:
        told = []
        for each in wrong.errors(include_url=False, include_input=False):
            name = "_".join(str(part) for part in each["loc"]).upper()
            message = each["msg"].removeprefix("Value error, ")
            # What is about several settings, or about servers, has their names in its message.
            told.append(f"SLAPORTAL_{name}: {message}" if name not in NAMED_INSIDE else message)
        raise fail("; ".join(told), code=2) from None


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's work, and tells in one line what a person can mend."""
    with told_in_one_line():
        return uvloop.run(work)


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """What a person can mend is told in one line; anything else is a traceback."""
    try:
        yield
    except Refusal as error:
        field = f"{OPTIONS.get(error.path, error.path)}: " if error.path else ""
        raise fail(field + user_error(error, Locale.EN).message) from error
    except EXPECTED as error:
        raise fail(" ".join(filter(None, (_advice(type(error)), f"({error})" * bool(str(error)))))) from error


def _advice(kind: type[Exception]) -> str | None:
    """What is said of the nearest of its kinds."""
    return next((ADVICE[each] for each in kind.__mro__ if each in ADVICE), None)


@asynccontextmanager
async def portal_of(settings: Settings) -> AsyncIterator[Portal]:
    """The wired parts, closed at the end of the block."""
    portal = open_portal(settings)
    try:
        yield portal
    finally:
        await portal.close()
