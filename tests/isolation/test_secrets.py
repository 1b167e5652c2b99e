"""Whatever is done, no password, token, code or secret lies readable on a record, in a queue or in the log."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tenants.databases.servers import Server
from tests.factories.contents import contents
from tests.factories.portal import PASSWORD
from tests.isolation.worlds import NOBODY, SECRETS, leaves, world

NO_SECRETS = {"cursor", "startCursor", "endCursor", "digest", "requestId", "data"}
"""Of what an answer hands out, that which lets nobody in."""


def handed_out(value: Any, name: str = "") -> Iterator[str]:
    """The secrets within answers."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from handed_out(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from handed_out(item, name)
    elif isinstance(value, str) and name in SECRETS - NO_SECRETS:
        yield value


async def test_no_secret_lies_on_a_record_in_a_queue_or_in_the_log(
    server: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with world(server, tmp_path / "world", NOBODY) as made:
        await made.asking.everything()
        secrets = {PASSWORD, made.own.owner.secret, made.operator.secret}
        secrets |= set(handed_out(made.asking.answers))
        assert len(secrets) > 20
        kept = [
            await contents(made.own.scope, frozenset()),
            await contents(made.house.portal.catalog, frozenset()),
        ]
        texts = "\n".join(json.dumps(str(value)) for value in leaves(kept))
        assert "authn_mfa_success" in texts
    printed = capfd.readouterr()
    said = texts + printed.out + printed.err
    assert [secret for secret in secrets if secret in said] == []
