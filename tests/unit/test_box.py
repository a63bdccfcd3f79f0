"""The grammar of the search box as a table: what is typed, what it asks, and how mistakes are told."""

import re
import time
from datetime import date
from pathlib import Path

import pytest

from meiqia_search import clock
from meiqia_search.clock import Instant
from meiqia_search.conversation import Speaker
from meiqia_search.errors import ArchiveError, BadValue, LimitExceeded, QuerySyntaxError, UnknownField
from meiqia_search.fields import EXACT, FIELDS, Personal
from meiqia_search.privacy.fingerprint import fingerprints
from meiqia_search.query.box import parse, render
from meiqia_search.query.filter import EVERYTHING, NOTHING, And, Filter, Has, Not, Or, Range, Term, Text, reads
from meiqia_search.query.names import NoNames
from tests.corpus import KEY

PEOPLE = {"小王": ("a1",), "小李": ("a2", "a7"), "a1": ("a1",)}
ID = "20261112-1726:ESTM,2"
GROUPS = {"售后一组": ("g1",)}


class Directory(NoNames):
    def ids(self, field: str, word: str) -> tuple[str, ...]:
        if field == "id":
            return (word,) if word == ID else ()
        return (GROUPS if field == "group" else PEOPLE).get(word, ())

    def prints(self, field: str, value: str) -> tuple[str, ...]:
        return fingerprints(EXACT[field], value, (KEY,))


def at(text: str) -> Instant:
    instant = clock.parse(text)
    assert instant is not None
    return instant


NOW = at("2026-11-22 14:03:05")  # a Sunday


def read(query: str) -> Filter:
    return parse(query, Directory(), NOW)


def days(first: str, last: str, field: str = "started_at") -> Range:
    """Both days inclusive."""
    return Range(field, at(first), Instant(at(last) + clock.DAY))


A, B, C = Text("退款"), Text("物流"), Text("测试")


@pytest.mark.parametrize("query", [ID, f" {ID}\n", f'编号:"{ID}"'])
def test_an_id_alone_is_the_conversation(query: str) -> None:
    assert read(query) == Term("id", (ID,))


