"""The accounts of the demo as its owner may read them: `demo-accounts.json` in the data folder, mode 0600.

The file is written last: where it is, the demo is complete.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FILE = "demo-accounts.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """Somebody who can sign in. `tenant` is None for operators, whose `permissions` are their roles; `contact` is
    the name of the contact that the account is linked to.
    """

    tenant: str | None
    kind: str
    email: str
    password: str
    totp_secret: str
    policy: str | None
    tier: str | None
    permissions: tuple[str, ...]
    contact: str | None


def demo_exists(folder: Path) -> bool:
    return (folder / FILE).exists()


def write_accounts(folder: Path, accounts: Sequence[DemoAccount]) -> None:
    """Writes all of them or none, readable for the owner only."""
    draft = folder / f"{FILE}.{os.getpid()}.draft"
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump([asdict(account) for account in accounts], file, indent=2, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / FILE)


def read_accounts(folder: Path) -> list[DemoAccount]:
    """The accounts, customers' first; none where there is no demo."""
    if not demo_exists(folder):
        return []
    rows: list[dict[str, Any]] = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return [DemoAccount(**row | {"permissions": tuple(row["permissions"])}) for row in rows]


def forget_accounts(folder: Path) -> None:
    """From here on the demo counts as unfinished."""
    (folder / FILE).unlink(missing_ok=True)
