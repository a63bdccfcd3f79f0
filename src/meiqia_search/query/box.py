"""The search box: a small bounded grammar between what people type and a filter.

    query   = either               either  = all { ("|" | "OR") all }
    all     = term { term }        term    = "-" term | "(" either ")" | "*" | label ":" values | quoted | run

Reading goes over the text once; nesting is counted, never left to Python's stack.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias, assert_never

from meiqia_search import fields
from meiqia_search.clock import Instant
from meiqia_search.conversation import SPEAKER_LABELS, Speaker
from meiqia_search.errors import LimitExceeded, QuerySyntaxError, UnknownField
from meiqia_search.fields import TEXT_FIELDS, WORDS
from meiqia_search.query import condition
from meiqia_search.query.canonical import canonical
from meiqia_search.query.condition import SAFE, Item, quote, word_for
from meiqia_search.query.filter import (
    DEPTH,
    EVERYTHING,
    TEXT_LENGTH,
    And,
    Filter,
    Has,
    Name,
    Not,
    Or,
    Range,
    Term,
    Text,
    within_limits,
)
from meiqia_search.query.names import Vocabulary

Leaf: TypeAlias = Term | Range | Has | Name | Text

_QUOTES = {'"': '"', "＂": "＂", "“": "”", "「": "」"}
_STOPS = r"\s\"＂“”「」()（）|｜"
_END = rf"(?=$|[{_STOPS}])"
_SIGNS = re.compile(
    rf"(?P<open>[(（])|(?P<close>[)）])|(?P<either>[|｜]|OR{_END})|(?P<without>[-－](?=\S))|(?P<all>[*＊]{_END})"
)
_SPACES = re.compile(r"\s*")
_RUN = re.compile(rf"(?:\\.|[^{_STOPS}\\]|\\$)+", re.DOTALL)
_ITEM = re.compile(rf"(?:\\.|[^{_STOPS},，\\]|\\$)+", re.DOTALL)
_COMMA = re.compile("[,，]")
_SPECIAL = rf"[{_STOPS}\\,，:：*＊－-]"
_ESCAPED = re.compile(rf"\\({_SPECIAL})")
_QUOTED = {
    opening: re.compile(rf"{opening}((?:\\.|[^{closing}\\])*){closing}", re.DOTALL)
    for opening, closing in _QUOTES.items()
}
_ESCAPED_QUOTE = re.compile(r"\\([\"＂“”「」\\])")
_DIGIT = re.compile("[0-9]")
UNTYPABLE = re.compile("[\0\ud800-\udfff]")

_AGENT = SPEAKER_LABELS[Speaker.AGENT]
_SPEAKERS: dict[str, Speaker] = {label: speaker for speaker, label in SPEAKER_LABELS.items() if label != _AGENT}
_SPEAKERS |= {f"{label}说": speaker for speaker, label in SPEAKER_LABELS.items()}
_SPEAKERS |= {word: Speaker.NOTE for word, field in WORDS.items() if field.name in TEXT_FIELDS}
_ANY_WORDS = "包含"
_HAS = "有"
_LACKS = "无"
_LABEL = re.compile(
    f"({'|'.join(map(re.escape, {*WORDS, *_SPEAKERS, _AGENT, _ANY_WORDS, _HAS, _LACKS}))})[:：]", re.IGNORECASE
)


def parse(query: str, names: Vocabulary, now: Instant) -> Filter:
    """What the person asks for, in canonical shape; nothing but white space asks for everything.

    A single word with a digit that is the id of a conversation asks for that conversation.

    Raises:
        QuerySyntaxError: names the place.
        LimitExceeded: names the limit.
        BadValue, UnknownField: a value does not fit its field, or a field does not exist.
    """
    if len(query) > TEXT_LENGTH:
        raise LimitExceeded(f"查询最多 {TEXT_LENGTH} 字，这里有 {len(query)} 字。", limit=TEXT_LENGTH)
    if unfit := UNTYPABLE.search(query):
        raise _mistake("这里有一个不能搜索的字符，请删除", unfit.start())
    tokens = list(_Reader(query, names, now).tokens())
    where = within_limits(canonical(_Parser(tokens).query())) if tokens else EVERYTHING
    word = _lone(where)
    known = names.ids("id", word) if word and word == query.strip() else ()
    return Term("id", known) if known else where


def _lone(where: Filter) -> str:
    """The word that could be an id, if the filter is one: ids have a digit. Else nothing."""
    match where:
        case Text(words, None, False) if _DIGIT.search(words):
            return words
        case _:
            return ""


def _mistake(what: str, at: int) -> QuerySyntaxError:
    return QuerySyntaxError(f"第 {at + 1} 个字：{what}。", position=at + 1)


class _Token(NamedTuple):
    """A sign by its name in :data:`_SIGNS`, or a condition."""

    sign: str
    at: int
    part: Filter = EVERYTHING


class _Reader:
    """Cuts the query into signs and conditions."""

    def __init__(self, query: str, names: Vocabulary, now: Instant) -> None:
        self.query = query
        self.names = names
        self.now = now
        self.at = 0

    def tokens(self) -> Iterator[_Token]:
        while self._skip(_SPACES) and self.at < len(self.query):
            at = self.at
            if sign := self._skip(_SIGNS):
                yield _Token(str(sign.lastgroup), at)
            elif label := self._skip(_LABEL):
                yield _Token("", at, self._labelled(label[1]))
            else:
                yield _Token("", at, self._text())

    def _skip(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.query, self.at)
        self.at = found.end() if found else self.at
        return found

    def _text(self) -> Filter:
        char = self.query[self.at]
        if char in _QUOTES:
            return Text(self._quoted(), exact=True)
        if char in "-－":
            raise _mistake("减号后面要紧跟要排除的内容；要搜索减号本身，请加引号", self.at)
        if char in _QUOTES.values():
            raise _mistake(f"多了一个“{char}”", self.at)
        return Text(self._run(_RUN))

    def _quoted(self) -> str:
        opening = self.query[self.at]
        found = self._skip(_QUOTED[opening])
        if not found:
            raise _mistake(f"引号 {opening} 没有配对的 {_QUOTES[opening]}", self.at)
        return _ESCAPED_QUOTE.sub(r"\1", found[1])

    def _run(self, pattern: re.Pattern[str]) -> str:
        found = self._skip(pattern)
        return _ESCAPED.sub(r"\1", found[0]) if found else ""

    def _labelled(self, label: str) -> Filter:
        word = label.casefold()
        if word == _HAS:
            return self._has(label)
        if word == _LACKS:
            return Not(self._has(label))
        if word == _ANY_WORDS:
            return Text(self._item(label, _RUN).text)
        if word == _AGENT:
            return self._by_agent(label)
        if word in _SPEAKERS:
            return self._said(label, _SPEAKERS[word])
        return condition.read(WORDS[word], self._items(label), self.names, self.now)

    def _has(self, label: str) -> Filter:
        word = self._item(label, _ITEM).text
        field = WORDS.get(word.casefold())
        if field is None:
            raise UnknownField(f"“{label}:”后面应是字段名，没有名为“{word[:40]}”的字段；要搜索这几个字，请加引号。")
        return Has(field.name)

    def _said(self, label: str, speaker: Speaker) -> Text:
        item = self._item(label, _RUN)
        return Text(item.text, speaker, exact=item.quoted)

    def _by_agent(self, label: str) -> Filter:
        """Who answered, if one of the names is an agent's; quoted, what agents said; else either, read again."""
        start = self.at
        items = self._items(label)
        known = [() if item.quoted else self.names.ids("agent", item.text) for item in items]
        answered = Term(
            "agent", tuple(each for item, ids in zip(items, known, strict=True) for each in ids or (item.text,))
        )
        if any(known):
            return answered
        self.at = start
        said = self._said(label, Speaker.AGENT)
        return said if said.exact else Or((answered, said))

    def _items(self, label: str) -> list[Item]:
        items = [self._item(label, _ITEM)]
        while self._skip(_COMMA):
            items.append(self._item(label, _ITEM))
        return items

    def _item(self, label: str, pattern: re.Pattern[str]) -> Item:
        start = self.at
        quoted = self.query[start : start + 1] in _QUOTES
        text = self._quoted() if quoted else self._run(pattern)
        if not text:
            raise _mistake(f"“{label}:”后面缺少内容；请不留空格紧跟着写，要搜索这几个字本身请加引号", start)
        return Item(text, quoted)


