from uuid import UUID

from auth.recovery import code_hash, new_codes

ANNA = UUID(int=1)
BERT = UUID(int=2)


def test_there_are_ten_codes_of_120_bits_and_none_twice() -> None:
    codes = new_codes()
    assert len(set(codes)) == 10
    assert {len(code.replace("-", "")) * 5 for code in codes} == {120}


def test_a_code_is_read_however_it_is_typed() -> None:
    code = new_codes()[0]
    typed = {code, code.lower(), code.replace("-", ""), f"  {code.replace('-', ' ')} "}
    assert {code_hash(ANNA, text) for text in typed} == {code_hash(ANNA, code)}


def test_the_same_code_of_two_persons_has_two_hashes() -> None:
    code = new_codes()[0]
    assert code_hash(ANNA, code) != code_hash(BERT, code)


def test_the_hash_does_not_hold_the_code() -> None:
    code = new_codes()[0]
    hashed = code_hash(ANNA, code)
    assert hashed is not None
    assert code.replace("-", "") not in hashed.upper()


def test_what_cannot_be_a_code_has_no_hash() -> None:
    for text in ("", "123456", "A" * 16, "A" * 25, "é" * 24, "-" * 24, "A" * 100_000):
        assert code_hash(ANNA, text) is None
