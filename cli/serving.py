"""`slaportal run`: the API and its worker in one process."""

import ipaddress
import json
import shlex
import signal
import socket
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer
import uvicorn
from rich.console import Console

from api.app import create_app
from api.logs import configure_logs
from api.settings import Settings
from cli.common import DEFAULT_DATA, DataOption, answer_console, errors_console, fail, interactive, tell
from cli.demo import ensure_demo
from cli.demo_data.presence import has_demo_tenants
from cli.demo_data.records import DemoAccount, read_accounts
from cli.portal import portal_of, run_async, settings_of
from cli.preparing import ensure_catalog, ensure_current, ensure_folder, ensure_keys
from cli.tables import accounts_table

GRACE_SECONDS = 10
SIGN_IN = (
    "mutation($input: SignInInput!) { signIn(input: $input) "
    "{ challenge { token methods expiresAt } errors { code message } } }"
)

HostOption = Annotated[str, typer.Option(help="The address to listen on.")]
PortOption = Annotated[int, typer.Option(envvar="PORT", min=1, max=65535, help="The port to listen on.")]
DemoOption = Annotated[bool, typer.Option("--demo", help="Make the demo where there is none yet.")]
AllowDemoOption = Annotated[
    bool, typer.Option("--allow-demo", help="Listen beyond this machine although there are demo accounts.")
]


def run(
    data: DataOption = DEFAULT_DATA,
    demo: DemoOption = False,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    allow_demo: AllowDemoOption = False,
) -> None:
    """Serve the portal: makes folder, keys and catalog where they are missing.

    Example: slaportal run --demo --port 8000

    With DATABASE_URL the databases are PostgreSQL's; the keys must then exist (`slaportal keys create`).
    Ctrl-C and SIGTERM let running requests finish.
    """
    settings = settings_of(data)
    _check_port(host, port)
    ensure_folder(settings)
    ensure_keys(settings)
    run_async(ensure_catalog(settings))
    run_async(ensure_current(settings))
    if demo:
        run_async(ensure_demo(settings))
    if not allow_demo and not is_loopback(host) and run_async(_has_demo(settings)):
        raise fail(
            f"There are demo accounts here, and {host} can be reached from outside. "
            "Say --allow-demo if that is meant, or listen on 127.0.0.1."
        )
    accounts = read_accounts(settings.data)
    if accounts:
        _introduce(answer_console(), accounts, host, port)
    _serve(with_mails(settings, host, port, demo=bool(accounts)), host, port)


def with_mails(settings: Settings, host: str, port: int, *, demo: bool) -> Settings:
    """Links in mails lead to this port; beside a demo that only this machine reaches, mails are shown on a page."""
    changed: dict[str, object] = {}
    if settings.base_domain == "localhost" and not settings.in_production:
        changed["public_url"] = settings.public_url or f"http://{{tenant}}.localhost:{port}"
        changed["console_url"] = settings.console_url or f"http://localhost:{port}"
    if demo and is_loopback(host):
        changed["mails_page"] = True
    return settings.model_copy(update=changed)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address. A name other than localhost counts as reachable."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def sign_in_command(account: DemoAccount, host: str, port: int) -> str:
    """One line for a shell that signs the account in: it answers with a challenge for `verifyMfa`."""
    body = {"query": SIGN_IN, "variables": {"input": {"email": account.email, "password": account.password}}}
    name = f"[{host}]" if ":" in host else host
    words = ["curl", "-s", f"http://{name}:{port}/graphql", "-H", "Content-Type: application/json"]
    if account.tenant:
        words += ["-H", f"Portal-Tenant: {account.tenant}"]
    return shlex.join([*words, "-d", json.dumps(body)])


async def _has_demo(settings: Settings) -> bool:
    async with portal_of(settings) as portal:
        return await has_demo_tenants(portal.catalog)


def _check_port(host: str, port: int) -> None:
    """Better now than after the demo was made."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise fail(
                f"Cannot listen on {host}:{port} ({error.strerror}). Choose another --port."
            ) from error


def _introduce(console: Console, accounts: Sequence[DemoAccount], host: str, port: int) -> None:
    console.print(accounts_table(accounts, datetime.now(UTC)))
    console.print("\nSign in (then verifyMfa with the challenge's token and the code):", highlight=False)
    typer.echo(sign_in_command(accounts[0], host, port) + "\n")


def _tell_of_mails(settings: Settings, host: str, port: int) -> None:
    if settings.shows_mails:
        tell(f"Mails, with the invitations in them: http://{host}:{port}/mails")
    elif settings.smtp_url is None:
        told = "Warning: no" if settings.in_production else "No"
        tell(
            f"{told} mail server is set (SLAPORTAL_SMTP_URL): nobody gets mails, they go to {settings.mails_path}."
        )


def _serve(settings: Settings, host: str, port: int) -> None:
    configure_logs(pretty=interactive())
    # The server hands each signal back when it has stopped: an end that was asked for is no failure.
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, lambda _number, _frame: None)
    config = uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # an address from a header is anybody's word
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    errors_console().print(f"Serving on http://{host}:{port}/graphql, Ctrl-C stops.", highlight=False)
    _tell_of_mails(settings, host, port)
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        raise typer.Exit(1)
    errors_console().print("Stopped.")
