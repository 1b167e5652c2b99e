"""What the locked requirements and the declared dependencies must look like."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

_ENTRY = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==")
_DECLARED = re.compile(r'^\s*"([A-Za-z0-9][\w.-]*)[^"]*",?\s*(?:#\s*(\S.*))?$')


def entries(lock: str) -> Iterator[tuple[str, str]]:
    """(normalised name, whole entry) of a requirements file with continuation lines."""
    for entry in re.split(r"\n(?=\S)", lock.strip()):
        found = _ENTRY.match(entry)
        yield (normal(found[1]) if found else "", entry)


def lock_faults(lock: str) -> list[str]:
    """Entries that are not pinned, carry no SHA-256, or say where to download from."""
    faults = []
    for name, entry in entries(lock):
        head = entry.splitlines()[0]
        if "://" in entry or head.startswith("-") or " @ " in entry:
            faults.append(f"address: {head}")
        elif not name:
            faults.append(f"not pinned: {head}")
        elif not re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry):
            faults.append(f"no hash: {head}")
    return faults


def declared(pyproject: str) -> list[str]:
    """Normalised names of the direct dependencies, those of the extras included."""
    project = tomllib.loads(pyproject)["project"]
    extras = project.get("optional-dependencies", {}).values()
    wanted = [*project["dependencies"], *(line for extra in extras for line in extra)]
    return [normal(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in wanted]


def unexplained(pyproject: str) -> list[str]:
    """Direct dependencies without a comment on their line that says what they are for."""
    lines = (_DECLARED.match(line) for line in pyproject.splitlines())
    explained = {normal(found[1]) for found in lines if found and found[2]}
    return sorted(set(declared(pyproject)) - explained)


def normal(name: str) -> str:
    """Spell a distribution's name as PEP 503 does."""
    return re.sub(r"[-_.]+", "-", name).lower()
