"""Replacing keys while the portal runs: the file is rewritten whole or not at all, and every process takes it over.

A signing key is published before it signs, and stays until the last token that it signed has expired. A field key
seals from the moment it is there; the older ones stay for as long as anything is sealed with them. The cursor key is
never replaced: the passwords of customers' roles on PostgreSQL follow from it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from auth.errors import KeyNotYetInUse
from auth.keys import KeyRing, new_field_key, new_signing_key, read_content, ring_of
from auth.rules import ACCESS_LIFETIME

if TYPE_CHECKING:
    from pathlib import Path

PUBLISHED_AHEAD = timedelta(minutes=10)
"""How long a new signing key is in the public set before it signs: twice as long as verifiers may keep the set."""
GRACE = timedelta(minutes=5)
"""How far clocks and processes may be behind before a key is dropped that is needed no more."""


class KeyKind(StrEnum):
    SIGNING = "signing"
    FIELDS = "fields"


class KeyState(StrEnum):
    """What becomes of a key: it is published ahead, makes, or only reads what it made."""

    PUBLISHED = "published"
    CURRENT = "current"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """One key of the ring, by its id. `since` is from when it makes, `retired_at` from when another one does."""

    kind: KeyKind
    id: str
    state: KeyState
    since: datetime | None
    retired_at: datetime | None

    def is_spent(self, now: datetime) -> bool:
        """Whether nothing that it made can be good any more: tokens expire, sealed fields do not by themselves."""
        kept = GRACE + (ACCESS_LIFETIME if self.kind is KeyKind.SIGNING else timedelta())
        return self.retired_at is not None and now >= self.retired_at + kept


def keys_on(ring: KeyRing, now: datetime) -> list[KeyInfo]:
    """Every key of the ring but the cursor key, the oldest of a kind first."""
    return [
        *_infos(KeyKind.SIGNING, ring.signing, str(ring.signer(now).kid), ring.signs_from, now),
        *_infos(KeyKind.FIELDS, ring.fields, ring.current_field, ring.seals_from, now),
    ]


def rotate_signing(path: Path, now: datetime, *, compromised: bool = False) -> KeyInfo:
    """Puts a new signing key on the ring, which signs `PUBLISHED_AHEAD` from now. KeyNotYetInUse where one waits.

    A `compromised` key is replaced at once and dropped with all others: every access token ends, sessions stay.
    """
    key, since = new_signing_key(), now if compromised else now + PUBLISHED_AHEAD

    def change(content: dict[str, Any]) -> None:
        signing, ring = content["signing"], ring_of(path, content)
        waiting = [moment for moment in ring.signs_from.values() if moment > now]
        if compromised:
            signing |= {"current": key.kid, "keys": []}
            signing["from"] = {}
        elif waiting:
            raise KeyNotYetInUse(max(waiting).isoformat(timespec="seconds"))
        signing["keys"].append(key.as_dict(private=True))
        signing.setdefault("from", {})[str(key.kid)] = since.isoformat()

    _rewrite(path, change, now)
    state = KeyState.CURRENT if compromised else KeyState.PUBLISHED
    return KeyInfo(KeyKind.SIGNING, str(key.kid), state, since, None)


def rotate_fields(path: Path, now: datetime) -> KeyInfo:
    """Puts a new field key on the ring, which seals from now on."""
    key_id, key = new_field_key()

    def change(content: dict[str, Any]) -> None:
        fields = content["fields"]
        fields["keys"][key_id] = key
        fields["current"] = key_id
        fields.setdefault("from", {})[key_id] = now.isoformat()

    _rewrite(path, change, now)
    return KeyInfo(KeyKind.FIELDS, key_id, KeyState.CURRENT, now, None)


def prune(path: Path, now: datetime, in_use: Collection[str]) -> list[KeyInfo]:
    """Drops the spent keys but those field keys that are `in_use`, and gives them."""
    dropped: list[KeyInfo] = []

    def change(content: dict[str, Any]) -> None:
        ring = ring_of(path, content)
        dropped.extend(prunable(ring, now, in_use))
        gone = {key.id for key in dropped}
        signing, fields = content["signing"], content["fields"]
        signing["current"] = str(ring.signer(now).kid)
        signing["keys"] = [key for key in signing["keys"] if key["kid"] not in gone]
        fields["keys"] = {key_id: key for key_id, key in fields["keys"].items() if key_id not in gone}
        for kind in (signing, fields):
            kind["from"] = {
                key_id: text for key_id, text in kind.get("from", {}).items() if key_id not in gone
            }

    _rewrite(path, change, now)
    return dropped


def prunable(ring: KeyRing, now: datetime, in_use: Collection[str]) -> list[KeyInfo]:
    """The spent keys but those field keys that are `in_use`."""
    return [key for key in keys_on(ring, now) if key.is_spent(now) and key.id not in in_use]


def _infos(
    kind: KeyKind, ids: Collection[str], current: str, since: dict[str, datetime], now: datetime
) -> Iterator[KeyInfo]:
    """A key without a moment was there from the beginning; each is followed by the next one in time."""
    timed = sorted((key_id for key_id in ids if key_id in since), key=since.__getitem__)
    order = [*(key_id for key_id in ids if key_id not in since), *timed]
    for key_id in order:
        moment = since.get(key_id)
        later = [other for each in order if (other := since.get(each)) and (moment is None or other > moment)]
        successor = min(later, default=None)
        if key_id == current:
            yield KeyInfo(kind, key_id, KeyState.CURRENT, moment, None)
        elif moment is not None and moment > now:
            yield KeyInfo(kind, key_id, KeyState.PUBLISHED, moment, None)
        else:
            yield KeyInfo(kind, key_id, KeyState.RETIRED, moment, successor)


def _rewrite(path: Path, change: Callable[[dict[str, Any]], None], now: datetime) -> None:
    """The changed content in the file's place, and the old one beside it under the moment's name, both 0600.

    At every moment the name leads to one of the two, whole and on the disk.
    """
    with _alone(path.parent):
        before = read_content(path)
        content = json.loads(json.dumps(before))
        change(content)
        ring_of(path, content)
        if content == before:
            return
        _write(path.with_name(f"{path.name}.{now:%Y%m%dT%H%M%S.%fZ}"), path.read_bytes())
        beside = path.with_name(f".{path.name}.new")
        _write(beside, json.dumps(content, indent=2).encode())
        beside.replace(path)
        _sync(path.parent)


def _write(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One rewriting at a time; the system takes the lock back from a process that was killed."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
