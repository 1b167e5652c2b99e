from datetime import UTC, datetime, timedelta

import pytest

from auth.rules import SignInRules
from auth.throttle import (
    ThrottleCount,
    factor_key,
    familiar_key,
    mail_keys,
    mail_of_tenant_key,
    network_of,
    next_count,
    sign_in_attempt,
    taken_back,
)
from tests.auth.people import ANNA

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
RULES = SignInRules(tries=3, first_delay=timedelta(seconds=30), window=timedelta(minutes=15))
ADDRESS = "192.0.2.1"
ATTEMPT = sign_in_attempt("anna@example.org", ADDRESS, RULES)
KEY = ATTEMPT.place


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


def test_an_account_an_address_and_a_tenant_may_be_tried_more_often_than_one_place() -> None:
    tenant, address = ATTEMPT.wide
    assert [KEY.tries, ATTEMPT.account.tries, address.tries, tenant.tries] == [3, 9, 30, 300]


def test_everything_is_counted_apart_and_known_by_a_hash() -> None:
    nowhere = sign_in_attempt("anna@example.org", ADDRESS, RULES, nowhere=True)
    counts = [factor_key(ANNA, RULES), *mail_keys("anna@example.org", ADDRESS, RULES)]
    counts.append(mail_of_tenant_key(RULES))
    for attempt in (ATTEMPT, nowhere):
        counts += [attempt.place, attempt.account, *attempt.wide]
    keys = {*(count.key for count in counts), familiar_key("anna@example.org", ADDRESS)}
    assert len(keys) == 13
    assert all(len(key) == 64 and "anna" not in key for key in keys)


def test_counts_are_locked_in_one_order_the_widest_first() -> None:
    assert sorted([KEY, ATTEMPT.account, *ATTEMPT.wide], key=lambda key: key.order) == [
        *ATTEMPT.wide,
        ATTEMPT.account,
        KEY,
    ]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1:2:3:4", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::9", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_address_counts_as_the_network_that_one_party_commands(address: str, network: str) -> None:
    assert network_of(address) == network


def test_of_ipv6_a_site_counts_as_one_address_and_each_of_its_networks_as_a_place() -> None:
    """A provider's customer has 65,536 networks, or 256, to come from."""
    first, second = (
        sign_in_attempt("anna@example.org", f"2001:db8:0:{network}::1", RULES) for network in ("a", "b")
    )
    assert first.place.key != second.place.key
    assert first.wide == second.wide
    other = sign_in_attempt("anna@example.org", "2001:db8:1:a::1", RULES)
    assert other.wide[0] == first.wide[0]  # the tenant's
    assert other.wide[1].key != first.wide[1].key


def test_a_try_that_is_taken_back_takes_its_wait_along() -> None:
    assert taken_back(KEY, after(3)) == ThrottleCount(2, NOW, NOW)
    count = after(5)
    assert taken_back(KEY, count) == ThrottleCount(4, NOW, count.blocked_until)
    assert taken_back(KEY, ThrottleCount(0, NOW, NOW)) == ThrottleCount(0, NOW, NOW)
