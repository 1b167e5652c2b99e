import asyncio
import hashlib
import os
import sys
import threading
import time
import unicodedata
from statistics import median

import pytest
from passlib.utils.binary import ab64_decode

from auth.errors import HasherBusy, PasswordFlaw, WeakPassword
from auth.passwords import MAX_LENGTH, ROUNDS, Hasher, require_strong

NAMES = ("Qixium", "Anna de Vries")


def flaw_of(password: str, names: tuple[str, ...] = NAMES) -> PasswordFlaw | None:
    try:
        require_strong(password, names)
    except WeakPassword as error:
        return error.flaw
    return None


@pytest.mark.parametrize(
    "password",
    [
        "drie kleine kleutertjes",
        "zwölf Boxkämpfer jagen",
        "пароль для портала",
        "correct horse battery staple",
        "12 apostelen en 1 brug",
        "x7!Kd0-pQ2zL",
        "😀😁😂🤣😃😄😅😆😉😊😋😎",
        "the qixium portal opens at nine",
        "a b c d e " * 25,
    ],
)
def test_a_long_password_of_any_characters_is_accepted(password: str) -> None:
    assert flaw_of(password) is None


@pytest.mark.clause("QX-123")
@pytest.mark.parametrize(
    ("password", "flaw"),
    [
        ("", PasswordFlaw.TOO_SHORT),
        ("x7!Kd0-pQ2z", PasswordFlaw.TOO_SHORT),
        ("x7!Kd0-pQ2ze\u0301", None),
        ("x7!Kd0-pQ2e\u0301", PasswordFlaw.TOO_SHORT),
        ("ab3" * 86, PasswordFlaw.TOO_LONG),
        ("x" * 100_000, PasswordFlaw.TOO_LONG),
        ("x7!Kd0-pQ2zL\ud800", PasswordFlaw.NOT_TEXT),
        ("passwordpassword", PasswordFlaw.COMMON),
        ("Password123456", PasswordFlaw.COMMON),
        ("!!Welkom2026!!", PasswordFlaw.COMMON),
        ("qwertyuiopasdfgh", PasswordFlaw.COMMON),
        ("123456789012", PasswordFlaw.COMMON),
        ("987654321098", PasswordFlaw.COMMON),
        ("abcdefghijklm", PasswordFlaw.COMMON),
        ("aaaaaaaaaaaaaaa", PasswordFlaw.COMMON),
        ("abababababababab", PasswordFlaw.COMMON),
        ("welkom123", PasswordFlaw.TOO_SHORT),
        ("welkomwelkomwelkom", PasswordFlaw.COMMON),
        ("P@55w0rd-P@55w0rd", PasswordFlaw.COMMON),
        ("Michael.Jordan.23", PasswordFlaw.COMMON),
        ("ILoveYouForever!", PasswordFlaw.COMMON),
        ("Welkom123Lente2026", PasswordFlaw.COMMON),
        ("1q2w3e4r5t6y2026", PasswordFlaw.COMMON),
        ("qixium1234567890", PasswordFlaw.NAMES),
        ("Qixium-Qixium-Qixium", PasswordFlaw.NAMES),
        ("2026 anna de vries!", PasswordFlaw.NAMES),
        ("slaportal-2026-05", PasswordFlaw.NAMES),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(password: str, flaw: PasswordFlaw | None) -> None:
    assert flaw_of(password) is flaw


@pytest.mark.parametrize("length", [12, 200, 256])
async def test_a_password_is_the_same_however_its_characters_are_composed(
    hasher: Hasher, length: int
) -> None:
    composed = ("é" + "wachtwoordje met accenten " * 20)[: length - 1] + "é"
    decomposed = unicodedata.normalize("NFD", composed)
    assert (len(composed), composed == decomposed) == (length, False)
    assert flaw_of(composed) == flaw_of(decomposed)
    assert await hasher.verify(decomposed, await hasher.hash(composed))
    assert await hasher.verify(composed, await hasher.hash(decomposed))
    everywhere = unicodedata.normalize("NFD", "éàçïôÅǖ" * 36)[:1_000]
    assert flaw_of(unicodedata.normalize("NFD", "éàçïôÅǖ" * 36)) is None
    assert not await hasher.verify(everywhere, await hasher.hash(composed))


def test_a_refusal_about_length_tells_the_limit() -> None:
    with pytest.raises(WeakPassword) as short:
        require_strong("short", ())
    with pytest.raises(WeakPassword) as long:
        require_strong("x" * 257, ())
    assert (short.value.limit, long.value.limit) == (12, 256)


@pytest.mark.clause("OX-011")
async def test_the_hash_is_pbkdf2_with_sha512_and_the_rounds_of_the_setting() -> None:
    hasher = Hasher(rounds=ROUNDS)
    stored = await hasher.hash("drie kleine kleutertjes")
    _, name, rounds, salt, checksum = stored.split("$")
    expected = hashlib.pbkdf2_hmac("sha512", b"drie kleine kleutertjes", ab64_decode(salt), 220_000)
    assert (name, int(rounds), ab64_decode(checksum)) == ("pbkdf2-sha512", 220_000, expected)
    assert await hasher.verify("drie kleine kleutertjes", stored)
    hasher.close()


async def test_only_the_right_password_fits(hasher: Hasher) -> None:
    stored = await hasher.hash("drie kleine kleutertjes")
    assert await hasher.verify("drie kleine kleutertjes", stored)
    assert not await hasher.verify("drie kleine kleutertjeS", stored)
    assert not await hasher.verify("", stored)


@pytest.mark.clause("OX-011")
async def test_two_hashes_of_one_password_differ(hasher: Hasher) -> None:
    assert await hasher.hash("drie kleine kleutertjes") != await hasher.hash("drie kleine kleutertjes")


async def test_composed_and_decomposed_letters_are_the_same_password(hasher: Hasher) -> None:
    stored = await hasher.hash("une cre\u0300me bru\u0302le\u0301e")
    assert await hasher.verify("une cr\u00e8me br\u00fbl\u00e9e", stored)


async def test_nobody_has_a_password(hasher: Hasher) -> None:
    assert not await hasher.verify("drie kleine kleutertjes", None)
    await hasher.dummy_verify()


@pytest.mark.parametrize("password", ["x" * 5000, "nul\x00nul\x00nul", "lone\ud800surrogate"])
async def test_any_text_can_be_tried(hasher: Hasher, password: str) -> None:
    stored = await hasher.hash("drie kleine kleutertjes")
    assert not await hasher.verify(password, stored)


async def test_what_is_beyond_the_longest_password_is_not_cut_off(hasher: Hasher) -> None:
    stored = await hasher.hash("ab3" * 85 + "x")
    assert len("ab3" * 85 + "x") == MAX_LENGTH
    assert not await hasher.verify("ab3" * 85 + "xy", stored)


async def test_a_hash_of_fewer_rounds_is_to_be_renewed(hasher: Hasher) -> None:
    stronger = Hasher(rounds=2_000)
    stored = await hasher.hash("drie kleine kleutertjes")
    assert stronger.needs_rehash(stored)
    assert not hasher.needs_rehash(stored)
    assert await stronger.verify("drie kleine kleutertjes", stored)
    stronger.close()


async def test_a_full_queue_turns_the_next_one_away() -> None:
    hasher = Hasher(rounds=1_000, workers=1, queue=2)
    answers = await asyncio.gather(*(hasher.hash("drie kleine") for _ in range(5)), return_exceptions=True)
    assert [type(answer) for answer in answers].count(HasherBusy) == 2
    assert await hasher.verify("drie kleine", await hasher.hash("drie kleine"))
    hasher.close()


async def test_what_is_hashed_for_show_leaves_three_quarters_of_the_queue_to_others() -> None:
    hasher = Hasher(rounds=1_000, workers=1, queue=8)
    shown = (hasher.verify("drie kleine", None, for_show=True) for _ in range(9))
    answers = await asyncio.gather(*shown, *(hasher.hash("drie") for _ in range(7)), return_exceptions=True)
    assert [type(answer) for answer in answers[:9]].count(HasherBusy) == 9 - 3
    assert [type(answer) for answer in answers[9:]].count(HasherBusy) == 7 - 6
    hasher.close()


async def test_a_hash_of_fewer_rounds_takes_as_long_as_any() -> None:
    hasher, weaker = Hasher(rounds=60_000), Hasher(rounds=1_000)
    old, new = await weaker.hash("drie kleine"), await hasher.hash("drie kleine")
    times: dict[str | None, list[float]] = {old: [], new: [], None: []}
    for _ in range(15):
        for known, taken in times.items():
            begin = time.thread_time()
            assert hasher._verified(b"drie kleine", known or hasher._nobody) is (known is not None)
            taken.append(time.thread_time() - begin)
    medians = [median(taken) for taken in times.values()]
    assert max(medians) < 1.25 * min(medians)
    hasher.close()
    weaker.close()


async def test_threads_that_hash_step_back_and_no_others_do() -> None:
    hasher = Hasher(rounds=1_000)
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    await hasher.dummy_verify()
    (worker,) = hasher._pool._threads
    assert worker.native_id
    assert os.getpriority(os.PRIO_PROCESS, worker.native_id) == (
        max(own, 10) if sys.platform == "linux" else own
    )
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own
    hasher.close()


def test_a_word_of_a_name_is_a_name_and_several_are_no_better_than_one() -> None:
    names = ("Veldhuizen Transport BV", "Lotte", "Jansen")
    for password in ("Veldhuizen2026!", "lotte veldhuizen jansen", "Transport-Jansen-1"):
        with pytest.raises(WeakPassword) as refused:
            require_strong(password, names)
        assert refused.value.flaw is PasswordFlaw.NAMES
    require_strong("lotte jansen fietst naar huis", names)
