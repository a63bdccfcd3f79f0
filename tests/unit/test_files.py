import csv
import io
import json
import tracemalloc
from pathlib import Path

import pytest

from meiqia_search.channels import decoding, files, jsonlines
from meiqia_search.channels.decoding import Encoding
from meiqia_search.channels.files import Kind
from meiqia_search.channels.item import ORIGINAL, Item
from meiqia_search.errors import UnknownMapping, UnreadableFile


def line(number: int, text: str = "你好，我想退款") -> str:
    return json.dumps(
        {
            "conversation_id": f"c{number}",
            "channel": "wechat",
            "customer": {"id": f"k{number}", "name": None},
            "agent": {"id": "a1", "name": "小王"},
            "started_at": "2026-11-22T10:00:00+08:00",
            "messages": [
                {"sender": "customer", "sent_at": "2026-11-22T10:00:00+08:00", "text": text},
                {"sender": "agent", "sent_at": None, "text": "您好"},
            ],
            "labels": {"url": "https://shop.example/1", "unknown": [1]},
        },
        ensure_ascii=False,
    )


def written(folder: Path, content: bytes | str, name: str = "a.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def ids(items: list[Item]) -> list[str]:
    return [item.conversation.id if item.conversation else f"?{item.line}" for item in items]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_every_encoding_and_line_end(tmp_path: Path, codec: str, end: str) -> None:
    text = end.join([line(1), "", line(2, "行里有\u2028和\x85不是行尾" if codec != "gb18030" else "繁體與𠮷"), line(3)])
    found = list(files.read(written(tmp_path, text.encode(codec))))
    assert ids(found) == ["c1", "c2", "c3"]
    assert [item.line for item in found] == [1, 3, 4]
    assert found[0].conversation
    assert found[0].conversation.messages[0].text == "你好，我想退款"


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_encoding_shows_only_after_a_long_ascii_beginning(tmp_path: Path, codec: str) -> None:
    plain = [json.dumps(json.loads(line(n))) for n in range(1000)]
    found = list(files.read(written(tmp_path, "\n".join([*plain, line(1000)]).encode(codec))))
    assert len(found) == 1001
    assert found[-1].conversation
    assert found[-1].conversation.messages[0].text == "你好，我想退款"


def test_sample_may_end_inside_a_character() -> None:
    for cut in range(1, 12):
        assert decoding.detect(("a" * 40 + "退款退款").encode()[: 40 + cut]) is Encoding.UTF_8


def test_damaged_bytes_spoil_one_line_only(tmp_path: Path) -> None:
    lines = [line(1).encode(), line(2).encode().replace("退".encode(), b"\xe9\x80\xff"), line(3).encode()]
    found = list(files.read(written(tmp_path, b"\n".join(lines))))
    assert ids(found) == ["c1", "?2", "c3"]
    assert "UTF-8" in found[1].reason
    assert "\\xff" in found[1].original


def test_utf16_cut_inside_a_character_is_one_reject(tmp_path: Path) -> None:
    found = list(files.read(written(tmp_path, f"{line(1)}\n{line(2)}".encode("utf-16")[:-3])))
    assert ids(found) == ["c1", "?2"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("[1, 2]", "不是一个对象"),
        ("42", "不是一个对象"),
        ('{"a": 1}', "会话编号"),
        ('{"conversation_id": ""}', "会话编号"),
        ('{"conversation_id": null, "messages": []}', "会话编号"),
        ("{not json}", "不是完整的 JSON"),
        ('{"conversation_id": "x", "n": NaN}', "数字"),
        ('{"conversation_id": "x", "n": ' + "9" * 5000 + "}", "数字"),
        ('{"conversation_id": ' + "9" * 300 + "}", "数字"),
        ("[" * 100_000, "嵌套"),
        ('{"conversation_id": "x", "messages": {}}', "列表"),
        ('{"conversation_id": "x", "messages": [1]}', "对象"),
        ('{"conversation_id": "x", "messages": [{"sender": "谁", "text": "在"}]}', "发送方"),
        ('{"conversation_id": "x", "started_at": "昨天"}', "时间"),
        ('{"conversation_id": "x", "channel": "' + "长" * 1001 + '"}', "超过"),
        ('{"id": "x", "facts": {"nonsense": ["1"]}}', "nonsense"),
        ('{"id": "x", "facts": {"duration": "1"}}', "整数"),
        ("\0" * 50, "JSON"),
    ],
)
def test_bad_lines_are_rejected_with_reason_and_original(tmp_path: Path, bad: str, reason: str) -> None:
    found = list(files.read(written(tmp_path, f"{line(1)}\n{bad}\n{line(3)}\n")))
    assert ids(found) == ["c1", "?2", "c3"]
    assert reason in found[1].reason
    assert found[1].original == bad


