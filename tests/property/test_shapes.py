"""Reading back what was written, whole, cut short or from the middle."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meiqia_search.channels import files
from meiqia_search.channels.shapes import parse
from meiqia_search.channels.values import clean
from meiqia_search.conversation import Conversation, Message, Speaker, build, encode
from meiqia_search.fields import FIELDS, LATEST, Field, Kind

TEXT = st.text(max_size=20).map(clean)
WORD = st.text(min_size=1, max_size=10).map(clean)


def _values(field: Field) -> st.SearchStrategy[tuple[object, ...]]:
    numbers = st.integers(0, LATEST - 1) if field.kind is Kind.TIME else st.integers(-(1 << 61), 1 << 61)
    one = WORD if field.kind in {Kind.KEYWORD, Kind.TEXT} else numbers
    return st.lists(one, min_size=1, max_size=3 if field.many else 1).map(tuple)


FACTS = st.fixed_dictionaries({}, optional={name: _values(field) for name, field in FIELDS.items() if name != "id"})
MESSAGES = st.builds(
    Message,
    st.sampled_from(Speaker),
    TEXT,
    at=st.none() | st.integers(0, 1 << 52),
    kind=st.sampled_from(["text", "photo", ""]),
    type=st.sampled_from(["message", "welcome", ""]),
    agent=TEXT,
    name=TEXT,
    url=TEXT,
)
NAMES = st.fixed_dictionaries({}, optional={kind: st.dictionaries(WORD, TEXT) for kind in ("agent", "group")})
CONVERSATIONS = st.builds(build, WORD, FACTS, st.lists(MESSAGES, max_size=6), NAMES)

ITEMS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
OURS = ["conversation_id", "id", "facts", "messages", "names", "customer", "agent", "labels", "started_at", "channel"]
MEIQIAS = ["conv_id", "conv_content", "client_info", "evaluation", "conv_tags", "conv_start_tm", "agent_ID", "group_id"]
KEYS = st.sampled_from([*OURS, *MEIQIAS])


@given(CONVERSATIONS)
def test_our_own_shape_comes_back_as_it_went(conversation: Conversation) -> None:
    assert parse(json.loads(encode(conversation))) == conversation


@given(st.dictionaries(KEYS, ITEMS))
def test_any_object_is_a_conversation_or_one_of_our_errors(payload: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_text(json.dumps(payload) + "\n", encoding="utf-8")
        [item] = files.read(path)
    assert (item.conversation is None) == bool(item.reason)


@given(st.lists(CONVERSATIONS, min_size=1, max_size=3), st.data())
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_file_cut_anywhere(codec: str, conversations: list[Conversation], data: st.DataObject) -> None:
    whole = "".join(encode(conversation).decode() + "\n" for conversation in conversations).encode(codec)
    cut = whole[: data.draw(st.integers(1, len(whole)))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_bytes(cut)
        found = list(files.read(path))
    complete = cut.decode(codec, "ignore").count("\n")
    kept = [item.conversation for item in found if item.conversation]
    assert kept[:complete] == conversations[:complete]
    assert len(kept) <= complete + 1
    assert len(found) - len(kept) <= 1


@given(st.lists(st.sampled_from(["", "bad", '{"id": "a"}', '{"id": ""}', "[]"]), min_size=1), st.integers(0, 12))
def test_skipping_lines_gives_the_tail(lines: list[str], skip: int) -> None:
    _assert_tail("a.jsonl", "\n".join(["{}", *lines]), skip)


@given(
    st.lists(st.sampled_from(["a,客户,一", "a,路人,二", "b,客服,三", "c,客户", ",客户,四", 'c,"客', "", ",,"])),
    st.integers(0, 12),
)
def test_skipping_rows_gives_the_tail(rows: list[str], skip: int) -> None:
    _assert_tail("a.csv", "\n".join(["编号,发送方,内容", *rows]), skip)


def _assert_tail(name: str, text: str, skip: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        everything = list(files.read(path))
        tail = list(files.read(path, skip=skip))
    positions = [item.position for item in everything]
    assert positions == sorted(set(positions))
    assert tail == [item for item in everything if item.position > skip]
