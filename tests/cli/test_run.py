"""`slaportal run`: what it makes, what it refuses, and how it stops."""

import asyncio
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import update

from api.settings import read_settings
from cli.demo_data.records import DemoAccount, read_accounts
from cli.portal import portal_of
from cli.serving import is_loopback, sign_in_command
from tenants.catalog.models import Tenant
from tests.cli.conftest import Slaportal

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "import sys; from cli.main import main; sys.argv[0] = 'slaportal'; sys.exit(main())"
PATIENCE_SECONDS = 60


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(data: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """The portal as a process of its own, from when it is ready."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    words = [sys.executable, "-c", PROGRAM, "run", "--data", str(data), "--port", str(port)]
    environment = kept | {"SLAPORTAL_PASSWORD_ROUNDS": "1000"}
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and a fixed program
        words, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        wait_until_ready(process, port)
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until_ready(process: subprocess.Popen[str], port: int) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx2.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    pytest.fail("the portal did not come up")


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_it_makes_what_is_missing_and_stops_cleanly(tmp_path: Path, asked: signal.Signals) -> None:
    data = tmp_path / "var"
    with running(data, free_port()) as process:
        process.send_signal(asked)
        _, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, told
    assert "Traceback" not in told
    assert told.rstrip().endswith("Stopped.")
    assert (data / "keys.json").exists()


def test_the_printed_line_signs_in(demo_data: Path) -> None:
    port = free_port()
    with running(demo_data, port) as process:
        account = read_accounts(demo_data)[0]
        words = shlex.split(sign_in_command(account, "127.0.0.1", port))
        headers = dict(words[place + 1].split(": ") for place, word in enumerate(words) if word == "-H")
        answer = httpx2.post(words[2], headers=headers, content=words[words.index("-d") + 1])
        process.terminate()
        printed, _ = process.communicate(timeout=PATIENCE_SECONDS)
    challenge = answer.json()["data"]["signIn"]["challenge"]
    assert challenge["methods"] == ["TOTP"]
    assert sign_in_command(account, "127.0.0.1", port) in printed
    assert account.totp_secret in printed


def forget_revisions(data: Path) -> None:
    """As in an installation of a version that did not note them: each database is looked at."""
    asyncio.run(_forget_revisions(data))


async def _forget_revisions(data: Path) -> None:
    async with portal_of(read_settings({}, data=data)) as portal, portal.catalog.write() as session:
        await session.execute(update(Tenant).values(revision=None))


def test_customers_whose_databases_are_broken_are_told_and_the_others_served(
    demo_data: Path, tmp_path: Path
) -> None:
    data, port = tmp_path / "var", free_port()
    shutil.copytree(demo_data, data)
    missing, damaged = sorted((data / "databases").glob("t_*.db"))[:2]
    forget_revisions(data)
    missing.unlink()
    damaged.write_bytes(b"no database at all" * 100)
    with running(data, port) as process:
        tried = [_sign_in(account, port) for account in _one_of_each_customer(data)]
        process.terminate()
        _, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert sorted(tried).count(200) == len(tried) - 2
    assert sorted(tried)[-2:] == [503, 503]
    lines = [line for line in told.splitlines() if "cannot be brought to today's schema" in line]
    assert len(lines) == 2


def _one_of_each_customer(data: Path) -> list[DemoAccount]:
    return list({account.tenant: account for account in read_accounts(data) if account.tenant}.values())


def _sign_in(account: DemoAccount, port: int) -> int:
    words = shlex.split(sign_in_command(account, "127.0.0.1", port))
    headers = dict(words[place + 1].split(": ") for place, word in enumerate(words) if word == "-H")
    return httpx2.post(words[2], headers=headers, content=words[words.index("-d") + 1]).status_code


def test_with_demo_accounts_it_listens_on_this_machine_only(slaportal: Slaportal, demo_data: Path) -> None:
    refused = slaportal("run", "--host", "0.0.0.0", "--port", str(free_port()), "--data", str(demo_data))  # noqa: S104  # refused
    assert refused.exit_code == 1
    assert "--allow-demo" in refused.stderr


def test_in_production_no_keys_are_made(slaportal: Slaportal, tmp_path: Path) -> None:
    port = str(free_port())
    keys = str(tmp_path / "production.json")
    for given in ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}, {"SLAPORTAL_KEYS_FILE": keys}):
        refused = slaportal("run", "--port", port, **given)
        assert refused.exit_code == 1
        assert "slaportal keys create" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_told_before_anything_is_made(slaportal: Slaportal, tmp_path: Path) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = slaportal("run", "--port", str(other.getsockname()[1]))
    assert refused.exit_code == 1
    assert "--port" in refused.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104  # told to be no loopback address
        ("::", False),
        ("192.0.2.1", False),
        ("portal.example", False),
    ],
)
def test_loopback_is_what_only_this_machine_reaches(host: str, answer: object) -> None:
    assert is_loopback(host) is answer
