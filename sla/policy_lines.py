"""On which line of a policy file a place is, so that whoever wrote it finds it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator


def line_of(text: str, place: str) -> int | None:
    """The line of `targets[3].response` or `clauses.QX-001.en`: of the key, else of what it would stand in.

    None where nothing of the place is in the file. Lines are counted from 1.
    """
    lines: dict[str, int] = {}
    for key, number in _keys(text):
        lines.setdefault(key, number)
        for parent in _parents(key):
            lines.setdefault(parent, number)
    for parent in _parents(place):
        if parent in lines:
            return lines[parent]
    return None


def _parents(key: str) -> Iterator[str]:
    """`releases.rings[2].key` stands in `releases.rings[2]`, in `releases.rings` and in `releases`."""
    steps = key.split(".")
    for length in range(len(steps), 0, -1):
        parent = ".".join(steps[:length])
        yield parent
        yield parent.rpartition("[")[0] or parent


def _keys(text: str) -> Iterator[tuple[str, int]]:
    """Every table and key of the file with its line; the rows of `[[targets]]` are numbered from 1."""
    table, counts = "", dict[str, int]()
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            table = _table(stripped, counts)
            yield table, number
        elif "=" in stripped and not stripped.startswith(("#", '"')):
            key = stripped.partition("=")[0].strip().strip('"')
            yield (f"{table}.{key}" if table else key), number


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
