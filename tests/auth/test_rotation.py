import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from auth import rotation
from auth.errors import KeyNotYetInUse, TokenInvalid
from auth.keys import KeyRing
from auth.rotation import GRACE, PUBLISHED_AHEAD, KeyKind, KeyState
from auth.rules import ACCESS_LIFETIME
from auth.tokens import AccessTokens

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
LATER = NOW + PUBLISHED_AHEAD
ANNA, SESSION, TENANT = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def ring(path: Path) -> KeyRing:
    """As a running process has it."""
    return KeyRing.create(path)


def issued(tokens: AccessTokens, now: datetime) -> str:
    return tokens.issue(subject=ANNA, session_id=SESSION, audience=str(TENANT), now=now)[0]


def published(ring: KeyRing) -> set[str]:
    return {key["kid"] for key in ring.jwks()["keys"]}


def files(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir())


def test_a_new_signing_key_is_published_before_it_signs(path: Path, ring: KeyRing) -> None:
    old = ring.current_signing
    new = rotation.rotate_signing(path, NOW)
    assert ring.follow()
    assert published(ring) == {old, new.id}
    assert ring.signer(NOW).kid == old
    assert ring.signer(LATER - timedelta(seconds=1)).kid == old
    assert ring.signer(LATER).kid == new.id


def test_a_running_process_takes_new_keys_over_without_being_told(path: Path, ring: KeyRing) -> None:
    tokens, elsewhere = AccessTokens(ring, "slaportal"), KeyRing.load(path)
    before = issued(tokens, NOW)
    rotation.rotate_signing(path, NOW)
    elsewhere.follow()
    new = issued(AccessTokens(elsewhere, "slaportal"), LATER)
    assert tokens.verify(new, now=LATER).subject == ANNA  # although it has not looked at the file yet
    assert tokens.verify(before, now=LATER - timedelta(seconds=1)).subject == ANNA
    assert not ring.follow()


def test_tokens_of_the_old_key_are_good_until_they_expire(path: Path, ring: KeyRing) -> None:
    tokens = AccessTokens(ring, "slaportal")
    rotation.rotate_signing(path, NOW)
    ring.follow()
    last = issued(tokens, LATER - timedelta(seconds=1))
    after = LATER + ACCESS_LIFETIME - timedelta(seconds=2)
    assert rotation.prune(path, after, ()) == []
    ring.follow()
    assert tokens.verify(last, now=after).subject == ANNA


def test_a_key_whose_last_token_has_expired_is_dropped(path: Path, ring: KeyRing) -> None:
    tokens, old = AccessTokens(ring, "slaportal"), ring.current_signing
    last = issued(tokens, LATER - timedelta(seconds=1))
    new = rotation.rotate_signing(path, NOW)
    tokens.verify(last, now=NOW)
    spent = LATER + ACCESS_LIFETIME + GRACE
    assert rotation.prune(path, spent - timedelta(seconds=1), ()) == []
    assert [key.id for key in rotation.prune(path, spent, ())] == [old]
    ring.follow()
    assert published(ring) == {new.id}
    with pytest.raises(TokenInvalid):
        tokens.verify(last, now=NOW)


def test_a_compromised_key_signs_and_verifies_nothing_any_more(path: Path, ring: KeyRing) -> None:
    tokens, old = AccessTokens(ring, "slaportal"), ring.current_signing
    stolen = issued(tokens, NOW)
    tokens.verify(stolen, now=NOW)
    rotation.rotate_signing(path, NOW)  # one that waits is dropped as well: it lay in the same file
    new = rotation.rotate_signing(path, NOW, compromised=True)
    ring.follow()
    assert published(ring) == {new.id} != {old}
    assert ring.signer(NOW).kid == new.id
    with pytest.raises(TokenInvalid):  # although its signature was remembered
        tokens.verify(stolen, now=NOW)
    assert tokens.verify(issued(tokens, NOW), now=NOW).subject == ANNA


def test_a_second_new_key_waits_until_the_first_signs(path: Path, ring: KeyRing) -> None:
    rotation.rotate_signing(path, NOW)
    before = path.read_bytes()
    with pytest.raises(KeyNotYetInUse):
        rotation.rotate_signing(path, LATER - timedelta(seconds=1))
    assert path.read_bytes() == before
    rotation.rotate_signing(path, LATER)
    ring.follow()
    assert len(published(ring)) == 3