@pytest.mark.parametrize("query", [f"{ID} 退款", f'"{ID}"', f"包含:{ID}", f"客户:{ID}", f"{ID}x", f"-{ID}"])
def test_an_id_in_company_or_quotes_is_text(query: str) -> None:
    assert "id" not in reads(read(query))


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("", EVERYTHING),
        (" \t　\n", EVERYTHING),
        ("*", EVERYTHING),
        ("＊", EVERYTHING),
        ("-*", NOTHING),
        ("退款", A),
        ("退款 物流", And((A, B))),
        ("退款　物流", And((A, B))),
        ("退款 | 物流", Or((A, B))),
        ("退款｜物流", Or((A, B))),
        ("退款 OR 物流", Or((A, B))),
        ("退款 or 物流", And((A, Text("or"), B))),
        ("ORDER", Text("ORDER")),
        ("退款 物流 | 测试", Or((And((A, B)), C))),
        ("退款 (物流 | 测试)", And((A, Or((B, C))))),
        ("退款（物流｜测试）", And((A, Or((B, C))))),
        ("-测试", Not(C)),
        ("－测试", Not(C)),
        ("--测试", C),
        ("退款 -测试", And((A, Not(C)))),
        ("-(退款 物流)", Not(And((A, B)))),
        ("退-款", Text("退-款")),
        ("138-0000", Text("138-0000")),
        ("5*3", Text("5*3")),
        ('"一直没到账"', Text("一直没到账", exact=True)),
        ("“一直没到账”", Text("一直没到账", exact=True)),
        ("「一直没到账」", Text("一直没到账", exact=True)),
        ('-"一直没到账"', Not(Text("一直没到账", exact=True))),
        ('"说\\"好\\"\\\\"', Text('说"好"\\', exact=True)),
        ('"C:\\路径"', Text("C:\\路径", exact=True)),
        ('" 两 端 "', Text(" 两 端 ", exact=True)),
        ('退款"一直"', And((A, Text("一直", exact=True)))),
        ("退\\ 款", Text("退 款")),
        ("\\-测试", Text("-测试")),
        ("\\(测试\\)", Text("(测试)")),
        ("C:\\路径", Text("C:\\路径")),
        ("末尾\\", Text("末尾\\")),
        ("包含:退款", A),
        ('包含:"退款 物流"', Text("退款 物流")),
        ("http://example.com/a?b=1", Text("http://example.com/a?b=1")),
        ("10:30", Text("10:30")),
        ("备注:加急", Text("备注:加急")),
        ("渠道\\:微信", Text("渠道:微信")),
        ("* 退款", A),
        ("* | 退款", EVERYTHING),
        ("退款 -*", NOTHING),
    ],
)
def test_words_and_signs(query: str, asked: Filter) -> None:
    assert read(query) == asked


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("渠道:微信", Term("channel", ("wechat",))),
        ("渠道：微信，网页", Term("channel", ("wechat", "web"))),
        ("CHANNEL:wechat,Web", Term("channel", ("wechat", "web"))),
        ("qudao:app", Term("channel", ("app",))),
        ("渠道:抖音", Term("channel", ("抖音",))),
        ('渠道:"微信"', Term("channel", ("微信",))),
        ('标签:"急, 特急",加急', Term("tag", ("急, 特急", "加急"))),
        ("-渠道:微信", Not(Term("channel", ("wechat",)))),
        ("评价:差评", Term("rating", ("poor",))),
        ("有效会话:是", Term("effective", ("yes",))),
        ("编号:c-1", Term("id", ("c-1",))),
        ("组:售后一组", Term("group", ("g1",))),
        ("主接待:小李", Term("owner", ("a2", "a7"))),
        ("agent:小王", Term("agent", ("a1",))),
        ("agent:a9", Term("agent", ("a9",))),
        ('agent:"小王"', Term("agent", ("小王",))),
        ("客服:小王", Term("agent", ("a1",))),
        ("客服:小王,小李", Term("agent", ("a1", "a2", "a7"))),
        ("客服:稍等", Or((Term("agent", ("稍等",)), Text("稍等", Speaker.AGENT)))),
        ("客服:小王,稍等", Term("agent", ("a1", "稍等"))),
        ("客服:您好,稍等", Or((Term("agent", ("您好", "稍等")), Text("您好,稍等", Speaker.AGENT)))),
        ('客服:"小王"', Text("小王", Speaker.AGENT, exact=True)),
        ("客服说:小王", Text("小王", Speaker.AGENT)),
        ("客户:催", Text("催", Speaker.CUSTOMER)),
        ("客户：“催一下”", Text("催一下", Speaker.CUSTOMER, exact=True)),
        ("客户:几点,哪天", Text("几点,哪天", Speaker.CUSTOMER)),
        ("机器人:转人工", Text("转人工", Speaker.BOT)),
        ("系统:超时", Text("超时", Speaker.SYSTEM)),
        ("小结:已退", Text("已退", Speaker.NOTE)),
        ("主题:已退", Text("已退", Speaker.NOTE)),
        ("手机:13800000000", Term("phone", fingerprints(Personal.PHONE, "13800000000", (KEY,)))),
        ("有:评价", Has("rating")),
        ("无:评价", Not(Has("rating"))),
        ("-无:rating", Has("rating")),
    ],
)
def test_fields_and_speakers(query: str, asked: Filter) -> None:
    assert read(query) == asked


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("时长:>10分钟", Range("duration", 601)),
        ("时长:>=10分", Range("duration", 600)),
        ("时长:＞＝１０分", Range("duration", 600)),
        ("时长:≥1小时", Range("duration", 3600)),
        ("时长:<1天", Range("duration", None, 86_400)),
        ("时长:<=30秒", Range("duration", None, 31)),
        ("时长:5..10", Range("duration", 5, 11)),
        ("时长:5..10分钟", Range("duration", 300, 601)),
        ("时长:30秒～2分", Range("duration", 30, 121)),
        ("时长:5..", Range("duration", 5)),
        ("时长:..5", Range("duration", None, 6)),
        ("时长:10", Term("duration", (10,))),
        ("时长:=10", Term("duration", (10,))),
        ("消息数:1,>9条", Or((Term("messages", (1,)), Range("messages", 10)))),
        ("首次响应（源）:>5", Range("source_first_response", 6)),
    ],
)
def test_numbers(query: str, asked: Filter) -> None:
    assert read(query) == asked


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("今天", days("2026-11-22", "2026-11-22")),
        ("昨天", days("2026-11-21", "2026-11-21")),
        ("前天", days("2026-11-20", "2026-11-20")),
        ("本周", days("2026-11-16", "2026-11-22")),
        ("上周", days("2026-11-09", "2026-11-15")),
        ("本月", days("2026-11-01", "2026-11-30")),
        ("上月", days("2026-10-01", "2026-10-31")),
        ("今年", days("2026-01-01", "2026-12-31")),
        ("去年", days("2025-01-01", "2025-12-31")),
        ("近7天", days("2026-11-16", "2026-11-22")),
        ("近７天", days("2026-11-16", "2026-11-22")),
        ("近2周", days("2026-11-09", "2026-11-22")),
        ("近3个月", days("2026-08-23", "2026-11-22")),
        ("近1年", days("2025-11-23", "2026-11-22")),
        ("近24小时", Range("started_at", at("2026-11-21 14:03:00"))),
        ("2026", days("2026-01-01", "2026-12-31")),
        ("2026-02", days("2026-02-01", "2026-02-28")),
        ("2026年2月", days("2026-02-01", "2026-02-28")),
        ("2026-11-05", days("2026-11-05", "2026-11-05")),
        ("2026/11/5", days("2026-11-05", "2026-11-05")),
        ("2026年11月5日", days("2026-11-05", "2026-11-05")),
        ("2026-11-01..2026-11-22", days("2026-11-01", "2026-11-22")),
        ("2026-11-01～2026-11-22", days("2026-11-01", "2026-11-22")),
        ("2026-11-01到今天", days("2026-11-01", "2026-11-22")),
        ("2026-10..2026-11", days("2026-10-01", "2026-11-30")),
        ("..2026-11-22", Range("started_at", None, at("2026-11-23"))),
        ("2026-11-01..", Range("started_at", at("2026-11-01"))),
        (">=2026-11-01", Range("started_at", at("2026-11-01"))),
        (">2026-11-01", Range("started_at", at("2026-11-02"))),
        ("<2026-11-01", Range("started_at", None, at("2026-11-01"))),
        ("<=2026-11-01", Range("started_at", None, at("2026-11-02"))),
        ("2026-11-01T10:00:00..2026-11-01T11:30", Range("started_at", at("2026-11-01 10:00"), at("2026-11-01 11:30"))),
        ("2026-11-01T10:00:00.5..", Range("started_at", at("2026-11-01 10:00:00.500000"))),
        ("2026-11-01T10:00", Range("started_at", at("2026-11-01 10:00"), at("2026-11-01 10:01"))),
        ('"2026-11-01 10:00:00"', Range("started_at", at("2026-11-01 10:00"), at("2026-11-01 10:00:01"))),
        ("=2026-11-01T10:00:00", Term("started_at", (at("2026-11-01 10:00"),))),
        ("2026-01,2026-03", Or((days("2026-01-01", "2026-01-31"), days("2026-03-01", "2026-03-31")))),
        ("..1970-01-01", Range("started_at", None, clock.start_of_day(date(1970, 1, 2)))),
    ],
)
def test_times(written: str, asked: Filter) -> None:
    assert read(f"时间:{written}") == asked