def test_what_msgspec_refuses_and_can_be_saved(tmp_path: Path) -> None:
    bad = '{"conversation_id": "x\\ud800", "n": 1e400, "messages": [{"sender": "customer", "text": "a\tb\0c\\u0001"}]}'
    [found] = files.read(written(tmp_path, bad + "\n"))
    assert found.conversation
    assert found.conversation.id == "x\ufffd"
    assert found.conversation.messages[0].text == "a\tb\ufffdc\ufffd"


def test_last_line_that_was_not_finished(tmp_path: Path) -> None:
    found = list(files.read(written(tmp_path, f"{line(1)}\n{line(2)[:-5]}")))
    assert ids(found) == ["c1", "?2"]
    assert found[1].reason.startswith("文件末尾的这一行不完整")


def test_last_line_that_ends_inside_a_character(tmp_path: Path) -> None:
    content = f"{line(1)}\n{line(2)}".encode()
    found = list(files.read(written(tmp_path, content[: content.rindex("您".encode()) + 1])))
    assert ids(found) == ["c1", "?2"]
    assert found[1].reason.startswith("文件末尾的这一行不完整")


def test_a_line_too_long_is_passed_over_in_bounded_memory(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    with path.open("wb") as file:
        file.write(line(1).encode() + b"\n")
        for _ in range(64):
            file.write(b"x" * (1 << 20))
        file.write(b"\n" + line(3).encode())
    tracemalloc.start()
    found = list(files.read(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert ids(found) == ["c1", "?2", "c3"]
    assert str(64 << 20) in found[1].reason
    assert len(found[1].original) == ORIGINAL
    assert peak < 50 << 20


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "gb18030"])
def test_of_an_id_that_comes_again_the_last_content_counts(tmp_path: Path, codec: str) -> None:
    lines = [line(1, "第一次"), line(2), "{坏的", line(1, "第二次"), line(2), line(1, "最后"), line(1)[:-9]]
    found = list(files.read(written(tmp_path, "\n".join(lines).encode(codec))))
    assert ids(found) == ["?1", "c2", "?3", "?4", "c2", "c1", "?7"]
    assert "第 6 行" in found[0].reason
    assert found[0].original == lines[0]
    assert [item.line for item in files.read(tmp_path / "a.jsonl", skip=4)] == [5, 6, 7]


@pytest.mark.parametrize("key", ["conv_id", "id", "conversation_id"])
def test_every_shape_of_an_id_is_known_again(tmp_path: Path, key: str) -> None:
    fact = {"facts": {"tag": ["改"]}} if key == "id" else {"conv_tags": ["改"], "tags": ["改"]}
    lines = [json.dumps({key: 7, "messages": []}), json.dumps({key: "7", "messages": []} | fact)]
    assert ids(list(files.read(written(tmp_path, "\n".join(lines))))) == ["?1", "7"]
    assert ids(list(files.read(written(tmp_path, f"[{','.join(lines)}]", "a.json")))) == ["?1", "7"]
    assert ids(list(files.read(written(tmp_path, "\n".join(lines[:1] * 2))))) == ["7", "7"]


@pytest.mark.parametrize("count", range(6))
def test_skip_goes_on_behind_the_position(tmp_path: Path, count: int) -> None:
    path = written(tmp_path, "\n".join([line(1), "", "bad", line(4), line(5)]))
    everything = list(files.read(path))
    skip = everything[count - 1].position if 0 < count <= len(everything) else 0
    assert list(files.read(path, skip=skip)) == [item for item in everything if item.position > skip]


def test_lines_from_a_stream_that_cannot_be_read_twice() -> None:
    stream = io.BytesIO(f"\ufeff{line(1)}\r\n{line(2)}".encode())
    assert ids(list(files.read_lines(stream))) == ["c1", "c2"]
    assert not stream.closed


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.jsonl", line(1), Kind.JSON_LINES),
        ("a.ndjson", line(1), Kind.JSON_LINES),
        ("a.json", f"{line(1)}\n{line(2)}", Kind.JSON_LINES),
        ("a.json", f"[{line(1)}]", Kind.JSON),
        ("a.json", json.dumps(json.loads(line(1)), indent=1), Kind.JSON),
        ("a", line(1), Kind.JSON_LINES),
        ("a.csv", "会话编号,内容\n", Kind.CSV),
        ("a.tsv", "会话编号\t内容\n", Kind.CSV),
        ("a.xlsx", b"PK\x03\x04", Kind.EXCEL),
    ],
)
def test_kinds(tmp_path: Path, name: str, content: bytes | str, kind: Kind) -> None:
    assert files.detect(written(tmp_path, content, name)) is kind


