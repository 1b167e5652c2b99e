"""Good lines for each calculator, and how a test asks with one field changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.cli.conftest import Slaportal

Line = dict[str, Any]
Ask = Callable[..., Line]

OFFICE = {
    "timezone": "Europe/Amsterdam",
    "hours": {"mon-fri": [["09:00", "17:00"]]},
    "holidays": ["2026-04-06"],
}
TIME: Line = {"id": 1, "calendar": OFFICE, "op": "add", "start": "2026-04-03 16:00", "duration_minutes": 120}
DUE: Line = {
    "id": 1,
    "policy": "qixium",
    "tier": "SUPPORT",
    "type": "INCIDENT",
    "priority": "HIGH",
    "registered_at": "2026-04-03 16:00",
}
QUOTE: Line = {"id": 1, "policy": "qixium", "tier": "QAAS", "work": "STANDARD", "hours": 4.5}
UPTIME: Line = {"id": 1, "policy": "oxygis", "month": "2026-06", "outages": []}
TERM: Line = {"id": 1, "policy": "s4m-support", "tier": "DEFAULT", "term": "CONSULTANT_BOOKING"}
TERM |= {"requested_on": "2026-12-15"}
GOOD = {"time": TIME, "due": DUE, "quote": QUOTE, "uptime": UPTIME, "term": TERM}

OUT = object()
"""In place of a value: the field is left out of the line."""


def asking(slaportal: Slaportal) -> Ask:
    """The answer to one line, with fields of a good line replaced."""

    def call(command: str, **changes: Any) -> Line:
        line = {name: value for name, value in (GOOD[command] | changes).items() if value is not OUT}
        told = slaportal("sla", command, stdin=json.dumps(line))
        assert told.exit_code == 0, told.output
        answers = told.stdout.splitlines()
        assert len(answers) == 1
        answer: Line = json.loads(answers[0])
        return answer

    return call