@pytest.mark.parametrize(
    ("query", "error", "told"),
    [
        ('退款 "没到账', QuerySyntaxError, '第 4 个字：引号 "'),
        ("“没到账", QuerySyntaxError, "引号 “ 没有配对的 ”"),
        ("没到账”", QuerySyntaxError, "多了一个“”"),
        ("退款 (物流", QuerySyntaxError, "第 4 个字：这个括号没有配对"),
        ("退款 (", QuerySyntaxError, "没有配对的右括号"),
        ("退款)", QuerySyntaxError, "第 3 个字：多了一个右括号"),
        ("()", QuerySyntaxError, "缺少条件"),
        ("退款 |", QuerySyntaxError, "缺少条件"),
        ("| 退款", QuerySyntaxError, "缺少条件"),
        ("退款 - 测试", QuerySyntaxError, "减号后面"),
        ("-", QuerySyntaxError, "减号后面"),
        ("-|a", QuerySyntaxError, "减号后面"),
        ("渠道:", QuerySyntaxError, "“渠道:”后面缺少内容"),
        ("渠道: 微信", QuerySyntaxError, "“渠道:”后面缺少内容"),
        ("渠道:微信,", QuerySyntaxError, "“渠道:”后面缺少内容"),
        ("客户:", QuerySyntaxError, "“客户:”后面缺少内容"),
        ('客户:""', QuerySyntaxError, "“客户:”后面缺少内容"),
        ('""', BadValue, "不能为空"),
        ("有:这个", UnknownField, "没有名为“这个”的字段"),
        ("时间:明年的今天", BadValue, "可以写成 今天、近7天"),
        ("时间:2026-13", BadValue, "“开始时间”：看不懂时间“2026-13”"),
        ("时间:2026-02-30", BadValue, "看不懂时间"),
        ("时间:2026-11-22..2026-11-01", BadValue, "起点不早于终点"),
        ("时间:..", BadValue, "看不懂时间"),
        ("时间:近0天", BadValue, "近 0 天"),
        ("时间:近99999个月", BadValue, "超出了日历"),
        ("时间:1900", BadValue, "1970 到 2199"),
        ("时间:=@99999999999999999999", BadValue, "看不懂时间"),
        ("时长:很久", QuerySyntaxError, "“会话时长”看不懂“很久”；可以写成"),
        ("时长:5条", QuerySyntaxError, "单位：秒、分钟"),
        ("时长:10..5", QuerySyntaxError, "小的数要写在前面"),
        ("时长:>9999999999999999999", BadValue, "太大"),
        ("来源页:shop", BadValue, "是文字"),
        ("退\0款", QuerySyntaxError, "第 2 个字"),
        ("退\ud83d款", QuerySyntaxError, "第 2 个字"),
        ("退" * 257, LimitExceeded, "最多 256 字，这里有 257 字"),
        ("((((((退))))))", LimitExceeded, "最多嵌套 5 层"),
        ("------退", LimitExceeded, "最多嵌套 5 层"),
        (" ".join(f"w{n}" for n in range(33)), LimitExceeded, "搜索词最多 32 个，这里有 33 个"),
        ("有:评价 " * 21, LimitExceeded, "筛选条件最多 20 个"),
    ],
)
def test_mistakes_are_told(query: str, error: type[ArchiveError], told: str) -> None:
    with pytest.raises(error) as caught:
        read(query)
    assert type(caught.value) is error
    assert told in caught.value.detail


