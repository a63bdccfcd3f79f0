"""Numbers of people in a plain text: mobile, landline, ID card, bank card."""

import re
from collections.abc import Iterator
from datetime import date

from meiqia_search.fields import Personal
from meiqia_search.privacy.context import before
from meiqia_search.privacy.found import Found

_GAP = r"[ \-‐-―−_.·•・~/,，、|]"
_SEPARATOR = _GAP + "{0,3}"
_WORDS = "零〇○ 一壹幺 二贰貳两兩 三叁參叄参 四肆 五伍 六陆陸 七柒 八捌 九玖".split()  # noqa: SIM905 - as one counts
_LETTERS = "OoIl"
_TO_DIGITS = {ord(word): str(digit) for digit, words in enumerate(_WORDS) for word in words}
_TO_DIGITS |= {ord(letter): digit for letter, digit in zip(_LETTERS, "0011", strict=True)}
_NUMERALS = "".join(map(chr, _TO_DIGITS))
_SPOKEN = re.compile(f"[0-9{_NUMERALS}](?:{_SEPARATOR}[0-9{_NUMERALS}]){{10,}}[Xx]?")
_COUNTED = re.compile(f"[{''.join(_WORDS)}]+$")
_MEASURE = re.compile("[个张位条件块家种份天次遍直下起样人十]")
"""Behind a mobile or ID number 一个, 三张, 一直, 二十四小时, … do not belong to it."""
_STRETCH = re.compile(r"[0-9](?:[^0-9\u4e00-\u9fff]{0,3}[0-9]){6,}")
_BEFORE, _BEHIND = 12, 4
"""So far before and behind a stretch of digits belong a word for it, and a final X."""
_NOT_DIGITS = re.compile("[^0-9]+")

_WIDER = rf"(?:{_SEPARATOR}|[\n\t])"
_MOBILE = re.compile(
    rf"(?<![0-9])(?:(?:\+|(?<![A-Za-z])[(（]?\+?)(?:00|0)?86[)）]?{_SEPARATOR}|(?<![A-Za-z])0)?"
    rf"(?P<own>(?:[(（](?=1[0-9]{{2}}[)）]))?1{_WIDER}[3-9]{_WIDER}[0-9][)）]?(?:{_WIDER}[0-9]){{8}})(?![0-9])"
)
_SHAPES = frozenset({
    (11,), (3, 4, 4), (3, 8), (7, 4), (4, 4, 3), (3, 3, 5), (3, 5, 3), (4, 3, 4), (5, 6), (6, 5), (5, 3, 3), (4, 7),
    (3, 3, 3, 2), (3, 4, 2, 2), (3, 2, 2, 2, 2), (2, 3, 3, 3), (3, 2, 3, 3), (2, 2, 2, 2, 2, 1), (1, 2, 2, 2, 2, 2),
    (1,) * 11, (1, 10), (2, 9),
})  # fmt: skip
"""Into which groups people divide a mobile number; other groups are lists of numbers."""
_ABROAD = re.compile(
    r"(?<![0-9])\+(?:852|853|886|1|44|81|82|65|60|61|49|33|66|84|7)[- ](?=(?:[- ]?[0-9]){7,12}(?![0-9]))"
    r"[0-9]{1,5}(?:[- ]?[0-9]{2,6}){1,3}(?![0-9])"
)
_LANDLINE = re.compile(
    r"(?<![0-9])[(（]?(?P<area>010|02[0-9]|0[3-9][0-9]{2})(?P<gap>[)）]?[ \-‐-―]{0,3})"
    r"(?P<own>[2-9][0-9]{2,3}[ -]?[0-9]{4})(?![0-9])"
)
_UUID = re.compile("[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_LETTER = re.compile("[A-Za-z]")
_LOCAL = re.compile(
    r"(?:电话|座机|固话|传真|(?i:tel|fax))[号码是为:：. ]{0,4}(?P<own>(?!400|800)[2-9][0-9]{2,3}-?[0-9]{4})(?![0-9])"
)

_ID_CARD = re.compile(rf"(?<![0-9])(?=(?P<own>[1-8](?:{_SEPARATOR}[0-9]){{16}}{_SEPARATOR}[0-9Xx×])(?![0-9]))")
_OLD_ID_CARD = re.compile(r"(?<![0-9])[1-8][0-9]{14}(?![0-9])")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()  # noqa: SIM905
)
_ID_WORDS = re.compile("身份证|身份號|身份号|证件|(?i:sfz|id ?card)")