@pytest.mark.parametrize(
    ("name", "content", "advice"),
    [
        ("a.jsonl", b"", "空"),
        ("a.xls", b"\xd0\xcf\x11\xe0rest", "另存为 .xlsx"),
        ("a.jsonl.gz", b"\x1f\x8b\x08", "解压"),
        ("a.xlsx", b"not a zip", "另存为 .xlsx"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "不是文字文件"),
    ],
)
def test_files_that_are_not_read_say_what_to_do(tmp_path: Path, name: str, content: bytes, advice: str) -> None:
    with pytest.raises(UnreadableFile, match=advice):
        files.read(written(tmp_path, content, name))


def test_missing_file_and_directory(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"找不到文件“b\.jsonl”") as missing:
        files.read(tmp_path / "b.jsonl")
    assert str(tmp_path) not in missing.value.detail
    with pytest.raises(UnreadableFile, match="目录"):
        files.read(tmp_path)


@pytest.mark.parametrize("outer", ["{}", '{{"errno": 0, "result": {}}}', '{{"conversations": {}, "total": 3}}'])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_document_with_a_list(tmp_path: Path, outer: str, codec: str) -> None:
    text = outer.format(f"[{line(1)},\n 5,\n{line(3)}]")
    found = list(files.read(written(tmp_path, text.encode(codec), "a.json")))
    assert ids(found) == ["c1", "?2", "c3"]
    assert found[1].original == "5"
    assert ids(list(files.read(tmp_path / "a.json", skip=2))) == ["c3"]


def test_a_document_cut_short(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="JSON Lines"):
        list(files.read(written(tmp_path, f"[{line(1)}, {{", "a.json")))


def test_a_document_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonlines, "DOCUMENT_LIMIT", 100)
    with pytest.raises(UnreadableFile, match="JSON Lines"):
        list(files.read(written(tmp_path, f"[{line(1)}]", "a.json")))


def test_fingerprint_knows_a_changed_file(tmp_path: Path) -> None:
    path = written(tmp_path, line(1))
    before = files.fingerprint(path)
    assert files.fingerprint(path) == before
    path.write_text(line(1).replace("退款", "换货"), encoding="utf-8")
    assert files.fingerprint(path) != before


def test_preview_of_a_table(tmp_path: Path) -> None:
    text = "会话编号,发送方,时间,内容,随便\nc1,客户,2026-11-22 10:00:00,在吗,x\n"
    shown = files.preview(written(tmp_path, text.encode("gb18030"), "a.csv"))
    assert shown.kind is Kind.CSV
    assert shown.encoding is Encoding.GB18030
    assert dict(shown.columns) == {
        "会话编号": "conversation_id",
        "发送方": "speaker",
        "时间": "at",
        "内容": "text",
        "随便": None,
    }
    assert shown.rows == (("c1", "客户", "2026-11-22 10:00:00", "在吗", "x"),)


def test_preview_of_json(tmp_path: Path) -> None:
    assert files.preview(written(tmp_path, line(1))) == files.Preview(Kind.JSON_LINES, Encoding.UTF_8)


def test_a_csv_without_known_columns_says_which_are_missing(tmp_path: Path) -> None:
    path = written(tmp_path, "十一月导出\n甲,乙\n1,2\n", "a.csv")
    with pytest.raises(UnknownMapping, match=r"会话编号.*消息内容.*甲、乙"):
        list(files.read(path))
    [item] = files.read(path, mapping={"甲": "conversation_id", "乙": "text"})
    assert item.conversation
    assert item.conversation.messages[0].text == "2"


def test_importing_the_reader_does_not_disturb_csv_writers() -> None:
    assert csv.field_size_limit() >= decoding.LINE_LIMIT
