"""Hypothesis strategies for filters, searches and conversations of few distinct values, so that chance hits often."""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from meiqia_search import fields
from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.errors import LimitExceeded
from meiqia_search.fields import FIELDS, NAMES, Field, Kind, Value
from meiqia_search.query.filter import And, Filter, Has, Name, Not, Or, Range, Term, Text, within_limits
from meiqia_search.query.request import Relevance, Search, Sort

NOON = 1_793_505_600_000_000  # 2026-11-01 12:00 in Shanghai
HOUR = 3_600_000_000
SENTENCES = (
    "退款一直没到账",
    "我的退款什么时候能到账?",
    "您好，请问有什么可以帮您",
    "訂單的退款還沒有收到",
    "订单 A-1024 已发货",
    "ＡＢＣ　ｄｅｆ abc DEF",
    "催  一下\t物流\n谢谢",
    "cafe\u0301 café straße ﬁne",
    "好的😀👨‍👩‍👧谢谢",
    "测试",
    "[手机]",
    'C:\\路径 "引号" “中文” (括号)|竖线 -减号 *星',
)
KEYWORDS = ("a1", "a2", "小王", "微信", "wechat", "APP", "售后 一组", '带"引号"', "反\\斜,线", "好评", "-x", "*")
CALLED = (
    "张",
    "三丰",
    "zhang",
    "zsf",
    "Li Lei",
    "lily",
    "欧阳娜娜",
    "ouyang",
    "g",
    " z s ",
    '"',
    "曾",
    "ceng",
    "ｌｌ",
    "no one",
)
PRINTS = tuple(f"{key}:{each * 32}" for key in ("k1", "k12") for each in "0a")
NUMBERS = (0, 1, 5, 59, 60, 600, 3_600, 86_400, -5)

_TYPABLE = st.characters(codec="utf-8", exclude_characters="\0")
_SEARCHED = tuple(
    each for each in FIELDS.values() if (each.searchable or each.exact or each.by_sound) and each.name != "id"
)
_ASKED = tuple(field for field in FIELDS.values() if field.kind is not Kind.TEXT and not field.by_sound)
_ORDERED = tuple(field for field in _ASKED if field.kind is not Kind.KEYWORD)


def texts() -> SearchStrategy[str]:
    """Words to search for: pieces of what is said, anything typable, and the grammar's own signs."""
    return st.one_of(
        _pieces(), st.text(_TYPABLE, min_size=1, max_size=12), st.sampled_from(("OR", "*", "-", "渠道:微信"))
    )


@st.composite
def _pieces(draw: DrawFn) -> str:
    sentence = draw(st.sampled_from(SENTENCES))
    start = draw(st.integers(0, len(sentence) - 1))
    return sentence[start : start + draw(st.integers(1, len(sentence) - start))]


def instants() -> SearchStrategy[int]:
    """Whole days, hours and microseconds around a month."""
    near = st.integers(-40, 40)
    return st.one_of(
        near.map(lambda day: NOON - 12 * HOUR + day * 24 * HOUR),
        near.map(lambda hour: NOON + hour * HOUR),
        near.map(lambda part: NOON + part),
    )


def values(field: Field) -> SearchStrategy[Value]:
    """Values the field can hold, few of them."""
    if field.kind is Kind.TIME:
        return instants()
    if field.kind is Kind.NUMBER:
        return st.sampled_from(NUMBERS)
    if field.by_sound:
        return st.sampled_from(("张三丰", "曾国藩", "Lily Chen", "李雷 Lee", "🙂"))
    return st.sampled_from(PRINTS if field.exact else (*field.labels, *KEYWORDS))


@st.composite
def terms(draw: DrawFn) -> Term:
    field = draw(st.sampled_from(_ASKED))
    return Term(field.name, tuple(draw(st.lists(values(field), min_size=1, max_size=3))))


