import csv
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from meiqia_search import clock
from meiqia_search.channels import files, mapping, workbook
from meiqia_search.channels.item import Item
from meiqia_search.conversation import MESSAGES, Conversation, Speaker
from meiqia_search.errors import UnknownMapping, UnreadableFile

HEADER = ("会话编号", "发送方", "时间", "内容", "客服姓名", "渠道", "满意度")
ROWS = (
    ("c1", "客户", "2026-11-22 10:00:00", "在吗", "小王", "微信", ""),
    ("c1", "小王", "2026-11-22 10:00:05", '您好,"请讲"\n第二行', "小王", "", "好评"),
    ("c2", "visitor", "2026/11/22 11:00", "hello", "小李", "小程序", ""),
    ("c2", "机器人", "", "您好", "小李", "", ""),
    ("c2", "客服-小张", "", "转接来的", "", "", ""),
)


def as_csv(folder: Path, rows: Sequence[Sequence[str]], delimiter: str = ",", codec: str = "utf-8") -> Path:
    path = folder / "a.csv"
    with path.open("w", encoding=codec, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def as_excel(folder: Path, *sheets: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book["Sheet"])
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    path = folder / "a.xlsx"
    book.save(path)
    return path


def ids(items: Sequence[Item]) -> list[str]:
    return [item.conversation.id if item.conversation else f"?{item.line}" for item in items]


def only(path: Path, given: dict[str, str] | None = None) -> Conversation:
    [item] = files.read(path, mapping=given)
    assert item.conversation, item.reason
    return item.conversation


def test_one_row_per_message(tmp_path: Path) -> None:
    first, second = files.read(as_csv(tmp_path, (HEADER, *ROWS)))
    assert first.conversation
    assert second.conversation
    assert [(m.speaker, m.text) for m in first.conversation.messages] == [
        (Speaker.CUSTOMER, "在吗"),
        (Speaker.AGENT, '您好,"请讲"\n第二行'),
    ]
    assert first.conversation.facts["channel"] == ("wechat",)
    assert first.conversation.facts["rating"] == ("good",)
    assert first.conversation.facts["agent"] == ("小王",)
    assert first.conversation.facts["started_at"] == (first.conversation.messages[0].at,)
    assert (first.line, first.position) == (2, 2)
    assert [m.speaker for m in second.conversation.messages] == [Speaker.CUSTOMER, Speaker.BOT, Speaker.AGENT]
    assert second.conversation.messages[2].agent == "小张"
    assert second.conversation.facts["agent"] == ("小李", "小张")
    assert (second.line, second.position) == (5, 5)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_delimiters_and_encodings_say_the_same(tmp_path: Path, delimiter: str, codec: str) -> None:
    plain = list(files.read(as_csv(tmp_path, (HEADER, *ROWS))))
    assert list(files.read(as_csv(tmp_path, (HEADER, *ROWS), delimiter, codec))) == plain


def test_excel_says_the_same_as_csv(tmp_path: Path) -> None:
    from_csv = [item.conversation for item in files.read(as_csv(tmp_path, (HEADER, *ROWS)))]
    notes = [["说明", "这里没有会话"]]
    titled = [["十一月导出"], [], HEADER, *ROWS]
    assert [item.conversation for item in files.read(as_excel(tmp_path, notes, titled))] == from_csv


def test_cells_of_a_workbook(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["会话编号", "内容", "开始时间", "年龄", "客户编号", "结束时间", "首次响应"],
        [1001, "在吗", datetime(2026, 11, 22, 10), 30.0, 123456789012, date(2026, 11, 23), 1.6],  # noqa: DTZ001 - Excel has none
    ]
    found = only(as_excel(tmp_path, rows))
    assert found.id == "1001"
    assert found.facts["age"] == ("30",)
    assert found.facts["customer"] == ("123456789012",)
    assert found.facts["first_response"] == (2,)
    assert found.facts["ended_at"][0] - found.facts["started_at"][0] == 14 * 3_600_000_000  # type: ignore[operator]


def test_one_row_per_conversation_with_a_transcript(tmp_path: Path) -> None:
    said = (
        "客户 2026-11-22 10:00:01: 在吗\n第二行：\n\n小王：您好\n[2026-11-22 10:01:00] 客服(小李)：我来\n系统: 结束\n"
    )
    found = only(as_csv(tmp_path, [("ID", "聊天记录", "客服", "小结"), ("c1", said, "小王", "问候")]))
    assert [(m.speaker, m.text, m.agent) for m in found.messages] == [
        (Speaker.CUSTOMER, "在吗\n第二行：", ""),
        (Speaker.AGENT, "您好", "小王"),
        (Speaker.AGENT, "我来", "小李"),
        (Speaker.SYSTEM, "结束", ""),
    ]
    assert found.messages[0].at == found.facts["started_at"][0]
    assert found.facts["summary"] == ("问候",)


def test_a_transcript_with_times_of_day(tmp_path: Path) -> None:
    said = (
        "[16:00:01] 客户：在吗\n【23:59】客服小王 ：稍等\n0:00:30 客户：还在吗\n客户：10:30 前要\n客服(小王) 0:1\n好的"
    )
    header = ("编号", "开始时间", "客服", "聊天记录")
    found = only(as_csv(tmp_path, [header, ("c1", "2026/11/19 9:5", "客服小王", said)]))
    assert [(m.speaker, m.text, clock.show(m.at) if m.at else None) for m in found.messages] == [
        (Speaker.CUSTOMER, "在吗", "2026-11-19 16:00:01"),
        (Speaker.AGENT, "稍等", "2026-11-19 23:59:00"),
        (Speaker.CUSTOMER, "还在吗", "2026-11-20 00:00:30"),
        (Speaker.CUSTOMER, "10:30 前要", None),
        (Speaker.AGENT, "好的", "2026-11-20 00:01:00"),
    ]
    assert clock.show(found.number("started_at") or 0) == "2026-11-19 09:05:00"


def test_times_of_day_without_a_day_are_left_out(tmp_path: Path) -> None:
    found = only(as_csv(tmp_path, [("编号", "聊天记录"), ("c1", "[16:00:01] 客户：在吗\n[16:00:09] 客服：您好")]))
    assert [(m.speaker, m.text, m.at) for m in found.messages] == [
        (Speaker.CUSTOMER, "在吗", None), (Speaker.AGENT, "您好", None),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["退款：怎么还没到", "我 2026-11-22 10:00:01 下的单", "只有一句话", "a" * 50 + "：b"])
def test_other_text_is_one_customer_message(tmp_path: Path, text: str) -> None:
    found = only(as_csv(tmp_path, [("会话编号", "内容"), ("c1", text)]))
    assert [(m.speaker, m.text) for m in found.messages] == [(Speaker.CUSTOMER, text)]


def test_blanks_in_a_transcript_take_no_quadratic_time(tmp_path: Path) -> None:
    found = only(as_csv(tmp_path, [("会话编号", "内容"), ("c1", "客服：x\n客" + " " * 150_000 + "x")]))
    assert len(found.messages) == 1


def test_summary_alone_is_enough(tmp_path: Path) -> None:
    found = only(as_csv(tmp_path, [("会话编号", "小结", "会话时长"), ("c1", "要退款", "26 分 07 秒")]))
    assert found.messages == ()
    assert found.facts == {"summary": ("要退款",), "duration": (1567,)}


def test_bad_rows_spoil_only_themselves(tmp_path: Path) -> None:
    text = (
        "会话编号,发送方,时间,内容\n"
        "c1,客户,2026-11-22 10:00:00,一\n"
        "c1,路人,2026-11-22 10:00:01,二\n"
        "c1,客服\n"
        ",客户,,没有编号\n"
        "c1,,,谁说的\n"
        "c1,客服,昨天,三\n"
        'c1,客服,,"四"五\n'
        "c1,客服,2026-11-22 10:00:06,六,,\n"
        "c1,客服,2026-11-22 10:00:07,七,多\n"
        "c2,客户,,完\n"
    )
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    found = list(files.read(path))
    assert ids(found) == ["?3", "?4", "?5", "?6", "?7", "?8", "c1", "?10", "c2"]
    reasons = dict(zip(ids(found), [item.reason for item in found], strict=True))
    words = {"?3": "路人", "?4": "2 列", "?5": "编号", "?6": "发送方", "?7": "昨天", "?8": "引号", "?10": "5 列"}
    for line, word in words.items():
        assert word in reasons[line]
    assert found[0].original == "c1,路人,2026-11-22 10:00:01,二"
    kept = next(item.conversation for item in found if item.conversation)
    assert [m.text for m in kept.messages] == ["一", "六"]
    for item in found:
        assert list(files.read(path, skip=item.position)) == [i for i in found if i.position > item.position]
    assert [item.position for item in found] == sorted({item.position for item in found})


def test_rows_of_one_conversation_stand_together(tmp_path: Path) -> None:
    rows = (HEADER, ROWS[0], ROWS[2], ROWS[1], ROWS[3])
    found = list(files.read(as_csv(tmp_path, rows)))
    assert ids(found) == ["c1", "?4", "c2"]
    assert "同一会话的行要排在一起" in found[1].reason
    assert ids(list(files.read(tmp_path / "a.csv", skip=found[0].position))) == ["?4", "c2"]


def test_damaged_bytes_and_zeros_in_a_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("会话编号,内容\nc1,坏X的\nc2,零\0的\nc3,好的好的好的\n".encode().replace(b"X", b"\xff"))
    found = list(files.read(path))
    assert ids(found) == ["?2", "c2", "c3"]
    assert found[0].original == "c1,坏\\xff的"
    assert found[1].conversation
    assert found[1].conversation.messages[0].text == "零\ufffd的"


def test_a_table_that_was_not_finished(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('会话编号,内容\nc1,一\nc2,"二', encoding="utf-8")
    found = list(files.read(path))
    assert ids(found) == ["c1", "?3"]
    assert "不完整" in found[1].reason


def test_a_conversation_with_too_many_rows_is_one_reject(tmp_path: Path) -> None:
    rows = [("c1", "客户", f"{n}") for n in range(MESSAGES + 5)]
    found = list(files.read(as_csv(tmp_path, [("会话编号", "发送方", "内容"), *rows, ("c2", "客户", "好")])))
    assert ids(found) == ["?2", "c2"]
    assert str(MESSAGES + 5) in found[0].reason
    assert found[0].position == MESSAGES + 5


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("会话编号", "conversation_id"),
        ("编号", "conversation_id"),
        ("对话ID", "conversation_id"),
        ("Conversation ID", "conversation_id"),
        ("conv_id", "conversation_id"),
        ("发送人", "speaker"),
        ("sender", "speaker"),
        ("消息内容", "text"),
        ("message", "text"),
        ("发送时间", "at"),
        ("timestamp", "at"),
        ("客服昵称", "agent_name"),
        ("客服组", "group_name"),
        ("agent_ID", "owner"),
        ("conv_start_tm", "started_at"),
        ("会话时长（秒）", "duration"),
        ("首次响应（源）", "source_first_response"),
        ("问题分类", "category"),
        ("fenlei", "category"),
        ("visitor_location", "region"),
        (" 满意度 ", "rating"),
        ("渠道名称", "channel"),
        ("标签名称（多个）", "tag"),
        ("没见过", None),
        ("名称", None),
        ("", None),
    ],
)
def test_headers(header: str, target: str | None) -> None:
    assert mapping.target_of(header) == target


