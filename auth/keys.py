"""The installation's keys, in one file that only its owner may read.

Signing keys are Ed25519 (RFC 8037) and known by `kid`; field keys are AES-256-GCM; the cursor key makes
HMACs. Several keys of a kind may be on the ring: one makes, all of them read: so keys can be replaced
(`auth.rotation`), and a running process takes the new file over (`KeyRing.follow`).
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
import stat
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc.jwk import OKPKey

from auth.errors import KeysFileExists, KeysFileExposed, KeysFileInvalid, KeysFileMissing, SealBroken

VERSION = 1
_NONCE_BYTES = 12
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_Stamp = tuple[int, int, int, int]


@dataclass(slots=True, kw_only=True, repr=False, eq=False)
class KeyRing:
    """The keys in memory. It has no repr, so that none of them ends up in a log.

    `signs_from` and `seals_from` say from when on a key is the one that makes; it is left out for an installation's
    first ones. `generation` rises whenever the ring takes a changed file over.
    """

    signing: dict[str, OKPKey]
    current_signing: str
    fields: dict[str, AESGCM]
    current_field: str
    cursor_key: bytes
    signs_from: dict[str, datetime] = field(default_factory=dict)
    seals_from: dict[str, datetime] = field(default_factory=dict)
    generation: int = 0
    path: Path | None = None
    stamp: _Stamp | None = None

    @classmethod
    def create(cls, path: Path) -> KeyRing:
        """New keys in a new file of mode 0600. KeysFileExists where there is one."""
        content = json.dumps(_new_content(), indent=2).encode()
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise KeysFileExists(str(path)) from error
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> KeyRing:
        """The keys of a file. KeysFileMissing, KeysFileExposed (mode) or KeysFileInvalid (content)."""
        stamp = _stamp(path)
        ring = ring_of(path, read_content(path))
        ring.path, ring.stamp = path, stamp
        return ring

    def follow(self) -> bool:
        """Takes the file over if it changed since it was read; whether it did. One `stat`, cheap enough per request.

        A file that is gone or broken changes nothing: the keys in memory go on working until it is mended.
        """
        if self.path is None:
            return False
        try:
            stamp = _stamp(self.path)
            if stamp == self.stamp:
                return False
            self.stamp = stamp
            found = ring_of(self.path, read_content(self.path))
        except (KeysFileMissing, KeysFileExposed, KeysFileInvalid, OSError):
            return False
        self.signing, self.current_signing, self.signs_from = (
            found.signing,
            found.current_signing,
            found.signs_from,
        )
        self.fields, self.current_field, self.seals_from = found.fields, found.current_field, found.seals_from
        self.generation += 1
        return True

    def signer(self, now: datetime) -> OKPKey:
        """The key that signs at `now`: the last one whose moment has come, else the file's `current`."""
        begun = [kid for kid, moment in self.signs_from.items() if moment <= now and kid in self.signing]
        return self.signing[max(begun, key=self.signs_from.__getitem__, default=self.current_signing)]

    def encrypt(self, plain: str, aad: str) -> str:
        """The text sealed for one place: `aad` names purpose and row id, and must be the same to open it."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self.fields[self.current_field].encrypt(nonce, plain.encode(), aad.encode())
        return f"{self.current_field}.{_text(nonce + sealed)}"

    def decrypt(self, sealed: str, aad: str) -> str:
        """The text that `encrypt` sealed. SealBroken when it is not that, or not from that place."""
        key_id, _, body = sealed.partition(".")
        if (
            key_id not in self.fields
        ):  # another process may have sealed it with a key that is newer than our file
            self.follow()
        try:
            data = _bytes(body)
            return (
                self.fields[key_id].decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], aad.encode()).decode()
            )
        except (KeyError, ValueError, InvalidTag) as error:
            raise SealBroken(aad) from error

    def needs_reseal(self, sealed: str) -> bool:
        """Whether an older key than the current one sealed it."""
        return sealed.partition(".")[0] != self.current_field

    def mac(self, data: bytes) -> bytes:
        """HMAC-SHA256 of data that leaves the server and must come back unchanged, such as cursors."""
        return hmac.digest(self.cursor_key, data, "sha256")

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, the same whenever it is asked for."""
        return hmac.digest(self.cursor_key, f"slaportal {purpose}".encode(), "sha256")

    def jwks(self) -> dict[str, Any]:
        """The public halves of the signing keys (RFC 7517)."""
        return {"keys": [dict(key.as_dict(private=False)) for key in self.signing.values()]}


def read_content(path: Path) -> dict[str, Any]:
    """What the file holds. KeysFileMissing, KeysFileExposed or KeysFileInvalid."""
    try:
        if path.stat().st_mode & _OTHERS:
            raise KeysFileExposed(f"{path} must have mode 0600")
        content = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise KeysFileMissing(str(path)) from error
    except ValueError as error:
        raise KeysFileInvalid(f"{path} is not JSON") from error
    return content  # type: ignore[no-any-return]  # what is wrong with it shows when the ring is made


def ring_of(path: Path, content: dict[str, Any]) -> KeyRing:
    """The keys of a file's content. KeysFileInvalid where it is not what `KeyRing.create` writes."""
    try:
        return _ring(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise KeysFileInvalid(f"{path} lacks keys or holds broken ones") from error


def new_signing_key() -> OKPKey:
    parameters = {"alg": "Ed25519", "use": "sig"}
    return OKPKey.generate_key("Ed25519", parameters=parameters, auto_kid=True)  # type: ignore[arg-type]  # TypedDict


def new_field_key() -> tuple[str, str]:
    """Its id, and the key as it stands in the file."""
    key = secrets.token_bytes(32)
    return sha256(key).hexdigest()[:8], _text(key)


def _new_content() -> dict[str, Any]:
    key, (field_id, field_key) = new_signing_key(), new_field_key()
    return {
        "version": VERSION,
        "signing": {"current": key.kid, "keys": [key.as_dict(private=True)]},
        "fields": {"current": field_id, "keys": {field_id: field_key}},
        "cursors": _text(secrets.token_bytes(32)),
    }


def _ring(content: dict[str, Any]) -> KeyRing:
    signing = [OKPKey.import_key(key) for key in content["signing"]["keys"]]
    fields = {key_id: AESGCM(_bytes(key)) for key_id, key in content["fields"]["keys"].items()}
    ring = KeyRing(
        signing={str(key.kid): key for key in signing},
        current_signing=content["signing"]["current"],
        fields=fields,
        current_field=content["fields"]["current"],
        cursor_key=_bytes(content["cursors"]),
        signs_from=_moments(content["signing"]),
        seals_from=_moments(content["fields"]),
    )
    known = ring.current_signing in ring.signing and ring.current_field in ring.fields
    if content["version"] != VERSION or not known or not all(key.is_private for key in signing):
        raise ValueError("version or current keys")
    return ring


def _moments(kind: dict[str, Any]) -> dict[str, datetime]:
    found = {key_id: datetime.fromisoformat(text) for key_id, text in kind.get("from", {}).items()}
    if any(moment.tzinfo is None for moment in found.values()):
        raise ValueError("moments without an offset")
    return found


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise KeysFileMissing(str(path)) from error
    return (
        found.st_mtime_ns,
        found.st_ctime_ns,
        found.st_ino,
        found.st_size,
    )  # ctime: chmod and chown count too


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
