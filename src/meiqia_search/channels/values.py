"""Raw values as sources write them → values as fields hold them."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping

from meiqia_search import clock
from meiqia_search.errors import BadConversation, BadValue
from meiqia_search.fields import FIELDS, YES_NO, Field, Kind, Value

REPLACEMENT = "\ufffd"
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_NOTHING = frozenset({"", "-", "--", "/", "null", "none", "nan", "n/a", "#n/a", "undefined", "无", "空"})
_NO_TIME = re.compile(r"0000[-/]00[-/]00.*|0|-")
_SEPARATORS = re.compile(r"[,，、;；|\n]")
_NUMBER = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)\s*(?:秒|条|次|个|s)?")
_CLOCK = re.compile(r"([0-9]+):([0-9]{2}):([0-9]{2})")
_LENGTH = re.compile(
    r"(?:([0-9]+)\s*天)?\s*(?:([0-9]+)\s*小时)?\s*(?:([0-9]+)\s*分钟?)?\s*(?:([0-9]+)\s*秒)?",
)

_YES = ("true", "1", "yes", "y", "t", "有", "有效", "有效对话", "有效会话", "未接", "missed", "effective", "valid")
_NO = ("false", "0", "no", "n", "f", "没有", "无效", "无效对话", "无效会话", "已接", "ineffective", "invalid")
_CHANNEL_SPELLINGS = {
    "web": (
        "网站", "pc", "h5", "wap", "mobile_web", "website", "web_chat", "webchat", "pc_web", "网页插件", "聊天链接",
    ),
    "wechat": (
        "weixin", "wx", "微信公众号", "公众号", "微信小程序", "小程序", "mini_program", "miniprogram", "wechat_mini",
        "weixin_mini", "wechat_official", "企业微信", "wework", "wxwork", "work_wechat", "微信客服",
    ),
    "weibo": ("sina_weibo", "sinaweibo", "新浪微博"),
    "app": ("sdk", "ios", "android", "安卓", "apicloud", "dcloud", "flutter", "mobile_app"),
    "email": ("mail", "e-mail", "邮箱", "电子邮件"),
    "phone": ("tel", "telephone", "call", "cdr", "热线", "呼叫中心", "电话客服"),
}  # fmt: skip
_MORE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "channel": _CHANNEL_SPELLINGS,
    "rating": {
        "poor": ("bad", "差", "不满意", "非常不满意", "很不满意"),
        "fair": ("medium", "neutral", "中", "一般"),
        "good": ("great", "好", "满意", "非常满意", "很满意"),
    },
    "outcome": {"resolved": ("解决", "solved"), "unresolved": ("没解决", "unsolved")},
}


def clean(text: str) -> str:
    """The text without what cannot be stored: control characters but tab and line ends, and halves of pairs, are �."""
    return _UNWANTED.sub(REPLACEMENT, text) if _UNWANTED.search(text) else text


def text_of(raw: object) -> str:
    """A number or text as clean text without surrounding blanks; '' for nothing and for everything else."""
    if isinstance(raw, str):
        return (_UNWANTED.sub(REPLACEMENT, raw) if _UNWANTED.search(raw) else raw).strip()
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float):
        return _float_text(raw)
    if isinstance(raw, int):
        return _int_text(raw)
    return ""


def _float_text(number: float) -> str:
    if not math.isfinite(number):
        return ""
    return str(int(number)) if number.is_integer() else repr(number)


def _int_text(number: int) -> str:
    if abs(number) >= 10**100:
        raise BadValue("数字太大，不是编号也不是数量。")
    return str(number)


def _spellings(field: Field) -> dict[str, str]:
    spelled = {word.casefold(): value for value, label in field.labels.items() for word in (value, label)}
    for value, words in _MORE.get(field.name, {}).items():
        spelled |= {word.casefold(): value for word in words}
    if field.labels is YES_NO:
        spelled |= dict.fromkeys(_YES, "yes") | dict.fromkeys(_NO, "no")
    return spelled


_SPELLINGS = {name: _spellings(field) for name, field in FIELDS.items() if field.labels}


def read(field: Field, raw: object) -> tuple[Value, ...]:
    """What a source wrote, as values of the field; nothing for nothing.

    Raises:
        BadValue: it is a time or number that cannot be read.
    """
    if isinstance(raw, str) and field.kind is Kind.KEYWORD and not field.many:  # the usual case, a little faster
        word = _word(field, text_of(raw))
        return () if word is None else (word,)
    return tuple(value for part in _parts(field, raw) if (value := _one(field, part)) is not None)


def _parts(field: Field, raw: object) -> Iterable[object]:
    if isinstance(raw, list | tuple):
        return [part.get("name") if isinstance(part, Mapping) else part for part in raw]
    if field.many and isinstance(raw, str):
        return _SEPARATORS.split(raw)
    return (raw,)


def _one(field: Field, raw: object) -> Value | None:
    match field.kind:
        case Kind.TIME:
            return instant(raw)
        case Kind.NUMBER:
            return number(field, raw)
        case Kind.TEXT | Kind.KEYWORD:
            return _word(field, text_of(raw))


def _word(field: Field, text: str) -> str | None:
    folded = text.casefold()
    if folded in _NOTHING:
        return None
    return _SPELLINGS[field.name].get(folded, text) if field.labels else text


def instant(raw: object) -> int | None:
    """The instant, or ``None`` for nothing (``0000-00-00`` is how some databases write nothing).

    Raises:
        BadValue: it is not a time.
    """
    if raw is None:
        return None
    if isinstance(raw, str):
        raw = clean(raw).strip()
        if raw.casefold() in _NOTHING or _NO_TIME.fullmatch(raw):
            return None
    return clock.parse(raw) if raw != 0 else None


def number(field: Field, raw: object) -> int | None:
    """A count, or a time span in seconds also as ``00:26:07`` or ``26 分 07 秒``.

    Raises:
        BadValue: it is no number.
    """
    text = text_of(raw)
    if text.casefold() in _NOTHING:
        return None
    if plain := _NUMBER.fullmatch(text):
        return round(float(plain[1])) if "." in plain[1] else int(plain[1])
    if span := _CLOCK.fullmatch(text):
        return _seconds((None, *span.groups()))
    if span := _LENGTH.fullmatch(text):
        return _seconds(span.groups())
    raise BadValue(f"“{field.label}”应为数字，这里是“{text[:40]}”。")


def _seconds(parts: tuple[str | None, ...]) -> int:
    days, hours, minutes, seconds = (int(part or 0) for part in parts)
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def entries(payload: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """The messages of a conversation, still raw; nothing for a missing or empty list.

    Raises:
        BadConversation: it is no list of objects.
    """
    raw = payload.get("messages")
    if raw is not None and not isinstance(raw, list):
        raise BadConversation("messages 应为列表。")
    for entry in raw or ():
        if not isinstance(entry, Mapping):
            raise BadConversation("messages 里的每一条都应为对象：{…}。")
        yield entry
