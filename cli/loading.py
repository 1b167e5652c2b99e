"""Commands that are imported when they are asked for: who reckons a deadline does not wait for the server's parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint
from typing import Any

import typer
import typer.main
from typer.core import TyperGroup

Loaded = typer.Typer | Callable[..., None]


def group_of(later: Mapping[str, str]) -> type[TyperGroup]:
    """The class of a group with commands of other modules: `module:attribute` by the name of the command.

    An attribute is a function, which becomes a command, or a `Typer`, which becomes a group.
    """

    class Group(TyperGroup):
        def list_commands(self, ctx: Any) -> list[str]:
            return [*super().list_commands(ctx), *later]

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            if cmd_name in later:
                return _command(cmd_name, EntryPoint(cmd_name, later[cmd_name], "slaportal").load())
            return super().get_command(ctx, cmd_name)

    return Group


def _command(name: str, loaded: Loaded) -> Any:
    if isinstance(loaded, typer.Typer):
        group = typer.main.get_group(loaded)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False)
    alone.command(name)(loaded)
    return typer.main.get_command(alone)
