"""Every query that the documents, the help and the pages show finds something in the demo company."""

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from meiqia_search import clock
from meiqia_search.aggregations.metrics import measured
from meiqia_search.channels.demo import company, conversations
from meiqia_search.clock import Instant
from meiqia_search.errors import BadRequest
from meiqia_search.query import box, days
from meiqia_search.query.meaning import Subject, matches
from meiqia_search.query.names import NoNames

ROOT = Path(__file__).parents[2]
UNTIL = clock.parse("2026-11-22 15:00:00") or Instant(0)
OTHERWISE = {"字段:值", "渠道:不存在", "手机:13800000000", "邮箱:lily@example.com", "身份证:11010519491231002X"}
"""What is no example of something that is found."""
SPAN = re.compile(r"`([^`\n]+)`")


class Staff(NoNames):
    """The demo company's people."""

    def ids(self, field: str, word: str) -> tuple[str, ...]:
        known = company().groups if field == "group" else company().agents if field in {"agent", "owner"} else ()
        return tuple(each.id for each in known if each.name == word)


@cache
def demo() -> tuple[Subject, ...]:
    return tuple(Subject(measured(each)) for each in conversations(3000, 1, UNTIL))


def documented() -> Iterator[str]:
    """Of the spans of code in the page about queries: those with a value behind a label, those in the first table,
    and all kinds of times.
    """
    text = (ROOT / "docs/query-syntax.md").read_text("utf-8").replace(r"\|", "|")
    overview, rest = text.split("## 词和原话")
    signs = {"OR", "*"}
    yield from (span for span in SPAN.findall(overview.split("|---|---|")[1].split("例：")[0]) if span not in signs)
    yield from (span for span in SPAN.findall(rest) if re.match(r"\w+:[^\s/…]", span) and span not in OTHERWISE)
    times = rest.split("## 时间")[1].split("例：")[0]
    yield from (f"时间:{span}" for span in SPAN.findall(times) if is_time(span) and not span.startswith("="))


def is_time(span: str) -> bool:
    try:
        days.stretch(span, UNTIL)
    except BadRequest:
        return False
    return True


def shown() -> Iterator[str]:
    """In the READMEs, the help of the command and the pages."""
    for name in ("README.md", "README.zh-CN.md"):
        yield from re.findall(r"meiqia-search search '([^']+)'", (ROOT / name).read_text("utf-8"))
    source = (ROOT / "src/meiqia_search/cli/find.py").read_text("utf-8")
    yield from re.findall(r"例：(.+?)'", source)
    page = (ROOT / "src/meiqia_search/web/templates/base.html").read_text("utf-8")
    syntax = page.split('id="syntax"')[1].split("</div>")[0]
    yield from map(unescape, re.findall("<dt>([^<]+)</dt>", syntax))
    [placeholder] = re.findall('placeholder="搜索对话内容，或 ([^"]+)"', page)
    yield placeholder


EXAMPLES = sorted({*documented(), *shown()} - OTHERWISE)


def test_the_examples_were_found() -> None:
    assert len(EXAMPLES) > 60
    assert {"退款 | 换货", "组:售后组", "时间:近7天", "客服说:抱歉", "首响:>3分钟"} <= set(EXAMPLES)


@pytest.mark.parametrize("query", EXAMPLES)
def test_every_example_finds_something(query: str) -> None:
    where = box.parse(query, Staff(), UNTIL)
    assert any(matches(where, subject) for subject in demo())
