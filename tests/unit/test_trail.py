"""Reading the audit: what is found, who may, and what that leaves behind."""

import csv
import json
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import text

from meiqia_search.acl.principal import Principal
from meiqia_search.archive import Caller
from meiqia_search.archive.trail import Trail
from meiqia_search.audit.chain import START, Fault, Kept, entry_of
from meiqia_search.audit.events import Action, Actor, Event, Visit, action_label, outcome_label
from meiqia_search.audit.question import Question, read, sentence
from meiqia_search.audit.sheet import HEAD, as_csv
from meiqia_search.clock import Instant
from meiqia_search.errors import (
    ActionNotAllowed,
    AuditDamaged,
    AuditUnavailable,
    BadCursor,
    BadValue,
    LimitExceeded,
)
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.database import Databases
from tests.audited import checkpoints_in
from tests.people import POLICY

ADMIN = Caller(Principal("p-admin", "管理", "administrator"), Visit("web", "192.0.2.1", "T9", "s9"))
AGENT = Caller(Principal("p-agent", "客服", "agent", ("k1",)), Visit("api"))
DAY = 86_400_000_000
PHONE = "13812345678"


@pytest.fixture
def log(databases: Databases) -> AuditLog:
    return AuditLog(databases.audit)


@pytest.fixture
def trail(log: AuditLog, tmp_path: Path) -> Trail:
    return Trail(log, checkpoints_in(tmp_path), lambda: POLICY)


def fill(log: AuditLog) -> None:
    """A few things that were done."""
    for number in range(1, 6):
        log.append(Event(Action.SEARCH, ADMIN.actor, 1, f"包含“退款{number}”", (f"c{number}", "c9"), 10 * number))
    log.append(Event(Action.READ, AGENT.actor, 1, "", ("c2",), 1))
    log.append(Event(Action.READ, AGENT.actor, 1, "", ("C2",), outcome="not-found"))
    log.append(Event(Action.DISABLE_PERSON, ADMIN.actor, 1, "停用账号 50%_x", ("p-agent",), 1))


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        (Question(), [8, 7, 6, 5, 4, 3, 2, 1]),
        (Question(people=("p-agent",)), [8, 7, 6]),
        (Question(actions=(Action.READ, Action.DISABLE_PERSON)), [8, 7, 6]),
        (Question(about=("c2",)), [6, 2]),
        (Question(about=("C2", "c1")), [7, 1]),
        (Question(about=("c",)), []),
        (Question(failed=True), [7]),
        (Question(failed=False, people=("p-agent",)), [8, 6]),
        (Question(words="退款3"), [3]),
        (Question(words="50%_X"), [8]),
        (Question(words="%"), [8]),
        (Question(since=4 * 10**15), []),
        (Question(until=4 * 10**15, words="退款"), [5, 4, 3, 2, 1]),
        (Question(words="' OR 1=1 --"), []),
        (Question(entries=(2, 4)), [4, 3, 2]),
        (Question(entries=(7, 7), actions=(Action.READ,)), [7]),
    ],
)
def test_what_is_found(trail: Trail, log: AuditLog, question: Question, wanted: list[int]) -> None:
    fill(log)
    leaf = trail.read(ADMIN, question)
    assert [row.entry.seq for row in leaf.rows] == wanted
    assert leaf.total == len(wanted)


def _after(log: AuditLog, seq: int) -> int:
    return log.before(Question(), seq + 1, 1)[0].entry.at + 1


def test_reading_is_itself_recorded(trail: Trail, log: AuditLog) -> None:
    fill(log)
    trail.read(ADMIN, Question(about=("c2", PHONE), words=f"找{PHONE}"))
    (row,) = log.newest(1)
    assert (row["action"], row["person"], row["session"], row["count"]) == ("read_audit", "p-admin", "s9", 0)
    assert PHONE not in repr(row)
    assert json.loads(str(row["ids"])) == ["c2", "[手机]"]


