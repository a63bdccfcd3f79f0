"""What the chain of the audit is, and what its verification says."""

import json
from collections.abc import Sequence
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meiqia_search.audit.chain import START, Entry, Fault, Verdict, entry_of, linked, verify
from meiqia_search.audit.checkpoint import Checkpoint, sealed, unsealed
from meiqia_search.audit.events import Action, Actor, Event, Visit

BY = Actor("p-1", "agent", Visit("web", "192.0.2.1", "T1", "s1"))
SECRET = b"k" * 32
Row = tuple[object, ...]

anything = st.text(st.characters(exclude_categories=()), max_size=20)
events = st.builds(
    Event, st.sampled_from(Action), st.builds(Actor, anything, anything, st.builds(Visit, anything, anything)),
    st.integers(0, 99), anything, st.lists(anything, max_size=130).map(tuple), st.integers(0, 10**9), anything,
)  # fmt: skip


def log(*events: Event) -> list[Row]:
    """The rows of these events."""
    rows, link = [], START
    for seq, event in enumerate(events, 1):
        entry = entry_of(event, seq, seq * 1_000)
        link = linked(link, entry)
        rows.append((*msgspec.structs.astuple(entry), link))
    return rows


def event(number: int) -> Event:
    return Event(Action.READ, BY, 1, f"第{number}次", (f"c{number}",), 1)


def signed(rows: Sequence[Row], *seqs: int) -> list[Checkpoint]:
    return [Checkpoint(seq, rows[seq - 1][-1] if seq else START, 0) for seq in seqs]  # type: ignore[arg-type]


@given(events)
def test_the_hash_is_that_of_plain_json(event: Event) -> None:
    entry = entry_of(event, 7, 9)
    text = json.dumps(list(msgspec.structs.astuple(entry)), ensure_ascii=False, separators=(",", ":"))
    assert linked(START, entry) == sha256(START + text.encode()).digest()
    assert "\0" not in text


def test_of_many_ids_the_first_are_kept_and_all_are_vouched_for() -> None:
    ids = tuple(f"c{number}" for number in range(101))
    kept = entry_of(Event(Action.SEARCH, BY, 1, ids=ids), 1, 1)
    assert json.loads(kept.ids) == list(ids[:100])
    assert kept.digest == "101:" + sha256("\n".join(ids).encode()).hexdigest()
    assert entry_of(Event(Action.SEARCH, BY, 1, ids=ids[:100]), 1, 1).digest == ""


def test_a_personal_value_in_a_sentence_becomes_its_kind() -> None:
    assert entry_of(Event(Action.SEARCH, BY, 1, "包含“13812345678”"), 1, 1).sentence == "包含“[手机]”"


def test_an_untouched_log_is_whole() -> None:
    rows = log(*map(event, range(9)))
    assert verify(rows, signed(rows, 0, 4, 7)) == Verdict(9, 9, 7)
    assert verify([], signed([], 0)) == Verdict(0, 0, 0)


@pytest.mark.parametrize("column", range(1, len(Entry.__struct_fields__) + 1))
def test_every_column_is_bound(column: int) -> None:
    rows = log(*map(event, range(9)))
    old = rows[4][column]
    rows[4] = (*rows[4][:column], bytes(32) if isinstance(old, bytes) else f"{old}!", *rows[4][column + 1 :])
    assert verify(rows, signed(rows, 9)) == Verdict(4, 4, 0, Fault.CHANGED, 5)


def test_bytes_that_json_writes_like_the_text_are_not_the_text() -> None:
    rows = log(Event(Action.READ, BY, 1, "", (), 1, "aGVsbG8="))
    assert verify([(*rows[0][:-2], b"hello", rows[0][-1])], []).fault == Fault.CHANGED


def test_what_is_missing_is_named() -> None:
    rows = log(*map(event, range(9)))
    assert verify([*rows[:3], *rows[5:]], signed(rows, 9)) == Verdict(3, 3, 0, Fault.MISSING, 4)
    assert verify(rows[:6], signed(rows, 2, 9)) == Verdict(6, 6, 2, Fault.CUT, 7)
    assert verify([], signed(rows, 9)) == Verdict(0, 0, 0, Fault.CUT, 1)


def test_a_chain_computed_anew_is_not_the_one_that_was_signed() -> None:
    rows = log(*map(event, range(9)))
    other = log(*map(event, range(4)), event(99), *map(event, range(5, 9)))
    assert verify(other, signed(rows, 3, 8)) == Verdict(8, 8, 3, Fault.REWRITTEN, 4)


def test_a_signed_entry_that_is_gone_with_its_gap_closed() -> None:
    rows = log(*map(event, range(9)))
    assert verify(log(*map(event, range(7))), signed(rows, 3, 9)).fault == Fault.CUT


def test_without_a_checkpoint_nothing_is_proved() -> None:
    rows = log(event(1))
    assert verify(rows, []).fault == Fault.UNCONFIRMED
    assert verify(rows, [None, *signed(rows, 1)]) == Verdict(1, 1, 1, Fault.UNSIGNED)


def test_a_checkpoint_is_what_was_signed() -> None:
    checkpoint = Checkpoint(3, b"h" * 32, 17)
    line = sealed(checkpoint, SECRET)
    assert line.endswith(b"\n")
    assert unsealed(line, SECRET) == checkpoint
    assert unsealed(line, b"another key" * 3) is None
    assert all(unsealed(line[:at], SECRET) is None for at in range(len(line) - 2))
    for bad in (b"", b"{}", b"null", line.replace(b'"seq":3', b'"seq":4'), line.replace(b"17", b"18"), b"\xff"):
        assert unsealed(bad, SECRET) is None
