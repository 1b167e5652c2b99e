"""Passwords: what is accepted, and how they are hashed without slowing anything else down.

NIST SP 800-63B-4 and OWASP ASVS 5.0 chapter 6: length instead of composition, Unicode in NFC, common words
and the names of the surroundings refused (QX-123). PBKDF2-HMAC-SHA512 with a salt for each user (OX-011).
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
import sys
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from passlib.hash import pbkdf2_sha512
from passlib.utils.binary import ab64_encode

from auth.common_passwords import COMMON_WORDS, PRODUCT_NAMES
from auth.errors import HasherBusy, PasswordFlaw, WeakPassword

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")

MIN_LENGTH = 12
MAX_LENGTH = 256
ROUNDS = 220_000
_NICENESS = 10
_MIN_NAME = 4
_MIN_OWN_LETTERS = 8
_MIN_DISTINCT = 5
_FEW_PIECES = 2  # more words than that are a sentence, however common each of them is
_LETTERS = re.compile(r"[^\W\d_]+")
_SIGNS_FOR_LETTERS = str.maketrans("0134579@$!", "oleastgasi")
_DECORATION = "0123456789 !@#$%^&*()-_=+[]{};:'\",.<>/?\\|`~"


def require_strong(password: str, names: Iterable[str]) -> None:
    """WeakPassword unless `password` is 12 to 256 characters, not common, and more than one of `names`.

    Lengths are those of the NFC form, in characters. The longer least length for a password that is the only
    factor (15, NIST SP 800-63B-4 3.1.1.2) never applies: no password opens anything without a second factor.
    """
    text = _composed(password)
    if len(text) > MAX_LENGTH:
        raise WeakPassword(PasswordFlaw.TOO_LONG, MAX_LENGTH)
    if any(unicodedata.category(character) == "Cs" for character in text):
        raise WeakPassword(PasswordFlaw.NOT_TEXT)
    if len(text) < MIN_LENGTH:
        raise WeakPassword(PasswordFlaw.TOO_SHORT, MIN_LENGTH)
    folded = text.casefold()
    if _is_common(folded):
        raise WeakPassword(PasswordFlaw.COMMON)
    if _leans_on(folded, (*names, *PRODUCT_NAMES)):
        raise WeakPassword(PasswordFlaw.NAMES)


def _is_common(folded: str) -> bool:
    """Whether the password is a run, a repetition, or one or two common words, whatever decorates them."""
    bare = folded.strip(_DECORATION)
    plain = bare.translate(_SIGNS_FOR_LETTERS)
    pieces = [_LETTERS.findall(form) for form in (bare, plain)]
    forms = {
        folded,
        folded.rstrip(_DECORATION),
        bare,
        plain,
        *("".join(each) for each in pieces if len(each) <= _FEW_PIECES),
    }
    steps = {ord(after) - ord(before) for before, after in pairwise(folded)}
    # A run of digits goes on after 9 with 0.
    runs = steps <= {1, -9} or steps <= {-1, 9}
    return runs or len(set(folded)) < _MIN_DISTINCT or any(_is_one_or_two_words(form) for form in forms)


def _is_one_or_two_words(text: str) -> bool:
    """Also when they are repeated as a whole."""
    unit = text[: (text + text).find(text, 1)] if text else text
    return unit in COMMON_WORDS or any(
        unit[:place] in COMMON_WORDS and unit[place:] in COMMON_WORDS for place in range(1, len(unit))
    )


def _leans_on(folded: str, names: Iterable[str]) -> bool:
    """Names, whole or a word of them, are fine inside a sentence, and too little with little else around them."""
    words = {word.casefold() for name in names for word in (name, *name.split())}
    rest = folded
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= _MIN_NAME:
            rest = rest.replace(word, "")
    return rest != folded and sum(character.isalpha() for character in rest) < _MIN_OWN_LETTERS


class Hasher:
    """PBKDF2-HMAC-SHA512 in a few threads of its own.

    One hash takes about 130 ms of processor time at 220,000 rounds and lets go of the interpreter lock
    meanwhile. The threads have a low priority where the system has one for each thread (Linux), so that what
    serves requests comes first. When `queue` more wait, HasherBusy is raised; what is hashed for show only, so
    that a refusal takes as long as an answer, may take up a quarter of the queue.
    """

    def __init__(self, rounds: int = ROUNDS, workers: int = 1, queue: int = 64) -> None:
        self._rounds = rounds
        self._handler = pbkdf2_sha512.using(rounds=rounds)  # type: ignore[no-untyped-call]  # untyped stub
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="hasher", initializer=_step_back)
        self._limit = workers + queue
        self._show_limit = workers + queue // 4
        self._waiting = 0
        # No password has this hash; verifying against it costs exactly what a real one does.
        salt, checksum = (ab64_encode(secrets.token_bytes(size)).decode() for size in (16, 64))
        self._nobody = f"$pbkdf2-sha512${rounds}${salt}${checksum}"

    async def hash(self, password: str) -> str:
        """A salted hash of a password that `require_strong` let through."""
        return await self._run(lambda: str(self._handler.hash(_encoded(password))))

    async def verify(self, password: str, password_hash: str | None, *, for_show: bool = False) -> bool:
        """Whether the password fits; without a hash the same work is done and the answer is False.

        `for_show`: the answer does not matter, only how long it takes.
        """
        known = password_hash or self._nobody
        limit = self._show_limit if for_show else self._limit
        fits = await self._run(lambda: self._verified(_encoded(password), known), limit)
        return fits and password_hash is not None and len(_composed(password)) <= MAX_LENGTH

    async def dummy_verify(self, password: str = "") -> None:
        """The work of `verify`, for somebody who does not exist. Once at start it warms the thread."""
        await self.verify(password, None)

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether the hash was made with fewer rounds than the setting asks now."""
        return bool(self._handler.needs_update(password_hash))

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verified(self, password: bytes, known: str) -> bool:
        """As much work for a hash of fewer rounds than the setting: how old it is cannot be told from the time."""
        fits = bool(self._handler.verify(password, known))
        missing = self._rounds - int(self._handler.from_string(known).rounds)
        if missing > 0:
            hashlib.pbkdf2_hmac("sha512", password, b"the rounds that the hash lacks", missing)
        return fits

    async def _run(self, work: Callable[[], T], limit: int | None = None) -> T:
        if self._waiting >= (self._limit if limit is None else limit):
            raise HasherBusy(retry_after=1)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def _step_back() -> None:
    """Gives the thread a low priority; elsewhere than on Linux the call would be about the whole process."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def _composed(password: str) -> str:
    """The NFC form. What is too long in any form is cut, for less work, where it still is too long."""
    # A decomposed character is at most four code points that compose (Unicode, UAX 15).
    return unicodedata.normalize("NFC", password[: MAX_LENGTH * 4 + 4])


def _encoded(password: str) -> bytes:
    # The library refuses more than 4,096 characters by raising; no password is beyond MAX_LENGTH.
    return _composed(password)[:MAX_LENGTH].encode("utf-8", "replace")