@pytest.mark.parametrize("ask", [Trail.verify, Trail.checkpoints, lambda t, c: t.read(c, Question()),
                                 lambda t, c: t.export(c, Question())])  # fmt: skip
def test_only_who_may_reads_and_the_attempt_is_recorded(trail: Trail, log: AuditLog, ask: object) -> None:
    with pytest.raises(ActionNotAllowed):
        ask(trail, AGENT)  # type: ignore[operator]
    (row,) = log.newest(1)
    assert (row["person"], row["outcome"]) == ("p-agent", "action-not-allowed")


def test_pages_lead_to_each_other(trail: Trail, log: AuditLog) -> None:
    fill(log)
    question = Question(until=_after(log, 8))
    first = trail.read(ADMIN, question, None, 3)
    second = trail.read(ADMIN, question, first.older, 3)
    third = trail.read(ADMIN, question, second.older, 3)
    pages = [[row.entry.seq for row in leaf.rows] for leaf in (first, second, third)]
    assert pages == [[8, 7, 6], [5, 4, 3], [2, 1]]
    assert (first.newer, third.older) == (None, None)
    back = trail.read(ADMIN, question, third.newer, 3)
    assert [row.entry.seq for row in back.rows] == pages[1]
    assert [row.entry.seq for row in trail.read(ADMIN, question, back.newer, 3).rows] == pages[0]
    for bad in ("7", "<x", "<-1", "<" + "9" * 19, "=7", "<7\n"):
        with pytest.raises(BadCursor):
            trail.read(ADMIN, question, bad)
    for size in (0, 101):
        with pytest.raises(LimitExceeded):
            trail.read(ADMIN, question, None, size)


def test_records_that_were_too_many_are_uncertain(trail: Trail, log: AuditLog) -> None:
    many = tuple(f"x{number}" for number in range(150))
    log.append(Event(Action.VERIFY, ADMIN.actor, 1, ids=many))
    assert (trail.read(ADMIN, Question(about=("x7",))).total, trail.read(ADMIN, Question(about=("x7",))).uncertain) == (
        1,
        0,
    )
    far = trail.read(ADMIN, Question(about=("x120",)))
    assert (far.total, far.uncertain) == (0, 1)


def test_what_stands_behind_the_log(trail: Trail, log: AuditLog, databases: Databases, tmp_path: Path) -> None:
    fill(log)
    standing = trail.read(ADMIN, Question()).standing
    assert (standing.seq, standing.signed, standing.agrees, standing.verified) == (8, None, False, None)
    checkpoints_in(tmp_path).keep(log)
    assert trail.verify(ADMIN).fault is None
    standing = trail.read(ADMIN, Question()).standing
    assert standing.agrees
    assert standing.verified is not None
    assert standing.verified.entry.outcome == "ok"
    with databases.audit.write() as connection:
        connection.execute(text("UPDATE audit SET hash = :other WHERE seq = 9"), {"other": bytes(32)})
    assert trail.verify(ADMIN).fault == Fault.CHANGED
    standing = trail.read(ADMIN, Question()).standing
    assert not standing.agrees
    assert standing.verified is not None
    assert standing.verified.entry.outcome == "audit-damaged"
    assert standing.verified.entry.sentence.startswith("审计日志有问题。第 9 条")


def test_checkpoints_that_cannot_be_read(trail: Trail, log: AuditLog, tmp_path: Path) -> None:
    checkpoints = checkpoints_in(tmp_path)
    checkpoints.keep(log)
    assert trail.checkpoints(ADMIN) == checkpoints.file.read_bytes()
    checkpoints.file.unlink()
    checkpoints.file.mkdir()
    for ask in (trail.verify, trail.checkpoints):
        with pytest.raises(AuditUnavailable, match="检查点"):
            ask(ADMIN)
    assert not trail.read(ADMIN, Question()).standing.agrees


def test_a_row_that_was_never_written_is_said(trail: Trail, log: AuditLog, databases: Databases) -> None:
    fill(log)
    with databases.audit.write() as connection:
        connection.execute(text("UPDATE audit SET ids = 'oops' WHERE seq = 3"))
    with pytest.raises(AuditDamaged, match="第 3 条"):
        trail.read(ADMIN, Question())


