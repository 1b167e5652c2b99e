"""What can go wrong when a rule is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sla.vocabulary import Locale, RefusalCode, Text, say

if TYPE_CHECKING:
    from sla.terms import Clause


class Refused(Exception):
    """The agreement says no.

    `code` is the name of an error code of the API, `texts` what the person is told, `clause` the place in
    the agreement (None when the input itself is wrong) and `path` the input field that it is about.
    """

    def __init__(
        self, code: RefusalCode, texts: Text, clause: Clause | None = None, path: tuple[str, ...] = ()
    ) -> None:
        super().__init__(say(texts, Locale.EN))
        self.code = code
        self.texts = texts
        self.clause = clause
        self.path = path

    def below(self, place: str) -> Refused:
        """The same of a row of the input."""
        return Refused(self.code, self.texts, self.clause, (place, *self.path))


class UnknownPolicy(KeyError):
    """No policy has this key, or not this version of it."""


class UnknownTier(KeyError):
    """The policy has no such tier, or has several and none was named."""


class PolicyNotYetValid(Exception):
    """The policy exists, but no version of it was valid on that day."""


class PolicyFileWrong(ValueError):
    """A policy file cannot be carried out: names file, line and place in it, and what to write instead."""

    def __init__(self, file: Path | str, place: str, problem: str, line: int | None = None) -> None:
        where = f"{file}, line {line}" if line else f"{file}"
        super().__init__(f"{where}: {place}: {problem}")
        self.file = file
        self.place = place
        self.problem = problem
        self.line = line


class CalendarNeverOpens(ValueError):
    """A calendar has no opening hour at all: nothing could ever become due."""


class DeadlineNeverComes(ArithmeticError):
    """A moment outside the years that calendars are laid out for (1800 to 2400)."""


class UnknownZone(ValueError):
    """There is no such IANA time zone."""


class WindowWrong(ValueError):
    """An opening window is not written as HH:MM-HH:MM."""


class TermMissing(LookupError):
    """The agreement has no such term: it says nothing of the matter."""

    def __init__(self, policy: str, term: str) -> None:
        super().__init__(f"{policy} has no {term}")
        self.term = term


class UnknownTerm(ValueError):
    """The policy has no figure of this key that could be agreed otherwise."""


class TermUnreadable(ValueError):
    """A figure that was agreed is not written as policy files write it."""

    def __init__(self, term: str, value: str, problem: str) -> None:
        super().__init__(f"{term}: {value!r} {problem}")


class OverrideWithoutReference(ValueError):
    """A deviation from the policy needs a written reference (QX-005)."""
