"""Time-based one-time codes (RFC 6238): SHA-1, six digits, steps of 30 seconds."""

from __future__ import annotations

import io
from hmac import compare_digest
from typing import TYPE_CHECKING

import pyotp
import segno

if TYPE_CHECKING:
    from datetime import datetime

STEP_SECONDS = 30
DIGITS = 6
DRIFT_STEPS = 1
"""A code is taken from 30 seconds before its own 30 until 30 after: clocks differ (RFC 6238, 5.2)."""
_LONGEST_NAME = 100
_LONGEST_ISSUER = 40


def new_secret() -> str:
    """160 random bits in base32 (RFC 4226, requirement 6)."""
    return pyotp.random_base32(32)


def code_at(secret: str, now: datetime) -> str:
    """The code that an authenticator shows at `now`."""
    return pyotp.TOTP(secret).generate_otp(step_at(now))


def step_at(now: datetime) -> int:
    """How many steps of 30 seconds have passed since 1970."""
    return int(now.timestamp()) // STEP_SECONDS


def accept(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """The step that the code belongs to, at most one before or after `now`; None if it fits none of them.

    A step that is not after `last_step` is never given, since a code works once (RFC 6238, 5.2). The caller
    must move `last_step` by compare-and-set before it relies on the answer.
    """
    digits = "".join(code.split())
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    generator = pyotp.TOTP(secret)
    current = step_at(now)
    window = range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1)
    fitting = [step for step in window if compare_digest(generator.generate_otp(step), digits)]
    return next((step for step in fitting if step > last_step), None)


def provisioning_uri(secret: str, email: str, issuer: str) -> str:
    """The `otpauth://` address that authenticators read.

    Long names are cut: in letters of nine bytes each (percent-encoded) they must still fit into a QR code.
    """
    return pyotp.TOTP(secret).provisioning_uri(
        name=email[:_LONGEST_NAME], issuer_name=issuer[:_LONGEST_ISSUER]
    )


def qr_code_svg(uri: str) -> str:
    """The address as a QR code: one SVG element with a quiet zone of four modules."""
    image = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(
        image, kind="svg", xmldecl=False, scale=4, light="#fff", nl=False
    )
    return image.getvalue().decode("utf-8")
