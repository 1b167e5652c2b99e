"""A folder that is there as a whole or not at all."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from tenants.databases.provisioning import sync_folder
from tenants.leaving.errors import ExportNotWritten, FolderTaken


@dataclass(slots=True)
class NewFile:
    """A file that is being written: its hash, and how many rows it holds, None for one that has no rows."""

    descriptor: int
    rows: int | None
    digest: Any = field(default_factory=sha256)

    def write(self, content: bytes, rows: int = 0) -> None:
        """Raises `ExportNotWritten`."""
        self.digest.update(content)
        left = memoryview(content)
        with _told():
            while left:
                left = left[os.write(self.descriptor, left) :]
        if self.rows is not None:
            self.rows += rows


@dataclass(slots=True)
class NewFolder:
    """The folder in the making, and where it goes. Names are the portal's own, never a customer's."""

    path: Path
    target: Path
    files: dict[str, NewFile] = field(default_factory=dict)

    @contextmanager
    def new_file(self, name: str, rows: int | None = None) -> Iterator[NewFile]:
        """A file for its owner only, on the disk at the end of the block. Raises `ExportNotWritten`."""
        path = self.path / name
        with _told():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            made = self.files[name] = NewFile(descriptor, rows)
            yield made
            with _told():
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def write(self, name: str, content: bytes) -> str:
        """A whole file; gives its SHA-256."""
        with self.new_file(name) as file:
            file.write(content)
        return str(file.digest.hexdigest())


def expect_free(target: Path) -> None:
    """Raises `FolderTaken` unless a folder can be put there: nothing, or an empty one."""
    with _told():
        if target.exists() and not (target.is_dir() and not any(target.iterdir())):
            raise FolderTaken(str(target.resolve()))


@contextmanager
def whole_folder(target: Path) -> Iterator[NewFolder]:
    """Filled beside its place and renamed at the end; an exception removes it, a kill leaves `.part-` only.

    Raises `FolderTaken` and `ExportNotWritten`.
    """
    expect_free(target)
    target = target.resolve()
    part = target.with_name(f"{target.name}.part-{secrets.token_hex(4)}")
    with _told():
        part.mkdir(mode=0o700)
    try:
        yield NewFolder(part, target)
        with _told():
            for folder in (*(each for each in part.iterdir() if each.is_dir()), part):
                sync_folder(folder)
            part.rename(target)  # refuses a folder that has been filled meanwhile
            sync_folder(target.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExportNotWritten(error.strerror or str(error)) from error