def test_a_new_field_key_seals_at_once_and_the_old_ones_open(path: Path, ring: KeyRing) -> None:
    behind = KeyRing.load(path)
    sealed = ring.encrypt("geheim", "a:1")
    new = rotation.rotate_fields(path, NOW)
    ring.follow()
    assert ring.current_field == new.id
    assert ring.needs_reseal(sealed)
    assert ring.decrypt(sealed, "a:1") == "geheim"
    assert behind.decrypt(ring.encrypt("nieuw", "a:2"), "a:2") == "nieuw"  # it looks at the file when it must


def test_a_field_key_that_seals_something_stays(path: Path, ring: KeyRing) -> None:
    old = ring.current_field
    rotation.rotate_fields(path, NOW)
    much_later = NOW + timedelta(days=400)
    assert rotation.prune(path, much_later, {old}) == []
    assert rotation.prune(path, NOW, ()) == []  # somebody may be about to commit what it sealed
    assert [(key.kind, key.id) for key in rotation.prune(path, much_later, ())] == [(KeyKind.FIELDS, old)]


def test_the_list_tells_what_each_key_does(path: Path, ring: KeyRing) -> None:
    first = ring.current_signing
    second = rotation.rotate_signing(path, NOW).id
    third = rotation.rotate_signing(path, LATER).id
    ring.follow()
    told = [key for key in rotation.keys_on(ring, LATER) if key.kind is KeyKind.SIGNING]
    assert [(key.id, key.state, key.since, key.retired_at) for key in told] == [
        (first, KeyState.RETIRED, None, LATER),
        (second, KeyState.CURRENT, LATER, None),
        (third, KeyState.PUBLISHED, LATER + PUBLISHED_AHEAD, None),
    ]


def test_the_file_is_for_its_owner_only_and_the_old_one_is_kept(path: Path, ring: KeyRing) -> None:
    before = path.read_bytes()
    rotation.rotate_signing(path, NOW)
    copy = path.with_name("keys.json.20260310T090000.000000Z")
    assert copy.read_bytes() == before
    assert {each.stat().st_mode & 0o777 for each in (path, copy)} == {0o600}
    assert files(path) == ["keys.json", copy.name]
    assert ring.cursor_key == KeyRing.load(path).cursor_key


def test_what_a_crash_left_is_in_nobodys_way(path: Path, ring: KeyRing) -> None:
    beside = path.with_name(".keys.json.new")
    beside.write_bytes(path.read_bytes()[:100])
    assert not ring.follow()
    assert KeyRing.load(path).current_field == ring.current_field
    rotation.rotate_fields(path, NOW)
    assert ring.follow()
    assert not beside.exists()


def test_a_file_that_breaks_under_a_running_process_changes_nothing_there(path: Path, ring: KeyRing) -> None:
    good, sealed = path.read_bytes(), ring.encrypt("geheim", "a:1")
    for content in (b"", b"{}", good[:-5], json.dumps({**json.loads(good), "version": 9}).encode()):
        path.write_bytes(content)
        assert not ring.follow()
    path.unlink()
    assert not ring.follow()
    assert ring.decrypt(sealed, "a:1") == "geheim"
    path.touch(0o644)
    path.write_bytes(good)
    path.chmod(0o644)
    assert not ring.follow()  # others could read it


def test_rotations_at_once_lose_none(path: Path, ring: KeyRing) -> None:
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.append(rotation.rotate_fields(path, NOW).id)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ring.follow()
    assert set(ring.fields) >= set(made)
    assert len(set(made)) == 8


def test_a_moment_without_an_offset_is_refused(path: Path, ring: KeyRing) -> None:
    content = json.loads(path.read_bytes())
    content["signing"]["from"] = {ring.current_signing: "2026-03-10T09:00:00"}
    path.write_text(json.dumps(content))
    assert not ring.follow()


@pytest.mark.parametrize("mode", [0o644, 0o000])
def test_a_new_file_that_others_could_read_is_taken_over_once_it_is_mended(
    path: Path, ring: KeyRing, mode: int, tmp_path: Path
) -> None:
    new = tmp_path / "elsewhere.json"
    KeyRing.create(new)
    new.chmod(mode)
    new.replace(path)
    before = ring.current_signing
    ring.follow()
    path.chmod(0o600)
    ring.follow()
    assert ring.current_signing == KeyRing.load(path).current_signing != before
