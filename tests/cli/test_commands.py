"""The commands as a person uses them: what they print, and with what code they end."""

import io
import json
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.main import get_command

from meiqia_search.cli import people
from meiqia_search.cli.main import app, globals_first, run
from meiqia_search.engines.base import Delete
from meiqia_search.indexing import intake
from meiqia_search.records.conversations import Conversations, Tally
from meiqia_search.settings import Settings
from meiqia_search.wiring import open_services
from tests.places import as_environment, only_in_folder


class Ended(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever was printed
        return json.loads(self.out)


Command = Callable[..., Ended]
LINES = (
    {
        "conversation_id": "a-1",
        "channel": "wechat",
        "agent": {"id": "k1", "name": "小王"},
        "customer": {"id": "c1", "name": "张三"},
        "started_at": "2026-11-01 10:00:00",
        "messages": [
            {"sender": "customer", "sent_at": "2026-11-01 10:00:00", "text": "退款一直没到账"},
            {"sender": "agent", "sent_at": "2026-11-01 10:00:38", "text": "您好，马上为您查询"},
        ],
    },
    {
        "conversation_id": "a-2",
        "channel": "web",
        "agent": {"id": "k2", "name": "小李"},
        "messages": [{"sender": "customer", "text": "发票开错了，要重开"}],
    },
)


@pytest.fixture
def command(place: Settings, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command on an archive of its own."""
    for name, value in as_environment(place).items():
        monkeypatch.setenv(name, value)

    def execute(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["meiqia-search", "--data", str(place.data_dir), *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            run()
        captured = capfd.readouterr()
        return Ended(ended.value.code or 0, captured.out, captured.err)  # type: ignore[arg-type]

    return execute


@pytest.fixture
def filled(command: Command, tmp_path: Path) -> Command:
    """The same, with two conversations."""
    assert command("init").code == 0
    assert command("import", str(written(tmp_path / "two.jsonl"))).code == 0
    return command


def written(path: Path, *more: str) -> Path:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in LINES) + "".join(more), "utf-8")
    return path


@only_in_folder
def test_without_an_archive_every_command_says_what_to_do(command: Command) -> None:
    ended = command("search", "退款")
    assert ended.code == 8
    assert "meiqia-search init" in ended.err


def test_an_empty_archive_says_what_to_do(command: Command) -> None:
    command("init")
    assert command("search", "退款").out.endswith("档案里还没有会话；请先运行 meiqia-search import 文件。\n")


def test_init_twice_changes_nothing(command: Command) -> None:
    assert command("init", "--json").json["created"] is True
    assert command("init", "--json").json["created"] is False


def test_search_prints_total_and_the_words_around(filled: Command) -> None:
    ended = filled("search", '客服:小王 "一直没到账"')
    assert ended.code == 0
    assert "共 1 条" in ended.out
    assert "退款一直没到账" in ended.out


def test_search_json_has_the_promised_keys(filled: Command) -> None:
    found = filled("search", "--json", "退款").json
    assert set(found) == {"total", "items", "next", "sentence", "notices"}
    assert [found["total"], found["items"][0]["id"], found["sentence"]] == [1, "a-1", "包含“退款”"]


def test_global_options_may_stand_behind_the_command() -> None:
    assert globals_first(["search", "--json", "退款", "--as", "wang"]) == ["--json", "--as", "wang", "search", "退款"]
    assert globals_first(["search", "--", "--json"]) == ["search", "--", "--json"]


def test_paging_goes_on_where_it_was(filled: Command) -> None:
    first = filled("search", "--json", "-n", "1").json
    second = filled("search", "--json", "-n", "1", "--after", first["next"]).json
    assert {first["items"][0]["id"], second["items"][0]["id"]} == {"a-1", "a-2"}
    assert second["next"] is None


def test_nothing_found_is_never_silent(filled: Command) -> None:
    ended = filled("search", "退款 发票")
    assert "去掉「包含“退款”」：1 条" in ended.out
    assert "放宽后" in ended.out


def test_an_id_alone_is_that_conversation(filled: Command) -> None:
    assert filled("search", "--json", "a-2").json["items"][0]["id"] == "a-2"


def test_values_nobody_has_are_said_beside_the_answer(filled: Command) -> None:
    ended = filled("search", "渠道:微信,淘宝")
    assert "共 1 条" in ended.out
    assert "没有“渠道”是“淘宝”的会话。有的是：网页。" in ended.err
    assert "淘宝" not in ended.out.split("共")[1]
    ended = filled("search", "--json", "客服:谁")
    assert sorted(ended.json["notices"][0]["known"]) == ["小李", "小王"]
    assert ended.err == ""


def test_why_names_the_condition(filled: Command) -> None:
    assert "发票" in filled("search", "发票", "--why", "a-1").out
    assert filled("search", "发票", "--why", "nope").code == 4


def test_show_reveals_for_this_once_and_records_why(filled: Command, tmp_path: Path) -> None:
    talk = {"conversation_id": "r-1", "agent": {"id": "k1"}, "group": {"id": "g1"},
            "messages": [{"sender": "customer", "text": "打 13812345678 找我"}]}  # fmt: skip
    path = tmp_path / "talk.jsonl"
    path.write_text(json.dumps(talk) + "\n", "utf-8")
    assert filled("import", str(path)).code == 0
    filled(
        "users", "add", "lead", "--name", "组长", "--role", "leader", "--group", "g1", "--password", "long enough 密码"
    )
    for command in (("show", "r-1"), ("--json", "show", "r-1")):
        assert "13812345678" not in filled("--as", "lead", *command).out
        shown = filled("--as", "lead", *command, "--reveal", "phone", "--reason", "客户要求回电")
        assert (shown.code, "13812345678" in shown.out) == (0, True)
    assert "13812345678" not in filled("--as", "lead", "show", "r-1").out
    for more, code, says in (
        (("--reveal", "phone"), 2, "请写明查看明文的理由"),
        (("--reveal", "fax", "--reason", "客户要求回电"), 2, "没有名为“fax”的个人信息"),
        (("--reveal", "ip", "--reason", "客户要求回电"), 3, "不能查看会话里的IP的明文"),
        (("--reveal", "field:phone", "--reason", "客户要求回电"), 2, "没有客户信息“手机”"),
    ):
        ended = filled("--as", "lead", "show", "r-1", *more)
        assert (ended.code, says in ended.err) == (code, True), ended.err
    assert "本来就是明文" in filled("show", "r-1", "--reveal", "phone", "--reason", "客户要求回电").err
    found = filled("audit", "search", "--action", "reveal").out
    assert found.count("会话里的手机，理由：客户要求回电") == 3
    assert "13812345678" not in found


def test_show_prints_exact_times(filled: Command) -> None:
    ended = filled("show", "a-1")
    assert "2026-11-01 10:00:38" in ended.out
    assert "38 秒" in ended.out
    assert filled("show", "a-1", "--json").json["messages"][1]["at"] == "2026-11-01T10:00:38+08:00"


@only_in_folder
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["search", "((("], 2),
        (["search", "时间:昨天啊"], 2),
        (["search", "x" * 300], 2),
        (["search", "--sort", "phone"], 2),
        (["search", "--sort", "nothing"], 2),
        (["search", "--after", "tampered"], 2),
        (["search", "-n", "1000"], 2),
        (["search", "IP:192.0.2.1"], 3),
        (["search", "手机:138"], 2),
        (["search", "--nonsense"], 2),
        (["show"], 2),
        (["nonsense"], 2),
        (["show", "nope"], 4),
        (["--as", "nobody", "search"], 4),
        (["import", "/does/not/exist.jsonl"], 7),
        (["import", "x.csv", "--map", "nonsense"], 7),
        (["users", "add", "new", "--name", "新人", "--role", "king", "--password", "long enough 1"], 2),
        (["users", "add", "new", "--name", "新人", "--role", "agent", "--password", "short"], 2),
    ],
)
def test_bad_input_is_a_sentence_and_a_code(filled: Command, arguments: list[str], code: int) -> None:
    ended = filled(*arguments)
    assert ended.code == code, ended.err
    assert any("一" <= char <= "鿿" for char in ended.err)
    assert "Traceback" not in ended.err


ENGLISH = ("Usage", "Show this", "OPTIONS", "COMMAND", "ARGS", "<", "TEXT", "INTEGER", "required", "default", "env var")


def paths(command: object, name: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield name
    for each, below in getattr(command, "commands", {}).items():
        yield from paths(below, (*name, each))


@only_in_folder
@pytest.mark.parametrize("name", list(paths(get_command(app))), ids=" ".join)
def test_the_help_of_every_command_is_chinese(command: Command, name: tuple[str, ...]) -> None:
    ended = command(*name, "--help")
    assert ended.code == 0
    assert "用法：" in ended.out
    assert "显示这份说明" in ended.out
    assert [word for word in ENGLISH if word in ended.out] == []


@only_in_folder
@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["search", "-退款"], "search -- '-退款'"),
        (["search", "退款", "物流"], "多了“物流”；含空格的内容请整个放在引号里"),
        (["search", "-n"], "-n 后面缺少值"),
        (["search", "-n", "x"], "应为整数"),
        (["search", "--siz", "4"], "是不是 --size？"),
        (["demo", "--size", "1.5"], "“-n”的值不对，应为整数"),
        (["serve", "--port", "0"], "应为 1 到 65535 的整数"),
        (["serch", "退款"], "没有命令 serch；是不是 search？"),
        (["users", "ad"], "是不是 add？"),
        (["show"], "缺少“编号”"),
        (["users"], "缺少命令"),
        (["nonsense"], "没有命令 nonsense。"),
    ],
)
def test_wrong_arguments_get_advice_in_chinese(filled: Command, arguments: list[str], advice: str) -> None:
    ended = filled(*arguments)
    assert (ended.code, advice in ended.err) == (2, True), ended.err
    assert "Error" not in ended.err + ended.out


@only_in_folder
def test_the_advised_way_to_exclude_works(filled: Command) -> None:
    assert filled("search", "--json", "--", "-退款").json["total"] == 1


def test_an_error_in_json_is_json(filled: Command) -> None:
    ended = filled("show", "--json", "nope")
    assert json.loads(ended.err)["code"] == "not-found"


def test_a_bad_line_goes_to_the_reject_file_and_stops_nothing(command: Command, tmp_path: Path) -> None:
    command("init")
    broken = written(tmp_path / "three.jsonl", '{"conversation_id": "a-3", "messages": [\n', "[]\n")
    done = command("import", str(broken), "--json").json[0]
    assert [done["added"], done["rejected"]] == [2, 2]
    rejected = [json.loads(line) for line in Path(done["rejects"]).read_text("utf-8").splitlines()]
    assert [row["line"] for row in rejected] == [3, 4]
    assert all(row["reason"] and row["original"] for row in rejected)


def test_a_file_of_nothing_but_bad_lines_is_an_error(command: Command, tmp_path: Path) -> None:
    command("init")
    bad = tmp_path / "bad.jsonl"
    bad.write_text("[]\n{}\n")
    ended = command("import", str(bad), str(written(tmp_path / "two.jsonl")), "--json")
    assert (ended.code, [each["added"] for each in ended.json]) == (7, [0, 2])
    assert "bad.jsonl" in ended.err
    assert command("import", str(written(tmp_path / "three.jsonl", "[]\n"))).code == 0


def test_from_standard_input(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command("init")
    content = written(tmp_path / "two.jsonl", "{坏的\n").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    ended = command("import", "-", "--json")
    assert [ended.json[0][name] for name in ("added", "rejected")] == [2, 1]
    [line] = Path(ended.json[0]["rejects"]).read_text("utf-8").splitlines()
    assert json.loads(line)["original"] == "{坏的"
    assert ended.json[0]["rejects"] in ended.err
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"".join(content.splitlines(keepends=True)[:2]))))
    assert command("import", "-", "--json").json[0] == {"file": "-", "added": 0, "changed": 0, "same": 2, "rejected": 0}


def test_an_import_that_goes_on_says_where(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command("init")
    source = written(tmp_path / "two.jsonl")
    keeps = iter([Conversations.keep])

    def keep_once(*arguments: Any) -> Tally:  # noqa: ANN401 - whatever is kept
        for keep in keeps:
            return keep(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(intake, "BATCH", 1)
        patch.setattr(Conversations, "keep", keep_once)
        assert command("import", str(source)).code == 130
    ended = command("import", str(source), "--json")
    assert "从第 2 行继续" in ended.err
    assert ended.json[0]["added"] == 2
    assert "继续" not in command("import", str(source)).err


def test_importing_again_changes_nothing(filled: Command, tmp_path: Path) -> None:
    done = filled("import", str(tmp_path / "two.jsonl"), "--json").json[0]
    assert [done["added"], done["changed"], done["same"]] == [0, 0, 2]


@only_in_folder
def test_a_directory_without_right_to_write_is_a_sentence(tmp_path: Path, command: Command) -> None:
    (tmp_path / "data").write_text("not a folder")
    ended = command("init")
    assert ended.code == 8
    assert "数据文件夹" in ended.err


def test_people_are_added_by_name_and_see_their_own(filled: Command) -> None:
    added = filled(
        "users", "add", "wang", "--name", "小王", "--role", "agent", "--agent", "小王", "--password", "a long one 1"
    )
    assert added.code == 0, added.err
    assert filled("--as", "wang", "search", "--json").json["total"] == 1
    assert filled("--as", "wang", "show", "a-2").code == 4
    assert filled("--as", "wang", "users", "list").code == 3
    assert filled("--as", "wang", "rebuild").code == 3
    assert {person["login"] for person in filled("users", "list", "--json").json} == {"local", "wang"}


def test_accounts_change_and_end(filled: Command) -> None:
    for login in ("ann", "bob"):
        added = filled("users", "add", login, "--name", login, "--role", "administrator", "--password", "ein Passwort")
        assert (added.code, added.err) == (0, f"已新增账号 {login}（管理员）\n")
    assert filled("users", "change", "bob", "--role", "agent", "--agent", "小王").code == 0
    assert "共 1 条" in filled("--as", "bob", "search").out
    refused = filled("users", "disable", "ann")
    assert (refused.code, refused.err.startswith("至少要留一位管理员：没有任何改动。")) == (2, True)
    assert filled("users", "disable", "bob").code == 0
    assert filled("--as", "bob", "search").code == 4
    assert filled("users", "enable", "bob").code == 0
    assert filled("users", "password", "bob", "--password", "kurz").code == 2
    assert filled("users", "password", "bob", "--password", "noch ein Passwort").code == 0
    assert re.search("ann +ann +管理员\nbob +bob +客服", filled("users", "list").out)
    assert filled("users", "disable", "nobody").code == 4


def test_roles_go_out_as_a_file_and_come_back(filled: Command, tmp_path: Path) -> None:
    path = tmp_path / "roles.json"
    exported = filled("roles", "export").json
    night = {
        "name": "night",
        "label": "夜班",
        "reach": "all",
        "where": {"term": {"field": "channel", "values": ["web"]}},
    }
    exported["roles"].append(night)
    path.write_text(json.dumps(exported), "utf-8")
    checked = filled("roles", "import", str(path), "--check")
    assert checked.out.startswith(
        "新增角色 夜班：全部会话（渠道是网页），无功能\n可见 0 → 1 条，没有人新增明文\n夜班（任何成员）："
    )
    assert checked.err == "会改动 1 处。\n"
    assert "夜班" not in filled("roles", "show").out
    assert filled("roles", "import", str(path)).err == "已改动 1 处。\n"
    assert re.search("night +夜班 +可见：全部会话（渠道是网页） +功能：无", filled("roles", "show").out)
    filled("users", "add", "eva", "--name", "Eva", "--role", "night", "--password", "ein Passwort")
    assert "共 1 条 · 可见范围：全部会话（渠道是网页）" in filled("--as", "eva", "search").out
    path.write_text('{"format": "meiqia-search roles 1", "roles": [{"name": "x", "colour": 1}]}', "utf-8")
    wrong = filled("roles", "import", str(path))
    assert (wrong.code, wrong.err) == (2, "角色的定义不对：第 1 个角色：不认识“colour”。\n")
    path.write_bytes(b"\xff{")
    assert "不是正确的 JSON" in filled("roles", "import", str(path)).err
    assert filled("roles", "import", str(tmp_path / "none")).code == 7
    assert re.match(r"第 2 版 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +local +新增角色 夜班", filled("roles", "history").out)
    history = filled("--json", "roles", "history").json
    assert [(row["version"], row["by"]) for row in history] == [(2, "local"), (1, "")]
    assert "还有 1 个账号的角色是“夜班”" in filled("roles", "restore", "1").err
    filled("users", "disable", "eva")
    assert filled("--json", "roles", "restore", "1", "--check").json["changes"] == ["删除角色 夜班"]
    assert filled("roles", "restore", "1").out == "删除角色 夜班\n"
    assert filled("--json", "roles", "show").json["version"] == 3
    filled("users", "add", "amy", "--name", "Amy", "--role", "agent", "--password", "ein Passwort")
    for command in (("show",), ("export",), ("import", str(path)), ("history",), ("restore", "1")):
        assert filled("--as", "amy", "roles", *command).code == 3


def test_an_account_that_would_see_nothing_is_warned_of(filled: Command) -> None:
    def add(login: str, *more: str) -> Ended:
        return filled("users", "add", login, "--name", login, "--password", "a long one 1", *more)

    ended = add("one", "--role", "客服")
    assert (ended.code, "没有写客服，什么也看不到" in ended.err) == (0, True)
    assert "没有写组" in add("two", "--role", "leader").err
    ended = add("three", "--role", "客服", "--agent", "小赵", "--group", "售后组")
    assert "没有“客服”是“小赵”的会话。有的是：小" in ended.err
    assert "没有“客服组”是“售后组”的会话" in ended.err
    assert "注意" not in add("four", "--role", "主管").err
    assert "注意" not in filled("users", "change", "one", "--agent", "小王", "--role", "客服").err
    assert re.search("one +one +客服 +客服：小王\n", filled("users", "list").out)
    assert filled("users", "list", "--json").json[2]["agents"] == ["k1"]


@only_in_folder
def test_no_password_is_asked_of_whom_may_not_add(filled: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    new = ("users", "add", "new", "--name", "新人", "--role", "客服", "--agent", "小王")
    monkeypatch.setattr(sys, "stdin", io.StringIO("a line of input\nanother one\n"))
    assert filled(*new).code == 0
    assert filled("--as", "new", *new).code == 3
    assert sys.stdin.read() == "another one\n"


@only_in_folder
def test_a_password_is_typed_twice_at_a_terminal(filled: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["the first one", "another one", "the first one", "the first one"])
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(people, "getpass", lambda _: next(typed))
    ended = filled("users", "add", "new", "--name", "新人", "--role", "主管")
    assert (ended.code, ended.err.count("不一样"), list(typed)) == (0, 1, [])


def test_tokens_are_made_listed_and_revoked(filled: Command) -> None:
    filled("users", "add", "amy", "--name", "Amy", "--role", "agent", "--password", "ein Passwort")
    made = filled("tokens", "create", "amy", "--name", "日报", "--use", "search", "--days", "7")
    assert re.fullmatch(r"mqs_[0-9a-f]{12}_[0-9A-Za-z]{49}\n", made.out)
    token_id = made.out[4:16]
    assert f"令牌 {token_id} 有效至" in made.err
    rows = filled("--json", "tokens", "list", "amy").json
    assert [(row["id"], row["name"], row["state"], row["seen_at"]) for row in rows] == [
        (token_id, "日报", "有效", None)
    ]
    assert filled("--as", "amy", "tokens", "list", "amy").code == 0
    assert filled("--as", "amy", "tokens", "list", "local").code == 3
    assert filled("tokens", "revoke", "amy", "x").code == 4
    assert filled("tokens", "revoke", "amy", token_id).code == 0
    assert "已撤销" in filled("tokens", "list", "amy").out
    for wrong in (("--use", "fly"), ("--use", "search", "--days", "999"), ("--use", "read", "--name", "长" * 41)):
        assert filled("tokens", "create", "amy", "--name", "x", *wrong).code == 2


def test_verify_finds_and_repairs(filled: Command, tmp_path: Path) -> None:
    assert filled("verify").code == 0
    services = open_services(Settings(data_dir=tmp_path / "data"))
    writer = services.index.writer()
    writer.apply([Delete("a-1")])
    writer.commit()
    writer.close()
    services.close()
    broken = filled("verify", "--json")
    assert broken.code == 9
    assert broken.json["missing"] == ["a-1"]
    assert filled("verify", "--repair").code == 0
    assert filled("verify").code == 0


def test_rebuild_says_how_many(filled: Command) -> None:
    assert filled("rebuild", "--json").json == {"conversations": 2}
    assert filled("search", "--json", "退款").json["total"] == 1


def test_preview_shows_the_columns(command: Command, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("会话编号,发送方,内容,奇怪的列\nb-1,客户,你好,1\n", "gb18030")
    ended = command("import", "--preview", str(table))
    assert ended.code == 0
    assert "会话编号 → conversation_id" in ended.out
    assert "奇怪的列 → （不导入）" in ended.out


def test_demo_makes_a_company(command: Command) -> None:
    made = command("demo", "--size", "60", "--json").json
    assert made["conversations"] == 60
    assert command("search", "--json").json["total"] == 60
    assert 0 < command("--as", "xiaowang", "search", "--json").json["total"] < 60


def test_demo_passwords_come_into_no_archive_in_use(filled: Command) -> None:
    ended = filled("demo", "--size", "5")
    assert (ended.code, "已有会话或账号" in ended.err) == (2, True)
    assert [each["login"] for each in filled("users", "list", "--json").json] == ["local"]
    assert filled("search", "--json").json["total"] == 2


def test_demo_is_made_by_who_manages_people(command: Command) -> None:
    command("init")
    command("users", "add", "low", "--name", "小低", "--role", "supervisor", "--password", "a long one 1")
    assert command("--as", "low", "demo", "--size", "5").code == 3
    assert command("demo", "--size", "5").code == 2


def test_what_is_written_is_for_nobody_else(tmp_path: Path) -> None:
    data, file = tmp_path / "private", written(tmp_path / "bad.jsonl", "no json\n")
    for arguments in (["init"], ["import", str(file)]):
        command = [sys.executable, "-m", "meiqia_search", "--data", str(data), *arguments]
        subprocess.run(command, umask=0o022, capture_output=True, check=True)
    made = [data, *data.rglob("*")]
    assert {"record.sqlite", "audit.sqlite", "rejects"} < {path.name for path in made}
    assert not [path for path in made if path.stat().st_mode & 0o077]


def test_one_file_that_cannot_be_read_keeps_no_other_back(command: Command, tmp_path: Path) -> None:
    command("init")
    broken = tmp_path / "坏.xlsx"
    broken.write_bytes(b"PK\x03\x04 no workbook")
    ended = command("import", str(broken), str(tmp_path / "nowhere.csv"), str(written(tmp_path / "two.jsonl")))
    assert ended.code == 7
    for said in (f"{broken}：", "nowhere.csv：", "2 个文件读不了", "其他文件已照常导入"):
        assert said in ended.err
    assert command("search", "--json").json["total"] == 2
    alone = command("import", str(broken))
    assert (alone.code, "其他文件" in alone.err) == (7, False)


def test_a_check_of_roles_refuses_what_the_change_would(filled: Command, tmp_path: Path) -> None:
    filled("users", "add", "wang", "--name", "王", "--role", "agent", "--agent", "小王", "--password", "a long one 1")
    file = filled("roles", "export").json
    file["roles"] = [role for role in file["roles"] if role["name"] != "agent"]
    path = tmp_path / "roles.json"
    path.write_text(json.dumps(file), "utf-8")
    for more in ([], ["--check"]):
        ended = filled("roles", "import", str(path), *more)
        assert (ended.code, "还有 1 个账号" in ended.err) == (2, True)


def test_a_token_for_what_its_person_may_not_do_is_told(filled: Command) -> None:
    filled("users", "add", "chen", "--name", "陈", "--role", "supervisor", "--password", "a long one 1")
    ended = filled("tokens", "create", "chen", "--name", "bi", "--use", "audit", "--use", "search")
    assert (ended.code, "没有“查看审计日志”" in ended.err) == (0, True)
    assert "注意" not in filled("tokens", "create", "chen", "--name", "bi", "--use", "search").err


@only_in_folder
def test_a_damaged_archive_says_so(filled: Command, tmp_path: Path) -> None:
    for file in (tmp_path / "data").glob("record.sqlite*"):
        file.unlink()
    (tmp_path / "data" / "record.sqlite").write_bytes(b"this is no database at all" * 100)
    ended = filled("search", "退款")
    assert ended.code == 5
    assert "损坏" in ended.err


@only_in_folder
def test_a_mistyped_folder_is_not_made(command: Command, tmp_path: Path) -> None:
    assert command("search", "退款").code == 8
    assert not (tmp_path / "data").exists()


def test_a_taken_port_is_said_before_anything_is_promised(filled: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = filled("serve", "--port", str(taken.getsockname()[1]))
    assert ended.code == 8
    assert "占用" in ended.err
    assert "http://" not in ended.err
    assert filled("serve", "--port", "99999").code == 2


@only_in_folder
def test_a_worker_makes_no_archive(command: Command, tmp_path: Path) -> None:
    ended = command("worker")
    assert (ended.code, "meiqia-search init" in ended.err) == (8, True)
    assert not (tmp_path / "data").exists()


@only_in_folder
def test_what_others_can_reach_has_no_known_passwords(filled: Command) -> None:
    ended = filled("serve", "--host", "0.0.0.0", "--demo")  # noqa: S104 - it is refused
    assert (ended.code, "--demo" in ended.err) == (8, True)
    assert "http://" not in ended.err


@only_in_folder
def test_the_account_of_the_program_can_be_printed_before_there_is_an_archive(command: Command, tmp_path: Path) -> None:
    made = command("opensearch", "account", "--json").json
    assert set(made) == {"roles", "rolesmapping", "internalusers"}
    assert {name for named in made.values() for name in named} == {"meiqia-program"}
    assert not (tmp_path / "data").exists()


@only_in_folder
def test_settings_for_the_cluster(filled: Command) -> None:
    filled(
        "users", "add", "wang", "--name", "王芳", "--role", "agent", "--agent", "小王", "--password", "a-b-c-d-e-f-g"
    )
    made = filled("opensearch", "roles", "--json").json
    assert made["internalusers"]["meiqia.wang"] == {
        "backend_roles": ["meiqia.people.agent"], "attributes": {"agents": "k1"},
    }  # fmt: skip
    assert "meiqia.local" not in made["internalusers"]
    printed = filled("opensearch", "roles").out
    asked = re.findall(r"^PUT _plugins/_security/api/(\w+)/(\S+)\n(?=\{\n)", printed, re.MULTILINE)
    assert asked == [(kind, name) for kind, of in made.items() for name in of]
    template = filled("opensearch", "templates", "--json").json["meiqia"]
    assert template["index_patterns"] == ["meiqia.g*"]
    assert filled("opensearch", "templates").out.startswith("PUT _index_template/meiqia\n{\n")


def test_settings_for_the_cluster_are_for_who_manages_people(filled: Command) -> None:
    filled(
        "users", "add", "wang", "--name", "王芳", "--role", "agent", "--agent", "小王", "--password", "a-b-c-d-e-f-g"
    )
    assert filled("--as", "wang", "opensearch", "roles").code == 3


def test_being_refused_again_and_again_is_an_alert(filled: Command) -> None:
    assert filled("audit", "alerts").out == "没有待处理的异常。\n"
    for _ in range(11):
        assert filled("show", "absent").code == 4
    [alert] = filled("--json", "audit", "alerts").json
    assert (alert["rule"], alert["person"], len(alert["evidence"])) == ("refusals", "local", 11)
    assert "多次被拒绝" in filled("audit", "alerts").out


def test_the_audit_is_searched_traced_exported_and_verified(filled: Command) -> None:
    filled("search", "退款")
    filled("show", "a-1")
    found = filled("audit", "search", "退款", "--json").json
    assert [(each["action"], each["name"], each["ids"]) for each in found["items"]] == [
        ("search", "本机管理员", ["a-1"])
    ]
    assert "查看会话" in filled("audit", "search", "--action", "read").out
    assert "更早的：--after '<" in filled("audit", "search", "-n", "2").out
    of_customer = filled("audit", "trace", "--customer", "c1", "--json").json["items"]
    assert {"read", "search"} <= {each["action"] for each in of_customer}
    assert all("a-1" in each["ids"] for each in of_customer)
    assert filled("audit", "trace", "--conversation", "a-2").out.count("查看会话") == 0
    assert "查看会话" in filled("audit", "trace", "--who", "local").out
    lines = [json.loads(line) for line in filled("audit", "export", "--json").out.splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert filled("audit", "export", "--when", "今天").out.startswith("\ufeff序号,时间,人员")
    ended = filled("audit", "verify")
    assert (ended.code, "审计日志完整" in ended.out) == (0, True)
    assert filled("audit", "verify", "--json").json["fault"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("trace",), 2, "请写明追查谁"),
        (("trace", "--customer", "c1", "--who", "local"), 2, "请写明追查谁"),
        (("trace", "--customer", "nobody"), 4, "没有找到这位客户的会话"),
        (("trace", "--who", "nobody"), 4, "没有叫“nobody”的账号"),
        (("search", "--action", "x"), 2, "没有名为“x”的动作"),
        (("search", "--when", "x"), 2, "看不懂时间"),
        (("search", "--after", "x"), 2, "翻页位置已失效"),
        (("search", "-n", "0"), 2, "1 到 100"),
        (("--as", "nobody", "verify"), 4, "没有这个账号"),
    ],
)
def test_questions_to_the_audit_that_make_no_sense(
    filled: Command, arguments: tuple[str, ...], code: int, words: str
) -> None:
    ended = filled("audit", *arguments)
    assert (ended.code, words in ended.err) == (code, True), ended.err


@only_in_folder
def test_a_changed_audit_is_found(filled: Command, place: Settings) -> None:
    with sqlite3.connect(place.data_dir / "audit.sqlite") as file:
        file.execute("UPDATE audit SET person = 'p-other' WHERE seq = 2")
    ended = filled("audit", "verify")
    assert (ended.code, "第 2 条：这一条被改动" in ended.out) == (9, True)
    assert filled("audit", "verify", "--json").json == {
        "checked": 1, "last": 1, "confirmed": 0, "fault": "changed", "first_bad": 2,
    }  # fmt: skip


def test_doctor(filled: Command, place: Settings) -> None:
    well = filled("doctor")
    assert (well.code, well.err) == (0, "")
    assert all(line.startswith(("✓ ", "! ")) for line in well.out.splitlines())
    assert {"subject": "完整性", "level": "good", "text": "2 条会话都能查到。"} in filled("doctor", "--json").json
    services = open_services(place)
    services.conversations.delete(["a-1"])
    services.close()
    ill = filled("doctor")
    assert ill.code == 10
    assert "✗ 完整性：1 条改动还没进索引" in ill.out


def test_doctor_without_an_archive(command: Command) -> None:
    ended = command("doctor")
    assert ended.code == 10
    assert "meiqia-search init" in ended.out


def test_doctor_is_for_who_maintains(filled: Command) -> None:
    filled(
        "users", "add", "wang", "--name", "王芳", "--role", "agent", "--agent", "小王", "--password", "a-b-c-d-e-f-g"
    )
    assert filled("--as", "wang", "doctor").code == 3
