"""How one personal value is shown: hidden as its kind, masked, or clear."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from meiqia_search.fields import PERSONAL_LABELS, Personal


class Show(StrEnum):
    """In which form a value leaves."""

    HIDDEN = "hidden"
    MASKED = "masked"
    CLEAR = "clear"


_COMPOUND_SURNAMES = frozenset({
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "夏侯",
})  # fmt: skip


def _name(value: str) -> str:
    kept = 2 if value[:2] in _COMPOUND_SURNAMES else 1
    return value[:kept] + "*" * min(max(len(value) - kept, 1), 2)


def _phone(value: str) -> str:
    return f"{value[:3]}****{value[-4:]}" if len(value) >= 11 else "*" * len(value)


def _email(value: str) -> str:
    local, at, domain = value.rpartition("@")
    return f"{local[:1]}***{at}{domain}" if at else "***"


def _ends(value: str) -> str:
    return f"{value[0]}***{value[-1]}" if len(value) > 3 else "***"


def _district(value: str) -> str:
    for mark in "区县市省":
        head, found, _ = value.partition(mark)
        if found:
            return f"{head}{mark}****"
    return "****"


def _network(value: str) -> str:
    return ".".join([*value.split(".")[:2], "*", "*"]) if value.count(".") == 3 else "***"


def _site(value: str) -> str:
    scheme, found, rest = value.partition("://")
    return f"{scheme}://{rest.split('/')[0].split('@')[-1]}/***" if found else "***"


_MASKS: Mapping[Personal, Callable[[str], str]] = {
    Personal.NAME: _name,
    Personal.PHONE: _phone,
    Personal.EMAIL: _email,
    Personal.USER_ID: _ends,
    Personal.ACCOUNT: _ends,
    Personal.IP: _network,
    Personal.ADDRESS: _district,
    Personal.URL: _site,
    Personal.FREE: lambda _: "***",
}


def shown(kind: Personal, value: str, show: Show) -> str:
    """The value of this kind in the given form."""
    match show:
        case Show.CLEAR:
            return value
        case Show.MASKED:
            return _MASKS[kind](value)
        case Show.HIDDEN:
            return f"[{PERSONAL_LABELS[kind]}]"
