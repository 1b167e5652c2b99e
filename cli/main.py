"""The command line `slaportal`: every command small, what it does lives in `tenants` and `api`."""

import typer

from api.schema import schema_text
from cli import demo, keys, policy, queue, serving, sla, tenant


def build() -> typer.Typer:
    """All commands. Tracebacks show no local variables: there may be secrets in them."""
    app = typer.Typer(
        name="slaportal",
        help="Carries service level agreements out: every deadline, refusal and price follows from the signed "
        "text.",
        epilog="Exit codes: 0 done, 1 refused or something was found, 2 wrong usage.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,
    )
    app.command("run")(serving.run)
    app.command("schema")(schema)
    for name, commands in (
        ("demo", demo.app),
        ("keys", keys.app),
        ("policy", policy.app),
        ("queue", queue.app),
        ("sla", sla.app),
        ("tenant", tenant.app),
    ):
        app.add_typer(commands, name=name)
    return app


def schema() -> None:
    """Print the GraphQL schema.

    Example: slaportal schema > schema.graphql
    """
    typer.echo(schema_text(), nl=False)


def main() -> None:
    """Runs what the command line asks for."""
    build()()