_CARD_GAP = r"[ \-‐-―−_.·•・/]{0,3}"
_CARD = re.compile(rf"(?<![0-9])(?=(?P<own>[1-9](?:{_CARD_GAP}[0-9]){{14,18}})(?![0-9]))")
_CARD_WORDS = re.compile("卡号|[行蓄记用资]卡|尾号|开户|银行账[号户]|收款账[号户]|打款|转账到|汇款到|卡[:：]")
_ORDER_WORDS = re.compile(
    "订单|单号|编号|编码|货号|流水|运单|快递|物流|交易|凭证|票号|保单|条码|序列|(?i:imei|sn|sku|order|trace|session|nonce)"
)
_AMOUNT_AFTER = re.compile(
    r" ?(?:[日美欧港澳韩加新]?元(?![旦宵])|圆|円|块钱|[日美]金|英?镑|[\u4e00-\u9fff]{0,2}币|(?i:rmb|cny|usd)"
    r"|万(?=[元块多余人件个份\W]|$)|亿|[件次份台股吨%％]|\.[0-9]{1,2}(?![0-9]))"
)
_AMOUNT_BEFORE = re.compile(
    "(?:[¥￥$€£]|(?:[销放读击览载问产数总]量|人口|总[价额数]|[金余]额|预算|粉丝|市值)[是为达有约:： ]{0,3}"
    "|(?i:sku|s/?n|imei|ean|upc)[:： #]{0,2}) ?$"
)
"""What makes a number of the right length something else."""


def spoken(text: str) -> str:
    """The text with numbers that are written in words (一三八…) as digits; everything stays in its place."""
    return _SPOKEN.sub(_digits_of_run, text)


def _digits_of_run(run: re.Match[str]) -> str:
    letters = sum(run[0].count(letter) for letter in _LETTERS)
    if letters * 2 > len(run[0]):
        return run[0]
    digits = run[0].translate(_TO_DIGITS)
    counted = _COUNTED.search(run[0])
    if counted and _MEASURE.match(run.string, run.end()):
        value = _digits(digits)
        for word in range(1, min(len(value) - 11, len(counted[0]), 2) + 1):
            if _is_whole(value[:-word]):
                return digits[:-word] + run[0][-word:]
    return digits


def _is_whole(value: str) -> bool:
    match len(value):
        case 11:
            return value[0] == "1"
        case 18:
            return _checks(value)
        case 16 | 19:
            return _luhn(value)
        case _:
            return False


def numbers(text: str) -> Iterator[Found]:
    """Every number of a person."""
    yield from _written(text)
    in_digits = spoken(text)
    if in_digits != text:
        yield from _written(in_digits)


def _written(text: str) -> Iterator[Found]:
    for stretch in _STRETCH.finditer(text):
        part = max(stretch.start() - _BEFORE, 0), stretch.end() + _BEHIND
        count, in_a_row = len(_digits(stretch[0])), stretch[0].isdecimal()
        for look, least, longest in LOOKS:
            if count >= least and (count <= longest or not in_a_row):
                yield from look(text, *part)


def _digits(text: str) -> str:
    return _NOT_DIGITS.sub("", text)


# ---------------------------------------------------------------------------------------------------------- ID cards


def _id_cards(text: str, start: int, end: int) -> Iterator[Found]:
    for match in _ID_CARD.finditer(text, start, end):
        last = match["own"][-1]
        value = _digits(match["own"][:-1]) + ("X" if last in "Xx×" else last)
        if _born(value[6:14]) and value[:2] in _PROVINCES and (_checks(value) or _says(_ID_WORDS, text, match.start())):
            yield Found(match.start("own"), match.end("own"), Personal.ID_CARD, value)
    for match in _OLD_ID_CARD.finditer(text, start, end):
        value = match[0]
        if _born("19" + value[6:12]) and value[:2] in _PROVINCES and _says(_ID_WORDS, text, match.start()):
            yield Found(match.start(), match.end(), Personal.ID_CARD, value)


def _born(digits: str) -> bool:
    try:
        return 1880 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year <= 2100
    except ValueError:
        return False


