"""The hash chain: every entry of the log is bound to the one before it, so nothing in between changes unnoticed.

``hash = SHA-256(hash of the entry before ‖ JSON array of this entry's columns in order)``; before the first stand 32
zero bytes. The JSON is UTF-8 without spaces and without needless escapes (``json.dumps(…, ensure_ascii=False,
separators=(",", ":"))``), so anybody can compute the chain of an export again. That needs no key; what binds the chain
as a whole are the signed :mod:`checkpoints <.checkpoint>`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from meiqia_search.audit.checkpoint import Checkpoint
from meiqia_search.audit.events import IDS, Event
from meiqia_search.errors import AuditDamaged

START = bytes(32)
"""What stands before the first entry."""


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """An event with its number and time, as it is kept and hashed.

    ``ids`` is a JSON array of at most :data:`IDS`; where there were more, ``digest`` is their number and the SHA-256 of
    all of them, one per line.
    """

    seq: int
    at: int
    action: str
    person: str
    role: str
    policy: int
    surface: str
    address: str
    trace: str
    session: str
    sentence: str
    ids: str
    digest: str
    count: int
    outcome: str


class Kept(NamedTuple):
    """An entry of the log, the ids in it, and its hash."""

    entry: Entry
    ids: list[str]
    hash: bytes


def kept(row: Sequence[Any]) -> Kept:
    """A row of the log as it was read: the columns of an entry, and its hash.

    Raises:
        AuditDamaged: it is nothing that was ever written; names its number.
    """
    try:
        entry = msgspec.convert(tuple(row[:-1]), Entry)
        return Kept(entry, msgspec.json.decode(entry.ids, type=list[str]), msgspec.convert(row[-1], bytes))
    except msgspec.MsgspecError:
        raise AuditDamaged(f"第 {row[0]} 条已不是当初写下的样子；请运行 meiqia-search audit verify。") from None


def entry_of(event: Event, seq: int, at: int) -> Entry:
    """The event as this entry of the log."""
    by, visit = event.by, event.by.visit
    ids = _all_plain(event.ids)
    return Entry(
        seq=seq,
        at=at,
        action=event.action,
        person=_plain(by.person),
        role=_plain(by.role),
        policy=event.policy,
        surface=_plain(visit.surface),
        address=_plain(visit.address),
        trace=_plain(visit.trace),
        session=_plain(visit.session),
        sentence=_plain(event.sentence),
        ids=msgspec.json.encode(ids[:IDS]).decode(),
        digest=_digest(ids),
        count=event.count,
        outcome=_plain(event.outcome),
    )


def _plain(text: str) -> str:
    """The text without what no database keeps: NUL and half characters."""
    return text.replace("\0", "␀").encode("utf-8", "replace").decode()


def _all_plain(texts: Sequence[str]) -> Sequence[str]:
    """The same of each; looked at together, since nearly always there is nothing to do."""
    every = "\n".join(texts)
    return texts if _plain(every) == every else [_plain(each) for each in texts]


def _digest(ids: Sequence[str]) -> str:
    every = "\n".join(ids).encode()
    return f"{len(ids)}:{sha256(every).hexdigest()}" if len(ids) > IDS else ""


def linked(previous: bytes, entry: Entry | Sequence[object]) -> bytes:
    """The hash of an entry, given the hash before it."""
    return sha256(previous + msgspec.json.encode(entry)).digest()


class Fault(StrEnum):
    """What is wrong with a log, and from where on."""

    CHANGED = "这一条被改动，或不是原来的那一条"
    MISSING = "这一条已被删除"
    REWRITTEN = "从这一条起，到下一个检查点为止，有记录被改写"
    CUT = "从这一条起都被截去，或整个日志被换回旧的"
    UNSIGNED = "检查点文件里有签名不对的行，不能作为依据"
    UNCONFIRMED = "没有可以核对的检查点，只能证明日志自身前后一致"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What :func:`verify` found: ``first_bad`` is the number of the first entry that is not what it was.

    ``confirmed`` is the newest entry that a checkpoint vouches for (0: none); later ones are consistent in themselves.
    """

    checked: int
    last: int
    confirmed: int
    fault: Fault | None = None
    first_bad: int | None = None

    @property
    def words(self) -> str:
        """The verdict in one sentence."""
        proved = f"检查点可证明到第 {self.confirmed:,} 条"
        if self.fault is None:
            return f"审计日志完整：共 {self.checked:,} 条，到第 {self.last:,} 条；{proved}。"
        where = f"第 {self.first_bad:,} 条：" if self.first_bad else ""
        return f"审计日志有问题。{where}{self.fault}。此前 {self.checked:,} 条相连，{proved}。"


def verify(rows: Iterable[Sequence[Any]], checkpoints: Sequence[Checkpoint | None]) -> Verdict:
    """Walk a log from its beginning to the first fault; every row is the columns of an :class:`Entry` and its hash.

    Among ``checkpoints``, None stands for one whose signature is not right.
    """
    waiting = sorted({(each.seq, each.hash) for each in checkpoints if each and each.seq}, reverse=True)
    previous, last, checked, confirmed = START, 0, 0, 0
    for *entry, kept in rows:
        seq: int = entry[0]  # the table's key: it cannot be anything else
        if linked(previous, entry) != kept or bytes in map(type, entry):  # JSON does not tell bytes from their Base64
            fault = Fault.CHANGED if seq <= last + 1 else Fault.MISSING
            return Verdict(checked, last, confirmed, fault, min(seq, last + 1))
        previous, last, checked = kept, seq, checked + 1
        while waiting and waiting[-1][0] <= seq:
            if waiting.pop() != (seq, kept):
                return Verdict(checked, last, confirmed, Fault.REWRITTEN, confirmed + 1)
            confirmed = seq
    if waiting:
        return Verdict(checked, last, confirmed, Fault.CUT, last + 1)
    if None in checkpoints:
        return Verdict(checked, last, confirmed, Fault.UNSIGNED)
    return Verdict(checked, last, confirmed, None if confirmed or not last else Fault.UNCONFIRMED)
