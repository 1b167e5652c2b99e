import pytest

from auth.emails import fold_email, is_email


def test_an_address_is_folded_to_lower_case_without_space_around_it() -> None:
    assert fold_email("  Anna.deVries@Example.ORG ") == "anna.devries@example.org"
    assert fold_email("Zoe\u0308@example.org") == "zo\u00eb@example.org"


@pytest.mark.parametrize("text", ["anna@example.org", "a+b@x.example.org", "zoë@bücher.example"])
def test_an_address_has_a_name_and_a_domain(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "anna",
        "@example.org",
        "anna@",
        "anna@localhost",
        "a@b@example.org",
        "anna@example..org",
        "anna de vries@example.org",
        "anna@example.org\r\nBcc: all@example.org",
        "anna\x00@example.org",
        "anna\ud800@example.org",
        "anna@ex\ud800mple.org",
        "Anna <anna@example.org>",
        f"{'x' * 65}@example.org",
        f"anna@{'x' * 63}.{'y' * 63}.{'z' * 63}.{'w' * 63}.org",
    ],
)
def test_anything_else_is_no_address(text: str) -> None:
    assert not is_email(text)
