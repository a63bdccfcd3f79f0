"""What somebody may ask of the audit."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from meiqia_search import clock
from meiqia_search.audit.events import ACTIONS, Action
from meiqia_search.clock import Instant
from meiqia_search.errors import BadValue, LimitExceeded
from meiqia_search.query import days

WORDS_LENGTH = 100
ABOUT = 100
"""So many records at most can be asked about at once."""
OUTCOMES: Mapping[str, bool] = {"ok": False, "failed": True}
"""Whether it failed, by what people write."""
_ENTRIES = re.compile(r"#?([0-9]{1,15})(?:\.\.#?([0-9]{1,15}))?")


@dataclass(frozen=True, slots=True)
class Question:
    """Entries of the log that satisfy all of this; what is empty asks nothing.

    ``people`` are ids of who acted, or whom it was done to. ``about`` are ids of records, of which an entry names one.
    ``since`` ≤ time < ``until``. ``failed`` tells what succeeded from what did not. ``entries`` are the first and
    the last number.

    Raises:
        BadValue: the end is before the start, or a text cannot be searched for.
        LimitExceeded: too many records.
    """

    people: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    about: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    failed: bool | None = None
    words: str = ""
    entries: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise BadValue("开始时间不早于结束时间；请把早的写在前面。")
        if len(self.words) > WORDS_LENGTH:
            raise BadValue(f"查找的内容最长 {WORDS_LENGTH} 字。")
        if len(self.about) > ABOUT:
            raise LimitExceeded(f"一次最多追查 {ABOUT} 条记录。")
        for text in (*self.people, *self.about, self.words):
            if "\0" in text or not text.isprintable():
                raise BadValue("要查找的内容里有不能显示的字符；请检查后重试。")


def read(  # noqa: PLR0913 - the parts of a question
    now: Instant,
    people: Sequence[str] = (),
    actions: Sequence[str] = (),
    about: Sequence[str] = (),
    when: str = "",
    outcome: str = "",
    words: str = "",
    entries: str = "",
) -> Question:
    """The question that a person wrote.

    Actions and outcomes are named, ``when`` is as in the search box, ``entries`` is ``7`` or ``7..9``.

    Raises:
        BadValue, LimitExceeded
    """
    for action in actions:
        if action not in ACTIONS:
            raise BadValue(f"没有名为“{action[:40]}”的动作；可以是 {'、'.join(ACTIONS)}。", field="action")
    if outcome and outcome not in OUTCOMES:
        raise BadValue("结果应为 ok（成功）或 failed（未成功）。", field="outcome")
    since, until = days.stretch(when, now) if when else (None, None)
    return Question(
        tuple(people),
        tuple(ACTIONS[each] for each in actions),
        tuple(about),
        since,
        until,
        OUTCOMES.get(outcome),
        words,
        _numbers(entries) if entries else None,
    )


def _numbers(text: str) -> tuple[int, int]:
    found = _ENTRIES.fullmatch(text.strip())
    if found is None:
        raise BadValue("序号应形如 1200 或 1200..1260。", field="entries")
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first:
        raise BadValue("序号的起点大于终点；请把小的写在前面。", field="entries")
    return first, last


def sentence(question: Question) -> str:
    """The question in words; records are named beside it."""
    return "，".join(_parts(question)) or "全部"


def _parts(question: Question) -> Iterator[str]:
    if question.people:
        yield f"人员 {'、'.join(question.people)}"
    if question.actions:
        yield f"动作 {'、'.join(each.label for each in question.actions)}"
    if question.about:
        yield f"涉及 {len(question.about)} 条记录"
    if question.since is not None or question.until is not None:
        ends = ("" if each is None else clock.show(each) for each in (question.since, question.until))
        yield f"时间 {'..'.join(ends)}"
    if question.failed is not None:
        yield "未成功" if question.failed else "成功"
    if question.entries:
        yield f"序号 {'..'.join(dict.fromkeys(map(str, question.entries)))}"
    if question.words:
        yield f"包含“{question.words}”"
