"""Wrong policy files are refused with a message that somebody who is no programmer can act on."""

from __future__ import annotations

import pytest

from sla.errors import PolicyFileWrong
from sla.policy_file import check_policy, read_policy
from sla.policy_lines import PolicyLines
from tests.sla.agreements import committed
from tests.sla.mistakes import MISTAKES, QIXIUM
from tests.sla.test_policy_files import source


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_wrong_file_names_line_and_place_and_says_what_to_write(kind: str) -> None:
    wrong = MISTAKES[kind]
    text = source(wrong.file)
    assert wrong.old in text
    changed = text.replace(wrong.old, wrong.new, 1)
    with pytest.raises(PolicyFileWrong) as refusal:
        read_policy("acme.toml", changed.encode())
    found = refusal.value
    assert found.place == wrong.place
    assert wrong.says in found.problem
    assert found.line is not None
    assert wrong.line in changed.splitlines()[found.line - 1]
    assert str(found) == f"acme.toml, line {found.line}: {found.place}: {found.problem}"


def test_all_mistakes_of_sense_are_told_at_once() -> None:
    text = (
        source(QIXIUM)
        .replace("rank = 2", "rank = 1")
        .replace('RESOLUTION = ["WAITING_FOR_CUSTOMER", "WAITING_FOR_DEVELOPMENT"]', 'RESOLUTION = ["NEW"]')
    )
    policy, found = check_policy("acme.toml", text.encode())
    assert policy is not None
    assert [wrong.place for wrong in found] == ["priorities.HIGH.rank", "statuses.pauses.RESOLUTION"]


def test_what_is_no_text_at_all_is_told_as_a_mistake_of_form() -> None:
    policy, found = check_policy("acme.toml", b"\xff\xfe")
    assert policy is None
    assert [wrong.place for wrong in found] == ["TOML"]


@pytest.mark.parametrize("file", committed())
def test_every_key_of_a_file_is_found_on_its_line(file: str) -> None:
    text = source(file)
    lines = text.splitlines()
    for place in ("key", "precedence.layers", "statuses.transitions.NEW", "targets[2].response", "clauses"):
        number = PolicyLines(text).of(place)
        assert number is not None
        assert place.split(".")[-1].split("[")[0] in lines[number - 1]
    assert PolicyLines(text).of("nowhere.at.all") is None
