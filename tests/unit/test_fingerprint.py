"""A personal value can be looked up by itself, however it was written, and by nothing less."""

import pytest

from meiqia_search.errors import BadConfiguration
from meiqia_search.fields import Personal
from meiqia_search.privacy.fingerprint import Key, fingerprint, normalised

KEY = Key("k1", b"s" * 32)


@pytest.mark.parametrize(
    ("kind", "written", "one"),
    [
        (
            Personal.PHONE,
            ["13812345678", "+86 138 1234 5678", "0086-13812345678", "１３８1234-5678", "013812345678"],
            "+8613812345678",
        ),
        (Personal.LANDLINE, ["010-66778899", "(010) 6677 8899", "+86 10 66778899", "01066778899"], "+861066778899"),
        (Personal.PHONE, ["+852 9123 4567", "+85291234567"], "+85291234567"),
        (Personal.EMAIL, ["Z@Example.com", " z@example.com ", "ｚ＠example.com"], "z@example.com"),
        (Personal.ID_CARD, ["11010519491231002x", "110105 19491231 002X"], "11010519491231002X"),
        (Personal.BANK_CARD, ["6222 0212 3456 7890 128", "6222-0212-3456-7890-128"], "6222021234567890128"),
        (Personal.PLATE, ["京a·12345", "京A12345"], "京A12345"),
        (Personal.ACCOUNT, ["Lily_88", "lily_88"], "lily_88"),
        (Personal.USER_ID, [" U1 ", "U1"], "U1"),
        (Personal.USER_ID, ["u1"], "u1"),
    ],
)  # fmt: skip
def test_one_value_has_one_fingerprint(kind: Personal, written: list[str], one: str) -> None:
    assert {normalised(kind, each) for each in written} == {one}
    assert len({fingerprint(kind, each, KEY) for each in written}) == 1


def test_a_landline_and_a_mobile_number_differ() -> None:
    assert normalised(Personal.PHONE, "13812345678") != normalised(Personal.PHONE, "010-38123456")


def test_a_fingerprint_names_its_key_and_has_128_bits() -> None:
    made = fingerprint(Personal.PHONE, "13812345678", KEY)
    assert made.startswith("k1:")
    assert len(bytes.fromhex(made.removeprefix("k1:"))) == 16


def test_another_kind_key_or_value_gives_another_fingerprint() -> None:
    other = Key("k1", b"t" * 32)
    made = {
        fingerprint(Personal.PHONE, "13812345678", KEY),
        fingerprint(Personal.PHONE, "13812345679", KEY),
        fingerprint(Personal.USER_ID, "+8613812345678", KEY),
        fingerprint(Personal.PHONE, "13812345678", other),
    }
    assert len(made) == 4


def test_a_known_value() -> None:
    """So that the spelling, once in an index, is never changed unnoticed."""
    assert fingerprint(Personal.PHONE, "13812345678", KEY) == "k1:79496b5844bebccca8c1efc4e1f0ad1f"


@pytest.mark.parametrize(
    ("name", "secret"), [("", b"s" * 32), ("K 1", b"s" * 32), ("k:1", b"s" * 32), ("k1", b"s" * 31)]
)
def test_a_weak_key_is_refused(name: str, secret: bytes) -> None:
    with pytest.raises(BadConfiguration):
        Key(name, secret)


def test_a_key_does_not_show_its_secret() -> None:
    assert "s" * 32 not in repr(KEY)
