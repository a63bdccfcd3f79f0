"""Passports, plates, WeChat, QQ and network addresses in a plain text, mostly by what is said before them."""

import re
from collections.abc import Iterator

from meiqia_search.fields import Personal
from meiqia_search.privacy.context import before
from meiqia_search.privacy.found import Found

_SAYS = r"[号码是为：: ]{0,4}"
_PASSPORT = re.compile(
    rf"[护Pp](?:(?<=护)照|(?<!护)(?i:assport))(?:号码?|(?i: ?no\.?| number))?{_SAYS}"
    "(?P<own>[A-Za-z][A-Za-z]?[0-9]{7,8})(?![A-Za-z0-9])"
)
_PLATE = re.compile(
    "(?P<own>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
    "[A-HJ-NP-Za-hj-np-z][·•. -]?(?=[A-HJ-NP-Za-hj-np-z]{0,4}[0-9])"
    "[A-HJ-NP-Za-hj-np-z0-9]{4,5}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳])"
    "(?![A-Za-z0-9])"
)
_WECHAT = re.compile(
    r"[微薇威VvWw](?:(?<=[微薇威v])信|(?<=[VvWw])[Xx](?!id_)|(?<=[Ww])(?i:echat|eixin))"
    r"(?P<says>(?:号码?|(?i: ?id))?[账帐号码是为加我：: ]{0,4})(?P<own>[A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_-])"
)
_WECHAT_ID = re.compile("(?P<own>wxid_[a-z0-9]{6,24})(?![A-Za-z0-9_-])")
_QQ = re.compile(rf"[Qq扣](?:(?<=扣)扣|(?<!扣)[Qq])(?:号码?)?{_SAYS}(?P<own>[1-9][0-9]{{4,10}})(?![0-9])")
_IP = re.compile(r"[0-9](?<![0-9.][0-9])[0-9]{0,2}\.(?:[0-9]{1,3}\.){2}[0-9]{1,3}(?![0-9.])")
_IP_WORDS = re.compile(r"(?i:ip)|登录|登陆|服务器|网络地址")
_VERSION_WORDS = re.compile(r"(?i:v|ver|version|build|release)[:： .]?$|版本|固件|升级|更新")


"""The first character of each pattern is one of few: so ``re`` runs quickly over everything else."""


def accounts(text: str) -> Iterator[Found]:
    """Every such value."""
    yield from _owned(_PASSPORT, Personal.PASSPORT, text)
    yield from _owned(_QQ, Personal.ACCOUNT, text)
    yield from _wechat(text)
    yield from _owned(_WECHAT_ID, Personal.ACCOUNT, text)
    yield from _owned(_PLATE, Personal.PLATE, text)
    for match in _IP.finditer(text):
        if _is_network_address(match[0], before(text, match.start(), 12)):
            yield Found(match.start(), match.end(), Personal.IP, match[0])


def _owned(pattern: re.Pattern[str], kind: Personal, text: str) -> Iterator[Found]:
    for match in pattern.finditer(text):
        yield Found(match.start("own"), match.end("own"), kind, match["own"])


def _wechat(text: str) -> Iterator[Found]:
    """Without a word like 号, only what is no ordinary word."""
    for match in _WECHAT.finditer(text):
        if match["says"] or any(char in "0123456789_-" for char in match["own"]):
            yield Found(match.start("own"), match.end("own"), Personal.ACCOUNT, match["own"])


def _is_network_address(value: str, words: str) -> bool:
    """A version number looks alike: without a word for it, only what is too long for one."""
    if any(int(part) > 255 for part in value.split(".")):
        return False
    if _IP_WORDS.search(words):
        return True
    return len(value) >= 11 and not _VERSION_WORDS.search(words)
