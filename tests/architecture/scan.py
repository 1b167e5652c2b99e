"""What no kept file may say. Letters stand in brackets so that these patterns do not find themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from tests.architecture.tree import kept_files

# Files that others wrote and we only serve; the rules about our own words do not hold for them.
VENDORED = (".min.css", ".min.js")

EVERYWHERE = {
    "a package registry": re.compile(
        r"\b(?:py[p]i\.org|pythonhoste[d]|npm[j]s)"
        r"|https?://[\w.-]*(?:py[p]i|registr[y])[\w.-]*"
        r"|\bregistr[y]\.(?:[a-z0-9-]+\.)+(?:com|dev|io|net|org)\b",
        re.IGNORECASE,
    ),
    "a path of a machine": re.compile(
        r"(?<![\w.*$}])/(?:wor[k]|roo[t]|hom[e]/\w+|User[s]/\w+)/|\b[A-Z]:\\User[s]\\"
    ),
}
OUR_OWN = {
    "a content network": re.compile(r"\b(?:cdn[j]s|jsdeli[v]r|unpk[g]\.com)", re.IGNORECASE),
    "an unfinished thing": re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b"),
}
PYTHON = {
    "a test that does not run": re.compile(r"\b(?:mark|pytest|unittest)\.(?:ski[p]|xfai[l]|importorski[p])"),
    "a stub": re.compile(r"\bNotImplementedE[r]ror\b"),
}


def findings(path: str, text: str) -> list[str]:
    """`path:line what` for each line that says what it may not."""
    return [
        f"{path}:{number} {what}"
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in rules_for(path).items()
        if pattern.search(line)
    ]


def rules_for(path: str) -> Mapping[str, re.Pattern[str]]:
    if path.startswith("api/static/") and path.endswith(VENDORED):
        return EVERYWHERE
    return EVERYWHERE | OUR_OWN | (PYTHON if path.endswith(".py") else {})


def kept_texts(root: Path) -> dict[str, str]:
    """Path -> text of every kept file that is text."""
    raw = {path.as_posix(): (root / path).read_bytes() for path in kept_files(root)}
    return {path: data.decode("utf-8", "replace") for path, data in raw.items() if b"\0" not in data}