class _Parser:
    """Puts signs and conditions together."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self.tokens = tokens
        self.next = 0

    def query(self) -> Filter:
        where = self._either(0)
        if self.next < len(self.tokens):
            raise _mistake("多了一个右括号", self.tokens[self.next].at)
        return where

    def _sees(self, *signs: str) -> bool:
        return self.next < len(self.tokens) and self.tokens[self.next].sign in signs

    def _either(self, level: int) -> Filter:
        parts = [self._all(level)]
        while self._sees("either"):
            self.next += 1
            parts.append(self._all(level))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self, level: int) -> Filter:
        parts: list[Filter] = []
        while self.next < len(self.tokens) and not self._sees("either", "close"):
            parts.append(self._term(level))
        if not parts:
            raise self._empty()
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _empty(self) -> QuerySyntaxError:
        ended = self.next >= len(self.tokens)
        at = self.tokens[-1 if ended else self.next].at
        return _mistake("这里缺少条件：括号里不能空着，“|”两边都要有内容", at)

    def _term(self, level: int) -> Filter:
        token = self.tokens[self.next]
        self.next += 1
        if token.sign == "":
            return token.part
        if token.sign == "all":
            return EVERYTHING
        if level == DEPTH:
            raise LimitExceeded(f"括号和减号最多嵌套 {DEPTH} 层。", limit=DEPTH)
        return self._without(token, level) if token.sign == "without" else self._group(token, level)

    def _without(self, minus: _Token, level: int) -> Filter:
        if self.next >= len(self.tokens) or self._sees("either", "close"):
            raise _mistake("减号后面要紧跟要排除的内容", minus.at)
        return Not(self._term(level + 1))

    def _group(self, opening: _Token, level: int) -> Filter:
        if self.next >= len(self.tokens):
            raise _mistake("这个括号没有配对的右括号", opening.at)
        where = self._either(level + 1)
        if not self._sees("close"):
            raise _mistake("这个括号没有配对的右括号", opening.at)
        self.next += 1
        return where


# -------------------------------------------------------------------------------------------------------- writing


def render(where: Filter) -> str:
    """The filter as one would type it: :func:`parse` reads its canonical shape back, if it is short enough."""
    where = canonical(where)
    if word := _lone(where):
        return f"{_ANY_WORDS}:{quote(word)}"  # never an id
    return "" if where == EVERYTHING else _written(where)


def _written(where: Filter) -> str:
    match where:
        case And(parts):
            return " ".join(_grouped(part) if isinstance(part, Or) else _written(part) for part in parts) or "*"
        case Or(parts):
            return " | ".join(_written(part) for part in parts) or "-*"
        case Not(Has(name)):
            return f"{_LACKS}:{word_for(fields.get(name))}"
        case Not(part):
            return f"-{_grouped(part)}"
        case _:
            return _condition(where)


def _condition(leaf: Leaf) -> str:
    match leaf:
        case Has(name):
            return f"{_HAS}:{word_for(fields.get(name))}"
        case Name(name):
            return condition.write_name(fields.get(name), leaf)
        case Term(name):
            return condition.write_term(fields.get(name), leaf)
        case Range(name):
            return condition.write_range(fields.get(name), leaf)
        case Text():
            return _text(leaf)
        case _:
            assert_never(leaf)


def _grouped(where: Filter) -> str:
    written = _written(where)
    return f"({written})" if isinstance(where, And | Or) and where.parts else written


def _text(text: Text) -> str:
    if text.speaker is None:
        if text.exact:
            return quote(text.words)
        bare = SAFE.fullmatch(text.words) and text.words != "OR"
        return text.words if bare else f"{_ANY_WORDS}:{quote(text.words)}"
    if text.exact:
        return f"{SPEAKER_LABELS[text.speaker]}:{quote(text.words)}"
    label = SPEAKER_LABELS[text.speaker]
    words = re.sub(f"({_SPECIAL})", r"\\\1", text.words)
    return f"{label}说:{words}" if text.speaker is Speaker.AGENT else f"{label}:{words}"