def test_time_is_when_the_conversation_began_unless_someone_speaks() -> None:
    assert mapping.detect(("编号", "时间", "内容")) == ("conversation_id", "started_at", "text")
    assert mapping.detect(("编号", "时间", "内容", "发送方")) == ("conversation_id", "at", "text", "speaker")


def test_given_columns_go_before_recognised_ones() -> None:
    headers = ("编号", "内容", "原文", "渠道")
    given = {"原文": "text", "渠道": "-", "编号": "会话编号"}
    assert mapping.detect(headers, given) == ("conversation_id", None, "text", None)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"内容": "nonsense"}, "nonsense.*speaker.*started_at"),
        ({"没有": "text"}, "没有"),
        ({"编号": "text", "内容": "text"}, "两列"),
    ],
)
def test_wrong_mappings_are_explained(given: dict[str, str], words: str) -> None:
    with pytest.raises(UnknownMapping, match=words):
        mapping.detect(("编号", "内容"), given)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"../x": b""}, "目录"),
        ({"/x": b""}, "目录"),
        ({f"{n}": b"" for n in range(1_001)}, "1001"),
        ({"xl/sharedStrings.xml": b"0" * (12 << 20)}, "200 倍"),
        ({"[Content_Types].xml": b"nonsense"}, "损坏"),
    ],
)
def test_workbooks_that_are_not_opened(tmp_path: Path, members: dict[str, bytes], words: str) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(UnreadableFile, match=words):
        list(files.read(path))


@pytest.mark.parametrize("name", ["TOTAL", "SHARED"])
def test_workbooks_too_large(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, name, 10)
    with pytest.raises(UnreadableFile, match="MiB"):
        list(files.read(as_excel(tmp_path, [HEADER, *ROWS])))


def test_a_workbook_cut_short(tmp_path: Path) -> None:
    path = as_excel(tmp_path, [HEADER, *ROWS])
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UnreadableFile, match="损坏"):
        list(files.read(path))


def test_entities_in_a_workbook_are_refused(tmp_path: Path) -> None:
    path = as_excel(tmp_path, [HEADER, *ROWS])
    evil = tmp_path / "evil.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(evil, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e "boom">]>' + content
            new.writestr(name, content)
    with pytest.raises(UnreadableFile, match="损坏"):
        list(files.read(evil))


def test_leaving_a_workbook_early_closes_it(tmp_path: Path) -> None:
    items = files.read(as_excel(tmp_path, [HEADER, *ROWS]))
    assert next(items).conversation
    del items