@pytest.mark.parametrize("query", ["(" * 500, "(" * 256, "-" * 255 + "a", '"' + "\\" * 255, "渠道:" + "\\" * 250])
def test_hostile_queries_are_answered_quickly(query: str) -> None:
    began = time.perf_counter()
    for _ in range(20):
        try:
            read(query)
        except ArchiveError:
            continue
    assert (time.perf_counter() - began) / 20 < 0.005


def test_a_position_is_given_to_programs() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        read("退款 (物流")
    assert caught.value.data == {"position": 4}


@pytest.mark.parametrize(
    ("where", "written"),
    [
        (EVERYTHING, ""),
        (NOTHING, "-*"),
        (And((A, And((B, Not(C))))), "退款 物流 -测试"),
        (And((A, Or((B, C)))), "退款 (物流 | 测试)"),
        (Not(Or((B, C))), "-(物流 | 测试)"),
        (Text("OR"), '包含:"OR"'),
        (Text("退 款"), '包含:"退 款"'),
        (Text('说"好"', exact=True), '"说\\"好\\""'),
        (Text("好 的", Speaker.CUSTOMER), "客户:好\\ 的"),
        (Text("小王", Speaker.AGENT), "客服说:小王"),
        (Term("channel", ("wechat", "微信")), '渠道:微信,"微信"'),
        (Term("agent", ("a1",)), 'agent:"a1"'),
        (Term("duration", (600,)), "会话时长:10分钟"),
        (Range("duration", 300, 601), "会话时长:5分钟..10分钟"),
        (Range("messages", None, 5), "消息数:<5"),
        (Range("source_first_response", 7), "yuanshouxiang:>=7"),
        (days("2026-11-01", "2026-11-22"), "开始时间:2026-11-01..2026-11-22"),
        (days("2026-11-01", "2026-11-01"), "开始时间:2026-11-01"),
        (Range("started_at", at("2026-11-01 10:00")), "开始时间:2026-11-01T10:00:00.."),
        (Range("started_at", -5), "开始时间:@-5.."),
        (Term("started_at", (at("2026-11-01"),)), "开始时间:=2026-11-01T00:00:00"),
        (Not(Has("rating")), "无:满意度"),
        (Range("duration", 5, 5), "-*"),
    ],
)
def test_filters_are_written_as_one_would_type_them(where: Filter, written: str) -> None:
    assert render(where) == written


def test_an_ambiguous_local_hour_keeps_its_instant() -> None:
    """Clocks in Shanghai were set back on 1991-09-15: two instants read 01:30."""
    second = at("1991-09-15T01:30:00+08:00")
    where = Range("started_at", second)
    assert read(render(where)) == where


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_can_be_asked_for(name: str) -> None:
    assert read(render(Has(name))) == Has(name)
    assert read(f"有:{name.upper()}") == Has(name)


def spans_of_the_guide() -> list[str]:
    guide = (Path(__file__).parents[2] / "docs" / "query-syntax.md").read_text("utf-8")
    spans = [span.replace("\\|", "|") for span in re.findall(r"`([^`]+)`", guide)]
    return [span for span in spans if span not in {"|", "OR", "字段:值"} and not span.endswith((":", '\\"', "\\\\"))]


@pytest.mark.parametrize("query", sorted(set(spans_of_the_guide())))
def test_the_guide_shows_what_can_be_typed(query: str) -> None:
    read(query)
