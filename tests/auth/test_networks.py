"""Which addresses lie in a list of networks."""

import pytest

from auth.networks import networks_of, within

LISTED = networks_of("192.0.2.0/24, 198.51.100.7,2001:db8::/32")


@pytest.mark.clause("QX-120")
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.0", True),
        ("192.0.2.255", True),
        ("192.0.3.0", False),
        ("198.51.100.7", True),
        ("198.51.100.8", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("::ffff:192.0.2.9", True),
        ("::ffff:192.0.3.9", False),
        ("", False),
        ("localhost", False),
        ("192.0.2.9%eth0", False),
    ],
)
def test_an_address_lies_in_a_network_or_not(address: str, expected: bool) -> None:
    assert within(address, LISTED) is expected


@pytest.mark.parametrize("address", ["203.0.113.1", "2001:db8::1", ""])
def test_without_a_list_everywhere_is_in(address: str) -> None:
    assert within(address, networks_of(" , "))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10.0.0.1/8", "Write 10.0.0.0/8 if the whole network is meant"),
        ("192.0.2.0/24, office", "'office' is no network"),
        ("192.0.2.0/33", "Write networks as 192.0.2.0/24"),
        ("192.0.2.0/24;2001:db8::/32", "with commas between them"),
    ],
)
def test_what_is_no_network_is_told_with_what_was_meant(text: str, told: str) -> None:
    with pytest.raises(ValueError, match="is no network") as wrong:
        networks_of(text)
    assert told in str(wrong.value)
