import json
from pathlib import Path

import pytest

from auth.errors import KeysFileExists, KeysFileExposed, KeysFileInvalid, KeysFileMissing, SealBroken
from auth.keys import KeyRing


def test_a_new_keys_file_is_for_its_owner_only(tmp_path: Path) -> None:
    KeyRing.create(tmp_path / "keys.json")
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_a_keys_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    KeyRing.create(path)
    before = path.read_bytes()
    with pytest.raises(KeysFileExists):
        KeyRing.create(path)
    assert path.read_bytes() == before


def test_loading_gives_the_keys_that_were_made(tmp_path: Path) -> None:
    made = KeyRing.create(tmp_path / "keys.json")
    loaded = KeyRing.load(tmp_path / "keys.json")
    assert loaded.decrypt(made.encrypt("geheim", "a:1"), "a:1") == "geheim"
    assert loaded.jwks() == made.jwks()
    assert loaded.mac(b"cursor") == made.mac(b"cursor")


def test_without_a_keys_file_there_are_no_keys(tmp_path: Path) -> None:
    with pytest.raises(KeysFileMissing):
        KeyRing.load(tmp_path / "keys.json")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_keys_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys.json"
    KeyRing.create(path)
    path.chmod(mode)
    with pytest.raises(KeysFileExposed):
        KeyRing.load(path)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff\xfe", b'{"version": 1, "signing": null}'])
def test_a_broken_keys_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys.json"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(KeysFileInvalid):
        KeyRing.load(path)


def test_a_keys_file_without_its_current_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    KeyRing.create(path)
    content = json.loads(path.read_bytes())
    content["fields"]["current"] = "gone"
    path.write_text(json.dumps(content))
    with pytest.raises(KeysFileInvalid):
        KeyRing.load(path)


def test_a_seal_opens_only_at_its_own_place(keys: KeyRing) -> None:
    sealed = keys.encrypt("JBSWY3DPEHPK3PXP", "factor.secret:1")
    assert "JBSWY3DPEHPK3PXP" not in sealed
    assert keys.decrypt(sealed, "factor.secret:1") == "JBSWY3DPEHPK3PXP"
    with pytest.raises(SealBroken):
        keys.decrypt(sealed, "factor.secret:2")


def test_a_changed_seal_does_not_open(keys: KeyRing, tmp_path: Path) -> None:
    sealed = keys.encrypt("geheim", "a:1")
    other = KeyRing.create(tmp_path / "other.json")
    changed = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    for wrong in ("", ".", "a", changed, sealed[:12], f"gone.{sealed.partition('.')[2]}"):
        with pytest.raises(SealBroken):
            keys.decrypt(wrong, "a:1")
    with pytest.raises(SealBroken):
        other.decrypt(sealed, "a:1")


def test_sealing_twice_gives_two_texts(keys: KeyRing) -> None:
    assert keys.encrypt("geheim", "a:1") != keys.encrypt("geheim", "a:1")


def test_an_old_field_key_still_opens_and_asks_for_a_new_seal(tmp_path: Path) -> None:
    old = KeyRing.create(tmp_path / "old.json")
    sealed = old.encrypt("geheim", "a:1")
    contents = [json.loads((tmp_path / name).read_bytes()) for name in ("old.json",)]
    KeyRing.create(tmp_path / "new.json")
    merged = json.loads((tmp_path / "new.json").read_bytes())
    merged["fields"]["keys"].update(contents[0]["fields"]["keys"])
    (tmp_path / "new.json").write_text(json.dumps(merged))
    new = KeyRing.load(tmp_path / "new.json")
    assert new.decrypt(sealed, "a:1") == "geheim"
    assert new.needs_reseal(sealed)
    assert not new.needs_reseal(new.encrypt("geheim", "a:1"))


def test_the_public_key_set_holds_no_private_key(keys: KeyRing) -> None:
    (key,) = keys.jwks()["keys"]
    assert key["kty"] == "OKP"
    assert key["crv"] == "Ed25519"
    assert key["kid"] == keys.current_signing
    assert "d" not in key


def test_the_ring_shows_no_key_when_it_is_printed(keys: KeyRing) -> None:
    assert keys.cursor_key.hex() not in repr(keys)
    assert repr(keys.cursor_key) not in repr(keys)
