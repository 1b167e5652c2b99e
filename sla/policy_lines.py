"""On which line of a policy file a place is, so that whoever wrote it finds it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

_KEY = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_ASSIGNED = re.compile(rf"({_KEY}(?:\s*\.\s*{_KEY})*)\s*=")
_STEP = re.compile(_KEY)
LONG_QUOTES = ('"""', "'''")


class PolicyLines:
    """The lines of every table and key of a file. `unclosed` is where a text begins that never ends."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: dict[str, int] = {}
        self.unclosed: int | None = None
        for key, number in self._keys():
            for parent in _parents(key):
                self._lines.setdefault(parent, number)

    def of(self, place: str) -> int | None:
        """The line of `targets[3].response` or `clauses.QX-001.en`: of the key, else of what it would stand in.

        None where nothing of the place is in the file. Lines are counted from 1.
        """
        return next((self._lines[parent] for parent in _parents(place) if parent in self._lines), None)

    def _keys(self) -> Iterator[tuple[str, int]]:
        """Every table and key of the file with its line; the rows of `[[targets]]` are numbered from 1."""
        table, counts, quotes = "", dict[str, int](), ""
        for number, line in enumerate(self._text.split("\n"), start=1):
            stripped = line.strip()
            if quotes:
                if quotes in line:
                    quotes, self.unclosed = "", None
            elif stripped.startswith("["):
                table = _table(stripped, counts)
                yield table, number
            elif assigned := _ASSIGNED.match(stripped):
                key = ".".join(step.strip("\"'") for step in _STEP.findall(assigned[1]))
                yield (f"{table}.{key}" if table else key), number
                quotes = next((each for each in LONG_QUOTES if line.count(each) % 2), "")
                self.unclosed = number if quotes else None


def _parents(key: str) -> Iterator[str]:
    """`releases.rings[2].key` stands in `releases.rings[2]`, in `releases.rings` and in `releases`."""
    steps = key.split(".")
    for length in range(len(steps), 0, -1):
        parent = ".".join(steps[:length])
        yield parent
        yield parent.rpartition("[")[0] or parent


def _table(header: str, counts: dict[str, int]) -> str:
    """The place of a header: that of `[[releases.rings]]` is `releases.rings[2]` the second time."""
    try:
        tree = tomllib.loads(header)
    except tomllib.TOMLDecodeError:
        return header
    path = []
    value: object = tree
    while isinstance(value, dict | list) and value:
        value = value[0] if isinstance(value, list) else value
        if isinstance(value, dict) and value:
            name = next(iter(value))
            path.append(name)
            value = value[name]
        else:
            break
    place = ".".join(path)
    if header.startswith("[["):
        counts[place] = counts.get(place, 0) + 1
        return f"{place}[{counts[place]}]"
    return place
