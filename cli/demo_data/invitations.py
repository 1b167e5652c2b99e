"""Invitations of the demo with their tokens, until mails carry them: `demo-invitations.jsonl`, mode 0600.

Elsewhere a token is nowhere kept; this file is written only where the demo is.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from cli.demo_data.records import demo_exists

FILE = "demo-invitations.jsonl"
PAGE = "http://{tenant}.localhost:{port}/invitation#{token}"


@dataclass(frozen=True, slots=True)
class KeptInvitation:
    tenant: str
    email: str
    token: str

    def url(self, port: int) -> str:
        """The page that the mail will point to. The token stands behind the #: no server's log gets to see it."""
        return PAGE.format(tenant=self.tenant, port=port, token=self.token)


def keep_invitation(folder: Path, tenant: str, email: str, token: str) -> None:
    """Keeps the token in demo mode; does nothing in an installation without a demo."""
    if demo_exists(folder):
        append_invitation(folder, KeptInvitation(tenant, email, token))


def append_invitation(folder: Path, invitation: KeptInvitation) -> None:
    descriptor = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(asdict(invitation)) + "\n")


def read_invitations(folder: Path) -> list[KeptInvitation]:
    """All that were kept, oldest first."""
    path = folder / FILE
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [KeptInvitation(**json.loads(line)) for line in lines if line]


def forget_invitations(folder: Path) -> None:
    (folder / FILE).unlink(missing_ok=True)
