"""The command line `slaportal`: every command small, what it does lives in `tenants` and `api`."""

import typer

from cli.loading import group_of

COMMANDS = {
    "run": "cli.serving:run",
    "schema": "cli.schema:schema",
    "doctor": "cli.doctor:doctor",
    "audit": "cli.audit:app",
    "catalog": "cli.catalog:app",
    "demo": "cli.demo:app",
    "keys": "cli.keys:app",
    "mails": "cli.mails:app",
    "migrate": "cli.migrate:migrate",
    "operator": "cli.operator:app",
    "policy": "cli.policy:app",
    "queue": "cli.queue:app",
    "sla": "cli.sla:app",
    "tenant": "cli.tenant:app",
}


def build() -> typer.Typer:
    """All commands. Tracebacks show no local variables: there may be secrets in them."""
    app = typer.Typer(
        name="slaportal",
        cls=group_of(COMMANDS),
        epilog="Exit codes: 0 done, 1 refused or something was found, 2 wrong usage.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,
    )
    app.callback()(slaportal)
    return app


def slaportal() -> None:
    """Carries service level agreements out: every deadline, refusal and price follows from the signed text."""


def main() -> None:
    """Runs what the command line asks for."""
    build()()
