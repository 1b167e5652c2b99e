"""`slaportal schema`."""

import typer

from api.schema import schema_text


def schema() -> None:
    """Print the GraphQL schema.

    Example: slaportal schema > schema.graphql
    """
    typer.echo(schema_text(), nl=False)
