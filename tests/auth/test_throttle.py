from datetime import UTC, datetime, timedelta

from auth.rules import SignInRules
from auth.throttle import ThrottleCount, account_key, address_key, factor_key, next_count
from tests.auth.people import ANNA

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
RULES = SignInRules(tries=3, first_delay=timedelta(seconds=30), window=timedelta(minutes=15))
KEY = account_key("anna@example.org", RULES)


def after(tries: int) -> ThrottleCount:
    count = None
    for _ in range(tries):
        count = next_count(KEY, count, count.blocked_until if count else NOW)
    assert count is not None
    return count


def test_as_many_tries_as_the_setting_says_cost_no_wait() -> None:
    assert after(2).blocked_until == NOW
    assert after(3).tries == 3


def test_the_wait_doubles_with_each_further_try_and_ends_at_the_window() -> None:
    waits = []
    count = after(3)
    waits.append(count.blocked_until - NOW)
    for _ in range(7):
        moment = count.blocked_until
        following = next_count(KEY, count, moment)
        assert following is not None
        count = following
        waits.append(count.blocked_until - moment)
    assert [wait.total_seconds() for wait in waits] == [30, 60, 120, 240, 480, 900, 900, 900]


def test_a_try_during_the_wait_is_refused_and_does_not_make_it_longer() -> None:
    count = after(3)
    assert next_count(KEY, count, count.blocked_until - timedelta(microseconds=1)) is None
    assert next_count(KEY, count, count.blocked_until) is not None


def test_after_a_quiet_window_the_count_starts_again() -> None:
    count = after(5)
    again = next_count(KEY, count, count.blocked_until + RULES.window)
    assert again is not None
    assert (again.tries, again.blocked_until) == (1, count.blocked_until + RULES.window)


def test_a_few_tries_are_forgotten_when_their_window_is_over() -> None:
    again = next_count(KEY, after(2), NOW + RULES.window)
    assert again is not None
    assert again.tries == 1


def test_an_address_may_try_more_often_than_an_account() -> None:
    assert address_key("192.0.2.1", RULES).tries == 30
    assert KEY.tries == 3


def test_accounts_factors_and_addresses_are_counted_apart_and_known_by_a_hash() -> None:
    keys = {KEY.key, address_key("anna@example.org", RULES).key, factor_key(ANNA, RULES).key}
    assert len(keys) == 3
    assert all(len(key) == 64 and "anna" not in key for key in keys)