@st.composite
def ranges(draw: DrawFn) -> Range:
    field = draw(st.sampled_from(_ORDERED))
    bound = st.none() | values(field).filter(lambda value: isinstance(value, int))
    bounds = draw(st.tuples(bound, bound).filter(any_of))
    return Range(field.name, *(int(value) if value is not None else None for value in bounds))


def any_of(bounds: tuple[Value | None, Value | None]) -> bool:
    return bounds != (None, None)


def conditions() -> SearchStrategy[Filter]:
    """One condition of any kind."""
    said = st.builds(Text, texts(), st.none() | st.sampled_from(Speaker), st.booleans())
    has = st.builds(Has, st.sampled_from(tuple(FIELDS)))
    named = st.builds(Name, st.sampled_from(NAMES), st.sampled_from(CALLED))
    return st.one_of(said, said, terms(), ranges(), has, named)


_CONDITIONS = conditions()
_SHAPES = st.sampled_from(("condition", "condition", "and", "or", "not"))


@st.composite
def _trees(draw: DrawFn, depth: int, leaves: SearchStrategy[Filter]) -> Filter:
    shape = draw(_SHAPES) if depth else "condition"
    if shape == "condition":
        return draw(leaves)
    if shape == "not":
        return Not(draw(_trees(depth - 1, leaves)))
    parts = tuple(draw(_trees(depth - 1, leaves)) for _ in range(draw(st.integers(0, 3))))
    return And(parts) if shape == "and" else Or(parts)


def filters(max_depth: int = 3, leaves: SearchStrategy[Filter] = _CONDITIONS) -> SearchStrategy[Filter]:
    """Filters that a person may ask, nested at most so deep (and never deeper than the limit)."""
    return _trees(max_depth, leaves).filter(askable)


def askable(where: Filter) -> bool:
    """Whether the filter is within the limits."""
    try:
        within_limits(where)
    except LimitExceeded:
        return False
    return True


def sorts() -> SearchStrategy[Sort | Relevance]:
    """Every field sort both ways, and by relevance."""
    sortable = st.sampled_from([field.name for field in FIELDS.values() if field.sortable])
    return st.builds(Sort, sortable, st.booleans()) | st.just(Relevance())


def searches(max_depth: int = 3) -> SearchStrategy[Search]:
    """First pages of questions."""
    return st.builds(Search, filters(max_depth), sorts(), st.integers(1, 100))


@st.composite
def messages(draw: DrawFn) -> Message:
    speaker = draw(st.sampled_from([speaker for speaker in Speaker if speaker is not Speaker.NOTE]))
    text = draw(st.sampled_from(SENTENCES) | st.text(_TYPABLE, max_size=12))
    agent = draw(st.sampled_from(("a1", "a2"))) if speaker is Speaker.AGENT else ""
    return Message(speaker, text, at=draw(st.none() | instants()), agent=agent)


def name_of(field: Field) -> str:
    """Fields are told apart by name."""
    return field.name


@st.composite
def facts(draw: DrawFn) -> dict[str, tuple[Value, ...]]:
    """Values for some of the fields; a start is as likely missing as not."""
    found: dict[str, tuple[Value, ...]] = {}
    for field in draw(st.lists(st.sampled_from(_SEARCHED), max_size=8, unique_by=name_of)):
        most = 3 if field.many else 1
        found[field.name] = tuple(draw(st.lists(values(field), min_size=1, max_size=most, unique=True)))
    for name in draw(st.lists(st.sampled_from(fields.TEXT_FIELDS), max_size=2, unique=True)):
        found[name] = (draw(st.sampled_from(SENTENCES)),)
    if draw(st.booleans()):
        found["started_at"] = (draw(instants()),)
    return found


def conversations(ids: SearchStrategy[str] | None = None) -> SearchStrategy[Conversation]:
    """Conversations of up to five messages by several speakers, dated or not."""
    some = st.integers(0, 10_000).map(lambda number: f"c{number}")
    return st.builds(build, ids or some, facts(), st.lists(messages(), max_size=5))
