"""Every setting stands in docs/operations.md, with its default, and nothing stands there that is no setting."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from api.limit_settings import LimitSettings, budget_of, limits_of, workers_of
from api.limits import HttpLimits
from api.settings import Settings, read_settings
from auth.rules import ACCOUNT_RULES, OPERATOR_RULES

MANUAL = Path(__file__).parents[2] / "docs" / "operations.md"
READ_ELSEWHERE = {"data", "database_urls", "admin_urls"}
ROW = re.compile(r"^\| `SLAPORTAL_([A-Z0-9_]+)` \| ([^|]*) \|", re.MULTILINE)


def rows() -> dict[str, str]:
    """Defaults as the manual has them, by field."""
    return {name.lower(): default.strip(" `") for name, default in ROW.findall(MANUAL.read_text("utf-8"))}


def test_every_setting_is_in_the_manual_and_nothing_else_is() -> None:
    assert set(rows()) == set(Settings.model_fields) - READ_ELSEWHERE


def test_the_manual_tells_the_defaults_of_the_limits() -> None:
    told = rows()
    for name, field in LimitSettings.model_fields.items():
        assert told[name] == ("cores less one" if field.default is None else str(field.default))


def test_every_limit_has_a_range() -> None:
    for name, field in LimitSettings.model_fields.items():
        with pytest.raises(ValidationError):
            read_settings({}, **{name: -1})
        with pytest.raises(ValidationError):
            read_settings({}, **{name: 10**12})
        assert len(field.metadata) == 2


def test_without_settings_the_rules_are_those_of_the_code() -> None:
    settings = read_settings({})
    assert settings.sign_in_rules(console=False) == ACCOUNT_RULES
    assert settings.sign_in_rules(console=True) == OPERATOR_RULES
    assert limits_of(settings) == HttpLimits()


def test_each_setting_of_a_limit_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    given = dict.fromkeys(LimitSettings.model_fields, 101) | {
        "password_rounds": 1_001,
        "challenge_minutes": 11,
        "challenge_tries": 12,
        "step_up_minutes": 13,
        "sign_in_account_factor": 14,
        "request_bytes": 1_024,
        "query_characters": 1_001,
        "query_depth": 16,
        "mutations_per_request": 17,
    }
    for name, value in given.items():
        monkeypatch.setenv(f"SLAPORTAL_{name.upper()}", str(value))
    settings = read_settings({})
    rules = settings.sign_in_rules(console=False)
    assert (rules.tries, rules.account_factor, rules.address_factor, rules.tenant_factor) == (
        101,
        14,
        101,
        101,
    )
    assert (rules.window, rules.first_delay) == (timedelta(minutes=101), timedelta(seconds=101))
    assert (rules.familiar, rules.challenge) == (timedelta(days=101), timedelta(minutes=11))
    assert (rules.challenge_tries, rules.fresh) == (12, timedelta(minutes=13))
    assert (rules.mailed_link, rules.mails) == (timedelta(minutes=101), 101)
    assert (rules.mails_of_address, rules.mails_of_tenant) == (101, 101)
    limits = limits_of(settings)
    assert (limits.body_bytes, limits.query_characters, limits.depth) == (1_024, 1_001, 16)
    assert limits.root_mutations == 17
    others = ("tokens", "comments", "aliases", "duplicates", "directives", "fragments", "cost")
    assert {getattr(limits, name) for name in (*others, "validation_errors")} == {101}
    budget = budget_of(settings)
    assert (budget.people.limit, budget.addresses.limit) == (101, 101)
    assert (workers_of(settings), settings.hasher_queue) == (101, 101)
