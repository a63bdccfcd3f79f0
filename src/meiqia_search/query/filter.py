"""What can be asked of one conversation: an immutable, hashable tree that cannot be built wrong."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeAlias

from meiqia_search import fields
from meiqia_search.conversation import Speaker
from meiqia_search.errors import BadValue, LimitExceeded
from meiqia_search.fields import Kind, Value
from meiqia_search.privacy.fingerprint import is_fingerprint
from meiqia_search.text.normalise import fold
from meiqia_search.text.sounds import squeezed
from meiqia_search.text.words import needles

TEXT_LENGTH = 256
WORDS = 32
DEPTH = 5
_HALVES = re.compile("[\ud800-\udfff]")
FILTERS = 20
VALUES = 100
TEXT = "text"
"""Under this name :func:`reads` reports that a filter looks into what was said."""


@dataclass(frozen=True, slots=True)
class Term:
    """The field has one of these values: of a field that is ``exact``, their fingerprints, so no filter holds one."""

    field: str
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        field = fields.get(self.field)
        if field.kind is Kind.TEXT:
            raise BadValue(f"“{field.label}”是文字，请直接搜索其中的内容。")
        if field.by_sound:
            raise BadValue(f"“{field.label}”按其中的字、拼音或首字母查找：{field.label}:张。")
        if not self.values:
            raise BadValue(f"“{field.label}”至少要有一个值。")
        checked = {field.check(value) for value in self.values}
        if field.exact and not all(is_fingerprint(str(value)) for value in checked):
            raise BadValue(f"要按“{field.label}”查找，请在搜索框里写 {field.label}:完整的值；链接和条件里不写。")
        object.__setattr__(self, "values", tuple(sorted(checked, key=lambda value: (str(type(value)), value))))


@dataclass(frozen=True, slots=True)
class Range:
    """The field's value is at least one bound and below the other; a missing bound is open."""

    field: str
    at_least: int | None = None
    below: int | None = None

    def __post_init__(self) -> None:
        field = fields.get(self.field)
        if field.kind not in {Kind.NUMBER, Kind.TIME}:
            raise BadValue(f"“{field.label}”没有大小，不能按范围查。")
        if self.at_least is None and self.below is None:
            raise BadValue(f"“{field.label}”的范围至少要有一端。")
        for bound in (self.at_least, self.below):
            if bound is not None:
                field.check(bound)


@dataclass(frozen=True, slots=True)
class Has:
    """The field has a value."""

    field: str

    def __post_init__(self) -> None:
        fields.get(self.field)


@dataclass(frozen=True)
class Text:
    """Something was said, by the speaker if one is named.

    ``exact``: the words as one contiguous piece of one message. Otherwise the words are cut, and each occurs as a piece
    of some message. Both are compared folded.
    """

    words: str
    speaker: Speaker | None = None
    exact: bool = False

    def __post_init__(self) -> None:
        if not self.words:
            raise BadValue("要搜索的文字不能为空。")
        if _HALVES.search(self.words):
            raise BadValue("要搜索的文字里有不完整的字符，请重新输入。")
        if len(self.words) > TEXT_LENGTH:
            raise LimitExceeded(f"要搜索的文字最多 {TEXT_LENGTH} 字，这里有 {len(self.words)} 字。")

    @cached_property
    def needles(self) -> tuple[str, ...]:
        """The folded pieces that must occur."""
        folded = fold(self.words)
        if self.exact:
            return (folded,)
        return needles(folded.strip() or folded, most=WORDS)


@dataclass(frozen=True)
class Name:
    """A name has this in it: as it is written, in pinyin, or by its initials. Compared folded and without blanks."""

    field: str
    words: str

    def __post_init__(self) -> None:
        field = fields.get(self.field)
        if not field.by_sound:
            raise BadValue(f"“{field.label}”不是姓名，不能按读音查找。")
        if _HALVES.search(self.words) or not self.needle:
            raise BadValue(f"要查找的{field.label}里至少要有一个字。")
        if len(self.words) > TEXT_LENGTH:
            raise LimitExceeded(f"要查找的{field.label}最多 {TEXT_LENGTH} 字，这里有 {len(self.words)} 字。")

    @cached_property
    def needle(self) -> str:
        """What must occur in one of its spellings."""
        return squeezed(self.words)


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts hold; of none: everything."""

    parts: "tuple[Filter, ...]" = ()


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of the parts holds; of none: nothing."""

    parts: "tuple[Filter, ...]" = ()


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Filter"


Filter: TypeAlias = Term | Range | Has | Name | Text | And | Or | Not

EVERYTHING = And()
NOTHING = Or()


class Reads(Protocol):
    """Every request says which fields it looks at, so that a scope can refuse it."""

    @property
    def where(self) -> Filter:
        """What it asks."""
        ...

    def reads(self) -> frozenset[str]:
        """Names of fields, and :data:`TEXT`."""
        ...

    def sorts(self) -> frozenset[str]:
        """Those among them that the answer is ordered by."""
        ...


def leaves(where: Filter) -> Iterator[Term | Range | Has | Name | Text]:
    """The conditions of a filter, in order."""
    match where:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield where


def reads(where: Filter) -> frozenset[str]:
    """The fields a filter looks at."""
    return frozenset(TEXT if isinstance(leaf, Text) else leaf.field for leaf in leaves(where))


def both(*parts: Filter) -> Filter:
    """All of the parts, flattened; one part alone stands for itself."""
    flat: list[Filter] = []
    for part in parts:
        flat += part.parts if isinstance(part, And) else (part,)
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def replaced(where: Filter, leaf: Filter, other: Filter) -> Filter:
    """The filter with another condition in place of one."""
    match where:
        case And(parts):
            return And(tuple(replaced(part, leaf, other) for part in parts))
        case Or(parts):
            return Or(tuple(replaced(part, leaf, other) for part in parts))
        case Not(part):
            return Not(replaced(part, leaf, other))
        case _:
            return other if where == leaf else where


def depth(where: Filter) -> int:
    """How deep the filter is nested; a condition is 0."""
    match where:
        case And(parts) | Or(parts):
            return 1 + max((depth(part) for part in parts), default=0)
        case Not(part):
            return 1 + depth(part)
        case _:
            return 0


def within_limits(where: Filter) -> Filter:
    """The filter, if a person may ask it (DESIGN: 20 filters of 100 values, 32 words, depth 5).

    Raises:
        LimitExceeded: names the limit.
    """
    conditions = list(leaves(where))
    words = sum(len(leaf.needles) for leaf in conditions if isinstance(leaf, Text))
    filters = sum(not isinstance(leaf, Text) for leaf in conditions)
    most = max((len(leaf.values) for leaf in conditions if isinstance(leaf, Term)), default=0)
    for what, have, limit in (
        ("嵌套层数", depth(where), DEPTH),
        ("搜索词", words, WORDS),
        ("筛选条件", filters, FILTERS),
        ("一个条件的取值", most, VALUES),
    ):
        if have > limit:
            raise LimitExceeded(f"{what}最多 {limit} 个，这里有 {have} 个。", limit=limit)
    return where
