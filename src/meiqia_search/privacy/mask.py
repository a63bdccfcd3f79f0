"""How one personal value is shown: hidden as its kind, masked, or clear. Masking a masked value changes nothing."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import assert_never

from meiqia_search.fields import PERSONAL_LABELS, Personal
from meiqia_search.privacy.people import COMPOUND_SURNAMES
from meiqia_search.privacy.plain import plain


class Show(StrEnum):
    """In which form a value leaves."""

    HIDDEN = "hidden"
    MASKED = "masked"
    CLEAR = "clear"


_NOT_DIGITS = re.compile("[^0-9]+")
_LONG = re.compile("[0-9]{5,}")
_MOBILE = re.compile(r"(?:(?:00|0)?86|0)?(1[3-9][0-9]{9})")
_AREA = re.compile(r"(?:00|0)?(?:86)?(010|02[0-9]|0[3-9][0-9]{2})[2-9][0-9]{6,7}")
_DISTRICT = re.compile(r"[^0-9]{1,16}?(?:(?<![小社园校厂景战地街片辖])区|县|旗)")
_CITY = re.compile(r"[^0-9]{1,10}?(?:省|市|自治区|自治州)(?:[^0-9]{1,7}?市)?")
_MASKED_PHONE = re.compile(r"(?:[0-9]{3,4}-?)?\*{4}[0-9]{4}")
_MASKED_CARD = re.compile(r"[0-9]{4} \*{4} \*{4} [0-9]{4}")


def _name(value: str) -> str:
    if not value:
        return "***"
    kept = 2 if value[:2] in COMPOUND_SURNAMES else 1
    return value[:kept] + "*" * min(max(len(value) - kept, 1), 2)


def _phone(value: str) -> str:
    value = plain(value)
    if _MASKED_PHONE.fullmatch(value):
        return value
    digits = _NOT_DIGITS.sub("", value)
    if mobile := _MOBILE.fullmatch(digits):
        return f"{mobile[1][:3]}****{mobile[1][-4:]}"
    if area := _AREA.fullmatch(digits):
        return f"{area[1]}-****{digits[-4:]}"
    if len(digits) < 7:
        return "***"
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else f"****{digits[-4:]}"


def _email(value: str) -> str:
    local, at, domain = plain(value).rpartition("@")
    return f"{local[:1]}***{at}{domain}" if at and local.strip("*") else f"***{at}{domain}" if at else "***"


def _first_four(value: str) -> str:
    return value[:4] + "*" * (len(value) - 4) if len(value) > 8 else "********"


def _card(value: str) -> str:
    digits = _NOT_DIGITS.sub("", plain(value))
    if _MASKED_CARD.fullmatch(value):
        return value
    return f"{digits[:4]} **** **** {digits[-4:]}" if len(digits) >= 12 else "****"


def _ends(value: str) -> str:
    return f"{value[0]}***{value[-1]}" if len(value) > 3 else "***"


def _plate(value: str) -> str:
    return f"{value[:2]}***{value[-1]}" if len(value) > 3 else "***"


def _district(value: str) -> str:
    kept = _DISTRICT.match(value) or _CITY.match(value)
    return f"{kept[0]}****" if kept else "****"


def _network(value: str) -> str:
    return ".".join([*value.split(".")[:2], "*", "*"]) if value.count(".") == 3 else "***"


def _site(value: str) -> str:
    scheme, found, rest = value.partition("://")
    return f"{scheme}://{rest.split('/')[0].split('@')[-1]}/***" if found else "***"


_MASKS: Mapping[Personal, Callable[[str], str]] = {
    Personal.NAME: _name,
    Personal.PHONE: _phone,
    Personal.LANDLINE: _phone,
    Personal.EMAIL: _email,
    Personal.USER_ID: _ends,
    Personal.ACCOUNT: _ends,
    Personal.IP: _network,
    Personal.ADDRESS: _district,
    Personal.URL: _site,
    Personal.ID_CARD: _first_four,
    Personal.BANK_CARD: _card,
    Personal.PASSPORT: _ends,
    Personal.PLATE: _plate,
    Personal.FREE: lambda _: "***",
}


def shown(kind: Personal, value: str, show: Show) -> str:
    """The value of this kind in the given form; masked, never five digits in a row."""
    match show:
        case Show.CLEAR:
            return value
        case Show.MASKED:
            return _LONG.sub("****", _MASKS[kind](value))
        case Show.HIDDEN:
            return f"[{PERSONAL_LABELS[kind]}]"
        case _:
            assert_never(show)
