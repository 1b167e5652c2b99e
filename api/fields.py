"""Root fields: permission before anything runs, expected failures as typed errors."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import strawberry
from strawberry.types import Info

from api.access import Access, declare
from api.http_errors import BadUserInput, Forbidden, ServiceUnavailable
from api.user_errors import EXPECTED, user_error
from tenants.databases.errors import DatabaseUnavailable, StaleEpoch, WrongDatabase

P = ParamSpec("P")
R = TypeVar("R")
RETRY_SECONDS = 5


def query(access: Access, **options: Any) -> Callable[[Callable[P, Awaitable[R]]], Any]:
    """A root field of Query; who may not ask for it is on record."""

    def wrap(resolver: Callable[P, Awaitable[R]]) -> Any:
        name = camel(resolver.__name__)
        declare(f"Query.{name}", access)

        @wraps(resolver)
        async def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            context = _context(args, kwargs)
            with _reachable():
                try:
                    await context.require(access)
                    return await resolver(*args, **kwargs)
                except Forbidden as refused:
                    context.note_refused_query(name, refused)
                    raise
                except EXPECTED as error:
                    raise BadUserInput(user_error(error, context.locale).message) from error

        return strawberry.field(resolver=checked, **options)

    return wrap


def mutation(
    access: Access, *, step_up: bool = False, **options: Any
) -> Callable[[Callable[P, Awaitable[R]]], Any]:
    """A root field of Mutation: its expected failures become `errors`, on record, with nothing changed.

    With `step_up` the caller's second factor must have been shown within the last ten minutes.
    """

    def wrap(resolver: Callable[P, Awaitable[R]]) -> Any:
        name = camel(resolver.__name__)
        declare(f"Mutation.{name}", access, step_up=step_up)
        payload: Any = resolver.__annotations__["return"]

        @wraps(resolver)
        async def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            context = _context(args, kwargs)
            with _reachable():
                try:
                    await context.require(access, refused=name)
                    if step_up:
                        context.require_fresh_factor()
                    return await resolver(*args, **kwargs)
                except EXPECTED as error:
                    told = user_error(error, context.locale)
                    await context.record_refusal(name, told.code.value)
                    refused: R = payload(errors=[told])
                    return refused

        return strawberry.mutation(resolver=checked, **options)

    return wrap


@contextmanager
def _reachable() -> Iterator[None]:
    """A database that is away, locked or moved makes this tenant wait, and nobody else."""
    try:
        yield
    except (DatabaseUnavailable, StaleEpoch, WrongDatabase) as error:
        raise ServiceUnavailable(RETRY_SECONDS) from error


def _context(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    for value in (*args, *kwargs.values()):
        if isinstance(value, Info):
            return value.context
    raise TypeError("a root field takes `info`")


def camel(name: str) -> str:
    """The schema's name of a Python name."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
