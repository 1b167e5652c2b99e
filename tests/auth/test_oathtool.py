"""Our codes are those of OATH Toolkit, an implementation of RFC 6238 that is not ours."""

import random
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from auth.totp import code_at, new_secret, step_at

PROGRAM = shutil.which("oathtool")
SECRETS = 25
STEPS = 20


def test_our_codes_are_those_of_oathtool_for_many_secrets_and_moments(
    capsys: pytest.CaptureFixture[str],
) -> None:
    if PROGRAM is None:
        with capsys.disabled():
            sys.stdout.write(
                "\noathtool is not installed: nothing is compared (on Debian: apt-get install oathtool)\n"
            )
        return
    chance = random.Random(6238)
    compared = 0
    for _ in range(SECRETS):
        secret = new_secret()
        # from 1970 to beyond 2038, where 32 bits of seconds end
        moment = datetime.fromtimestamp(chance.randrange(4_000_000_000), UTC)
        theirs = oathtool(secret, moment)
        start = step_at(moment) * 30
        ours = [code_at(secret, datetime.fromtimestamp(start + 30 * step, UTC)) for step in range(STEPS)]
        assert ours == theirs
        compared += len(theirs)
    assert compared == SECRETS * STEPS


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("1970-01-01T00:00:59+00:00", "287082"),
        ("2026-03-10T09:00:00+00:00", "707059"),
        ("2096-10-02T07:06:39+00:00", "111332"),
    ],
)
def test_codes_that_oathtool_gave_once_are_ours(moment: str, code: str) -> None:
    assert code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", datetime.fromisoformat(moment)) == code


def oathtool(secret: str, moment: datetime) -> list[str]:
    """Codes of so many steps on end."""
    assert PROGRAM
    at = moment.strftime("%Y-%m-%d %H:%M:%S UTC")
    form = ["--totp=SHA1", "--digits=6", "--time-step-size=30s", f"--now={at}", f"--window={STEPS - 1}"]
    command = [PROGRAM, *form, "--base32", "-"]
    done = subprocess.run(command, input=secret, capture_output=True, text=True, check=True)  # noqa: S603  # found above
    return done.stdout.split()
