"""The recovery drill of the operations page, carried out line by line as it stands there."""

import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```sh drill\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_drill_brings_a_destroyed_customer_back(demo_data: Path, tmp_path: Path) -> None:
    """In a folder that looks like a checkout whose demo was made already."""
    blocks = BLOCK.findall((ROOT / "docs" / "operations.md").read_text())
    assert len(blocks) == 4
    shutil.copytree(demo_data, tmp_path / "var")
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    for name in ("Makefile", "requirements.lock"):
        (tmp_path / name).symlink_to(ROOT / name)
    done = subprocess.run(  # noqa: S603  # our own document
        ["/bin/bash", "-euo", "pipefail", "-c", "".join(blocks)],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
    )
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    assert "found" in done.stdout.splitlines()
    assert re.search(r"zonnedael +not reachable", done.stdout)
    assert told.count("0 with something wrong") == 3, told
    assert told.count("zonnedael is served again") == 2
    assert "zonnedael is removed" in told
    assert re.search(r"status +ACTIVE", done.stdout)
