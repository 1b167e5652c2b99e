"""Import modules and print what that did besides defining names, one effect a line.

Run as `python import_probe.py FOLDER MODULE...`, in an interpreter of its own: an audit hook stays for ever.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine

EFFECTS = frozenset(
    {
        "os.mkdir",
        "os.posix_spawn",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.system",
        "os.truncate",
        "shutil.copyfile",
    }
    | {
        "shutil.rmtree",
        "socket.bind",
        "socket.connect",
        "socket.getaddrinfo",
        "sqlite3.connect",
        "subprocess.Popen",
    }
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def effect(event: str, args: tuple[Any, ...], folder: Path) -> str | None:
    """Name what an audit event did: a write anywhere, or a read of the project's own data in `folder`."""
    if event in EFFECTS:
        return f"{event} {args[0]}"
    if event != "open" or not isinstance(args[0], str | bytes):
        return None
    path = Path(os.fsdecode(args[0])).absolute()
    if args[2] & WRITING and path != Path(os.devnull):
        return f"writes {path}"
    own = path.is_relative_to(folder) and not path.is_relative_to(sys.prefix)
    return f"reads {path}" if own and path.suffix not in {".py", ".pyc"} else None


def left_behind() -> list[str]:
    """Engines and threads that live after the imports."""
    engines = [
        f"engine {thing!r}" for thing in gc.get_objects() if issubclass(type(thing), Engine | AsyncEngine)
    ]
    threads = [f"thread {thread.name}" for thread in threading.enumerate()]
    return engines + threads[1:]


def main(folder: Path, modules: list[str]) -> None:
    found: list[str] = []
    current = ""

    def listen(event: str, args: tuple[Any, ...]) -> None:
        what = effect(event, args, folder)
        if what is not None:
            found.append(f"{current}: {what}")

    sys.dont_write_bytecode = True
    sys.path.insert(0, str(folder))
    sys.addaudithook(listen)
    for current in modules:  # the hook tells which module it was
        importlib.import_module(current)
    sys.stdout.writelines(f"{line}\n" for line in [*found, *left_behind()])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
