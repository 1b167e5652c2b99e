"""Commands on a disk that is full."""

import resource
import subprocess
import sys

from api.settings import Settings
from tests.factories.serving import ROOT, environment_of

CODE = "from cli.main import main; main()"


def refused_for_room(settings: Settings, room: int, *words: str) -> None:
    """Runs a command that may write no file larger than `room` bytes: that limit stands for the disk.

    It must be refused, in one line.
    """

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    done = subprocess.run(  # noqa: S603  # our own interpreter and code
        [sys.executable, "-c", CODE, *words],
        cwd=ROOT,
        env=environment_of(settings),
        preexec_fn=no_room,  # one thread
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert len(done.stderr.splitlines()) == 1, done.stderr
