"""Postal addresses in a plain text: a road or estate with a number, and the places named before it."""

import re
from collections.abc import Iterator

from meiqia_search.fields import Personal
from meiqia_search.privacy.context import before
from meiqia_search.privacy.found import Found

_HAN = "\u4e00-\u9fff"
_NUMBER = "[0-9一二三四五六七八九十百]{1,5}(?:-[0-9]{1,5}){0,3}"
_UNIT = "(?:号楼|号院|号|栋|幢|座|弄|单元|室|层|户)"
_ROAD = re.compile(
    f"(?:路|街|大道|道|巷|弄|胡同|村|小区|社区|花园|苑|公寓|大厦|广场|新城|家园)[{_HAN}]{{0,8}}? ?{_NUMBER}{_UNIT}"
)
_GATE = re.compile(f"[0-9一二三四五六七八九十百]{_UNIT}")
_REST = re.compile(
    f"(?:[,，]? ?[{_HAN}]{{0,10}}?[0-9一二三四五六七八九十A-Za-z]{{1,5}}{_UNIT}|-?[0-9]{{2,5}}(?![0-9元块件个天]))*"
)
_EDGE = re.compile(
    "[\n\x1e，。！？、；：,.!?;:\\s]|地址是?|住址是?|[寄送][到至往]?|发[到至往]|收货到|改成|改为|换成|换到|住在|家在|位于|搬到|[在去到]"
)
_PROVINCE = re.compile(
    "(?:北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州"
    "|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门)(?:省|市|[^\\W\\d]{0,3}自治区|特别行政区)?"
)
_PLACE = re.compile(f"[{_HAN}]{{2,8}}?(?:省|市|区|县|旗|镇|乡)")
_WORDS = re.compile("地址|住址|收货|收件|寄[到至往]|送[到至往]|住在|家在|发[到至往]")
_PUBLIC = re.compile("[号室层]线|出口")


def places(text: str) -> Iterator[Found]:
    """Every postal address."""
    if not _GATE.search(text):
        return
    end = 0
    for road in _ROAD.finditer(text):
        if road.start() < end:
            continue
        start = _start(text, road.start(), end)
        if start is None or _PUBLIC.match(text, road.end() - 1):
            continue
        rest = _REST.match(text, road.end())
        end = rest.end() if rest else road.end()
        yield Found(start, end, Personal.ADDRESS, text[start:end])


def _start(text: str, road: int, least: int) -> int | None:
    """Where the address of this road begins; none if nothing says that it is one."""
    low = max(road - 36, least)
    window = text[low:road]
    province = _last_province(window)
    if province is not None:
        return low + province
    edges = [each.end() for each in _EDGE.finditer(window)]
    own = edges[-1] if edges else 0
    if _PLACE.search(window, own) or _WORDS.search(before(text, low + own, 12)):
        return low + own if edges or low == 0 or own else max(low, road - 12)
    return None


def _last_province(window: str) -> int | None:
    """Where the last run of places that begins with a province begins, if nothing ends it."""
    for province in _PROVINCE.finditer(window):
        if not re.search("[\n\x1e。！？；;!?]", window[province.end() :]):
            return province.start()
    return None
