import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest

from auth.totp import accept, code_at, new_secret, provisioning_uri, qr_code_svg, step_at

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 3, 10, 9, 0, 15, tzinfo=UTC)

# RFC 6238, appendix B: SHA-1, the last six of its eight digits.
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert code_at(SECRET, moment) == code
    assert accept(SECRET, code, moment, 0) == seconds // 30


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_a_code_of_the_step_before_or_after_is_accepted(seconds: int) -> None:
    shown = NOW + timedelta(seconds=seconds)
    assert accept(SECRET, code_at(SECRET, shown), NOW, 0) == step_at(shown)


@pytest.mark.parametrize("seconds", [-90, -60, 60, 90])
def test_a_code_two_steps_off_is_refused(seconds: int) -> None:
    assert accept(SECRET, code_at(SECRET, NOW + timedelta(seconds=seconds)), NOW, 0) is None


def test_a_step_that_was_used_is_never_given_again() -> None:
    code = code_at(SECRET, NOW)
    step = step_at(NOW)
    assert accept(SECRET, code, NOW, step - 1) == step
    assert accept(SECRET, code, NOW, step) is None
    assert accept(SECRET, code, NOW, step + 1) is None


def test_spaces_in_a_code_do_not_matter() -> None:
    code = code_at(SECRET, NOW)
    assert accept(SECRET, f" {code[:3]}\u00a0{code[3:]} ", NOW, 0) == step_at(NOW)


def test_digits_of_other_scripts_and_anything_else_are_refused() -> None:
    code = code_at(SECRET, NOW)
    arabic = "".join(chr(ord("\u0660") + int(digit)) for digit in code)
    for wrong in ("", arabic, code[:5], code + "0", "+" + code[:5], code[:5] + "²", "x" * 100_000):
        assert accept(SECRET, wrong, NOW, 0) is None


def test_a_secret_has_160_bits_and_is_new_each_time() -> None:
    assert len(base64.b32decode(new_secret())) == 20
    assert new_secret() != new_secret()


def test_the_address_names_issuer_person_and_secret() -> None:
    parts = urlsplit(provisioning_uri(SECRET, "anna@example.org", "SLA portal: Qixium"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path).endswith("anna@example.org")
    query = parse_qs(parts.query)
    assert query["secret"] == [SECRET]
    assert query["issuer"] == ["SLA portal: Qixium"]


def test_the_qr_code_is_one_svg_picture_without_scripts() -> None:
    svg = qr_code_svg(provisioning_uri(SECRET, "anna@example.org", "SLA portal"))
    picture = ET.fromstring(svg)  # noqa: S314  we made it ourselves a line ago
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert {part.tag.rpartition("}")[2] for part in picture.iter()} == {"svg", "g", "path"}


def test_a_name_of_any_length_fits_into_the_qr_code() -> None:
    for letter in ("x", "\u03a9", "\u6f22", "\U0001f600"):
        email = f"{letter * 200}@example.org"
        assert qr_code_svg(provisioning_uri(SECRET, email, letter * 200))
