"""Everything in one customer's name, in a process that tells what it opened: `python -m tests.isolation.watched`.

Reads a `Watched` as JSON, prints a `Told` as JSON.
"""

import asyncio
import json
import os
import sys
import sysconfig
import zoneinfo
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from api.portal import open_portal
from api.settings import read_settings
from tests.factories.portal import Customer, House, Person
from tests.isolation.asking import Asking
from tests.isolation.questions import Foreign
from tests.isolation.worlds import calling

ROOT = Path(__file__).resolve().parents[2]
FILE_EVENTS = (
    "open", "sqlite3.connect", "socket.connect", "shutil.", "os.listdir", "os.scandir", "os.remove", "os.rename",
    "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "subprocess.Popen", "os.exec",
)  # fmt: skip
DESCRIPTORS = Path("/proc/self/fd")
DEVICES = ("/dev/null", "/dev/pts/", "/dev/tty", "/dev/urandom", "/proc/")
"""No data; below /dev there may be a folder in memory with databases."""

PROGRAM = (
    str(ROOT),
    sys.prefix,
    sys.base_prefix,
    sysconfig.get_path("stdlib"),
    *zoneinfo.TZPATH,
    "/dev/urandom",
    str(DESCRIPTORS),
)


@dataclass(frozen=True, slots=True)
class Watched:
    """Which portal, who asks, or whom the process visits instead, to see that the watch notices it."""

    data: str
    urls: dict[str, str]
    catalog: str
    slug: str
    owner: dict[str, str]
    operator: dict[str, str]
    ids: dict[str, str]
    number: str
    foreign: dict[str, Any]
    visit: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """`paths` are files that the process opened, but for its program; `descriptors` those it had open in between."""

    answers: int
    events: int
    paths: list[str]
    descriptors: list[str]


class Watch:
    """Records what Python opens, and looks at the descriptors for what SQLite's library opens by itself."""

    def __init__(self) -> None:
        self.events = 0
        self.paths: set[str] = set()
        self.descriptors: set[str] = set()

    def hook(self, event: str, given: tuple[Any, ...]) -> None:
        if event.startswith(FILE_EVENTS):
            self.events += 1
            self.paths.add(_path(given[1] if event == "socket.connect" else given[0]))

    def look(self) -> None:
        for descriptor in DESCRIPTORS.iterdir():
            try:
                target = str(descriptor.readlink())
            except FileNotFoundError:  # the one that lists them
                continue
            if target.startswith("/") and not target.startswith(DEVICES):
                self.descriptors.add(target)


def _path(given: object) -> str:
    text = os.fsdecode(given) if isinstance(given, (str, bytes, os.PathLike)) else str(given)
    return text.removeprefix("file:").partition("?")[0]


def looking(watch: Watch, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def looked(*given: Any, **named: Any) -> Any:
        answer = await call(*given, **named)
        watch.look()
        return answer

    return looked


def _person(given: dict[str, str]) -> Person:
    keys = {name: UUID(given[name]) for name in ("id", "contact_id") if given.get(name)}
    return Person(given["email"], given["secret"], given.get("tenant"), **keys)


async def run(watched: Watched, watch: Watch) -> Told:
    settings = read_settings(
        {},
        data=Path(watched.data),
        database_urls=watched.urls,
        catalog_database=watched.catalog,
        password_rounds=1000,
        worker=False,
    )
    portal, now = open_portal(settings), datetime.now(UTC)
    async with calling(portal) as house:
        house.http.post = looking(watch, house.http.post)  # type: ignore[method-assign,assignment]
        customer = await _customer(house, watched.slug, now)
        customer.owner = _person(watched.owner)
        foreign = Foreign(**watched.foreign)
        asking = Asking(customer, _person(watched.operator), watched.ids, watched.number, foreign)
        if watched.visit:
            async with (await _customer(house, watched.visit, now)).scope.write():
                watch.look()
        else:
            await asking.everything()
            watch.look()
    await portal.close()
    paths = sorted(path for path in watch.paths if path.startswith("/") and not path.startswith(PROGRAM))
    return Told(len(asking.answers), watch.events, paths, sorted(watch.descriptors))


async def _customer(house: House, slug: str, now: datetime) -> Customer:
    return Customer(house, await house.portal.tenants.by_slug(slug, now))


def main() -> None:
    watch = Watch()
    sys.addaudithook(watch.hook)
    told = asyncio.run(run(Watched(**json.loads(sys.stdin.read())), watch))
    sys.stdout.write(json.dumps(asdict(told)))


if __name__ == "__main__":
    main()