def test_an_export_can_be_verified_by_anybody(trail: Trail, log: AuditLog) -> None:
    fill(log)
    link = START
    rows = list(trail.export(ADMIN, Question()))
    for row in rows:
        entry = row.entry
        columns = [entry.seq, entry.at, entry.action, entry.person, entry.role, entry.policy, entry.surface,
                   entry.address, entry.trace, entry.session, entry.sentence, entry.ids, entry.digest, entry.count,
                   entry.outcome]  # fmt: skip
        link = sha256(link + json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode()).digest()
        assert row.hash == link
    assert [row.entry.seq for row in rows] == list(range(1, 9))
    assert log.newest(1)[0]["count"] == 8


def test_an_export_of_many_chunks(trail: Trail, log: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(log)
    monkeypatch.setattr("meiqia_search.archive.trail.CHUNK", 3)
    assert [row.entry.seq for row in trail.export(ADMIN, Question(words="退款"))] == [1, 2, 3, 4, 5]


def _kept(event: Event) -> Kept:
    entry = entry_of(event, 1, 1_795_000_000_000_000)
    return Kept(entry, json.loads(entry.ids), b"h" * 32)


@pytest.mark.parametrize(
    "evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "＝1+1", '=HYPERLINK("http://x")']
)
def test_no_cell_is_a_formula(evil: str) -> None:
    event = Event(Action.READ, Actor("p-1", evil, Visit("web", evil, evil, evil)), 1, evil, (evil,), 1, evil)
    _, cells = csv.reader(StringIO("".join(as_csv([_kept(event)], {"p-1": evil})).removeprefix("\ufeff"), newline=""))
    assert len(cells) == len(HEAD)
    assert sum(cell == f"'{evil}" for cell in cells) == 8
    assert not any(cell.strip()[:1] in {"=", "+", "-", "@", "＝"} for cell in cells)


def test_questions_in_words() -> None:
    now = Instant(1_795_000_000_000_000)
    asked = read(now, ("p-1",), ("read", "search"), ("c1", "c2"), "2026-11-01..2026-11-02", "failed", "退款")
    assert sentence(asked) == (
        "人员 p-1，动作 查看会话、搜索，涉及 2 条记录，"
        "时间 2026-11-01 00:00:00..2026-11-03 00:00:00，未成功，包含“退款”"
    )
    assert asked.until is not None
    assert asked.since is not None
    assert asked.until - asked.since == 2 * DAY
    assert sentence(read(now)) == "全部"
    assert [sentence(read(now, entries=each)) for each in ("7", "#7..#9")] == ["序号 7", "序号 7..9"]
    assert sentence(read(now, when=">=2026-11-01", outcome="ok")) == "时间 2026-11-01 00:00:00..，成功"


BAD: tuple[dict[str, object], ...] = (
    {"actions": ("nothing",)}, {"outcome": "maybe"}, {"when": "someday"}, {"when": "2026-11-02..2026-11-01"},
    {"entries": "7.."}, {"entries": "9..7"}, {"words": "词" * 101}, {"words": "a\0b"}, {"about": ("\x1b[2J",)},
)  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_asked(bad: dict[str, object]) -> None:
    with pytest.raises(BadValue):
        read(Instant(1_795_000_000_000_000), **bad)  # type: ignore[arg-type]


def test_too_many_records_at_once() -> None:
    with pytest.raises(LimitExceeded):
        Question(about=tuple(map(str, range(101))))
    with pytest.raises(BadValue):
        Question(since=5, until=5)


def test_words_for_what_was_done() -> None:
    assert (action_label("read"), action_label("from a later version")) == ("查看会话", "from a later version")
    assert [outcome_label(each) for each in ("ok", "not-found", "audit-damaged", "?")] == [
        "成功", "找不到", "审计日志被改动或已损坏", "?",
    ]  # fmt: skip
    assert len({each.label for each in Action}) == len(Action)
