"""The project's files, as the checks of the architecture see them."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("api", "auth", "cli", "sla", "tenants")


def kept_files(root: Path) -> list[Path]:
    """Every file that git keeps or would keep, relative to `root`: tracked or new, never ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607  # the developer's git
        cwd=root,
        check=True,
        capture_output=True,
    )
    paths = {Path(name) for name in listed.stdout.decode().split("\0") if name}
    return sorted(path for path in paths if (root / path).is_file())


def read_python(root: Path, *folders: str) -> dict[str, str]:
    """Path -> text of the Python files below the folders; of all of them when none is named."""
    return {
        path.as_posix(): (root / path).read_text(encoding="utf-8")
        for path in kept_files(root)
        if path.suffix == ".py" and (not folders or path.parts[0] in folders)
    }


def module_name(path: str) -> str:
    """`api/context.py` is `api.context`, `sla/__init__.py` is `sla`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
