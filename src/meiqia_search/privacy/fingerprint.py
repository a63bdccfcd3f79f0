"""Keyed hashes of personal values: they can be looked up by their exact full value, and by nothing less."""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from meiqia_search.errors import BadConfiguration
from meiqia_search.fields import Personal
from meiqia_search.privacy.plain import plain

_BITS = 128
_SECRET_BYTES = 32
_KEY_ID = re.compile("[a-z0-9]{1,16}")
_PRINT = re.compile(f"[a-z0-9]{{1,16}}:[0-9a-f]{{{_BITS // 4}}}")
_NOT_DIGITS = re.compile("[^0-9]+")
_GAPS = re.compile(r"[\s\-·•.]+")
_MOBILE = re.compile("(?:(?:00|0)?86|0)?(1[3-9][0-9]{9})")
_LANDLINE = re.compile("(?:(?:00|0)?86)?0?([1-9][0-9]{9,10})")
_NUMBER = re.compile(r"\+(?:86[1-9][0-9]{9,10}|(?!86)[1-9][0-9]{7,14})")
_WHOLE: Mapping[Personal, re.Pattern[str]] = {
    Personal.PHONE: _NUMBER,
    Personal.LANDLINE: _NUMBER,
    Personal.EMAIL: re.compile(r"[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+"),
    Personal.ID_CARD: re.compile("[0-9]{15}|[0-9]{17}[0-9X]"),
}
"""What a value has to be in its one spelling, so that it is no part of one; of other kinds, anything may be whole."""


@dataclass(frozen=True, slots=True)
class Key:
    """A secret and its name, which stands before every fingerprint: a new key can be brought in beside the old one.

    Raises:
        BadConfiguration: the name is not 1–16 small letters or digits, or the secret is short.
    """

    id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not _KEY_ID.fullmatch(self.id):
            raise BadConfiguration("密钥的名称应为 1 到 16 个小写字母或数字。")
        if len(self.secret) < _SECRET_BYTES:
            raise BadConfiguration(f"密钥至少要有 {_SECRET_BYTES} 字节。")


def fingerprint(kind: Personal, value: str, key: Key) -> str:
    """The name of the key and 128 bits of HMAC-SHA-256 over kind and normalised value, as hexadecimal."""
    return _printed(kind, normalised(kind, value), key)


def fingerprints(kind: Personal, value: str, keys: Iterable[Key]) -> tuple[str, ...]:
    """The fingerprint under each of the keys; none of what is only a part of a value: too many values have it."""
    one = normalised(kind, value)
    whole = _WHOLE.get(kind)
    if not one or (whole and not whole.fullmatch(one)):
        return ()
    return tuple([_printed(kind, one, key) for key in keys])


def is_fingerprint(text: str) -> bool:
    """Whether this reads like a fingerprint, of whatever."""
    return _PRINT.fullmatch(text) is not None


def key_of(print_: str) -> str:
    """The name of the key of a fingerprint."""
    return print_.partition(":")[0]


def _printed(kind: Personal, one: str, key: Key) -> str:
    message = f"{kind}\0{one}".encode("utf-8", "surrogatepass")
    return f"{key.id}:{hmac.digest(key.secret, message, 'sha256').hex()[: _BITS // 4]}"


def normalised(kind: Personal, value: str) -> str:
    """The one spelling of a value, however it was written."""
    value = plain(value).strip()
    match kind:
        case Personal.PHONE | Personal.LANDLINE:
            return _number(value)
        case Personal.EMAIL:
            return value.casefold()
        case Personal.ID_CARD | Personal.PASSPORT | Personal.PLATE | Personal.BANK_CARD:
            return _GAPS.sub("", value).upper()
        case Personal.ACCOUNT:
            return value.casefold()
        case _:
            return value


def _number(value: str) -> str:
    """As in E.164, China where no country is named."""
    digits = _NOT_DIGITS.sub("", value)
    if mobile := _MOBILE.fullmatch(digits):
        return f"+86{mobile[1]}"
    if value.startswith("+") and not digits.startswith("86"):
        return f"+{digits}"
    if value.startswith(("0", "+", "(", "86")) and (landline := _LANDLINE.fullmatch(digits)):
        return f"+86{landline[1]}"
    return digits