def _checks(value: str) -> bool:
    """The last character is right (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(value[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11] == value[17]


def _says(words: re.Pattern[str], text: str, at: int, width: int = 16) -> bool:
    return words.search(before(text, at, width)) is not None


# -------------------------------------------------------------------------------------------------------- bank cards


def _bank_cards(text: str, start: int, end: int) -> Iterator[Found]:
    for match in _CARD.finditer(text, start, end):
        own = match["own"]
        if not _is_amount(text, match.start(), match.end("own")) and _is_card(own, text, match.start()):
            yield Found(match.start("own"), match.end("own"), Personal.BANK_CARD, _digits(own))


def _is_card(written: str, text: str, at: int) -> bool:
    """By what is said before it, the nearer word deciding; else, or oddly divided, by issuer, length, check digit."""
    value, usual = _digits(written), _is_divided_like_a_card(written)
    words = before(text, at, 16)
    card, order = _last(_CARD_WORDS, words), _last(_ORDER_WORDS, words)
    if card > order and usual:
        return True
    even = usual or len(set(re.split("[0-9]+", written)[1:-1])) == 1
    return even and order <= card and _is_issued(value) and _luhn(value)


def _last(words: re.Pattern[str], text: str) -> int:
    return max((each.start() for each in words.finditer(text)), default=-1)


def _is_issued(value: str) -> bool:
    """UnionPay has 16 to 19 digits, the others a fixed length: most 19-digit numbers are orders."""
    if value.startswith(("60", "62", "65", "69", "9558")):
        return len(value) >= 16
    if value.startswith(("34", "37")):
        return len(value) == 15
    return len(value) == 16 and value[0] in "3456"


def _is_divided_like_a_card(written: str) -> bool:
    sizes = [len(group) for group in re.findall("[0-9]+", written)]
    if len(sizes) == 1 or set(sizes) == {1}:
        return True
    return (set(sizes[:-1]) == {4} and sizes[-1] <= 4) or sizes in ([4, 6, 5], [6, 10], [6, 13])


def _luhn(value: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(value)))
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


# ------------------------------------------------------------------------------------------------------------- phones


def _mobiles(text: str, start: int, end: int) -> Iterator[Found]:
    for match in _MOBILE.finditer(text, start, end):
        if _is_divided_like_a_phone(match["own"]) and not _is_something_else(text, match.start(), match.end()):
            yield Found(match.start(), match.end(), Personal.PHONE, _digits(match["own"]))


def _abroad(text: str, start: int, end: int) -> Iterator[Found]:
    for match in _ABROAD.finditer(text, start, end):
        yield Found(match.start(), match.end(), Personal.PHONE, "+" + _digits(match[0]))


def _is_divided_like_a_phone(written: str) -> bool:
    if len(written) == 11:
        return True
    gaps = [gap for gap in re.split("[0-9]+", written)[1:-1] if gap[0] not in ")）"]
    sizes = tuple(len(group) for group in re.findall("[0-9]+", written))
    if {"\n", "\t"} & set(gaps):
        return sizes == (3, 4, 4)
    return len({gap.strip() for gap in gaps}) == 1 and sizes in _SHAPES


def _is_something_else(text: str, start: int, end: int) -> bool:
    """An amount, or a part of a UUID."""
    if "-" in text[start:end]:
        around = _UUID.finditer(text, max(start - 36, 0), end + 36)
        if any(each.start() < end and each.end() > start for each in around):
            return True
    return _is_amount(text, start, end)


def _is_amount(text: str, start: int, end: int) -> bool:
    lead = text[max(start - 9, 0) : start]
    return _AMOUNT_BEFORE.search(lead) is not None or _AMOUNT_AFTER.match(text, end) is not None


def _landlines(text: str, start: int, end: int) -> Iterator[Found]:
    for match in _LANDLINE.finditer(text, start, end):
        own = _digits(match["own"])
        if (len(match["area"]) == 4 or len(own) == 8) and _is_landline(text, match):
            yield Found(match.start(), match.end(), Personal.LANDLINE, f"{match['area']}-{own}")
    for match in _LOCAL.finditer(text, start, end):
        yield Found(match.start("own"), match.end("own"), Personal.LANDLINE, _digits(match["own"]))


def _is_landline(text: str, match: re.Match[str]) -> bool:
    """Without a gap, a tracking number looks the same."""
    if _is_something_else(text, match.start(), match.end()):
        return False
    if match["gap"]:
        return True
    words = before(text, match.start(), 10)
    return not _LETTER.match(words[-1:]) and not _ORDER_WORDS.search(words)


LOOKS = (
    (_id_cards, 15, 18), (_bank_cards, 15, 19), (_mobiles, 11, 15), (_abroad, 8, 0), (_landlines, 7, 12),
)  # fmt: skip
"""What may stand in a stretch of at least so many digits, or, where nothing divides them, of at most so many."""
