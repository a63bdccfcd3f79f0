"""Folding, cutting and highlighting, for any text."""

import re
from itertools import chain, pairwise

import jieba
import pytest
import rjieba
from hypothesis import given, settings
from hypothesis import strategies as st

from meiqia_search.channels.demo import conversations as demo
from meiqia_search.clock import Instant
from meiqia_search.text import words
from meiqia_search.text.highlight import FRAGMENT, LINE, Span, fragment, pieces, spans
from meiqia_search.text.normalise import SPACE, fold, fold_with_offsets
from tests.conftest import PROVE
from tests.corpus import FIRST_DAY, corpus
from tests.strategies import SENTENCES

EXAMPLES = 10_000 if PROVE else 300
ANY = st.text(st.characters(), max_size=40)
ODD = st.sampled_from((*"  \t\n␣␞\x1e\x1f\u3000\u200bﬁ½ßİ語繁體Ａ①㈱ｶﾞé", "e\u0301", "👨‍👩‍👧", "\ufdfa"))
TEXTS = st.one_of(ANY, st.lists(ODD | st.sampled_from(SENTENCES), max_size=8).map("".join))


@st.composite
def parts(draw: st.DrawFn) -> tuple[str, int, int]:
    """A text with the ends of one of its parts."""
    text = draw(TEXTS.filter(bool))
    start = draw(st.integers(0, len(text) - 1))
    return text, start, draw(st.integers(start + 1, len(text)))


@settings(max_examples=EXAMPLES)
@given(TEXTS)
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert bool(fold(text)) is bool(text)
    assert SPACE not in fold(text)
    assert "  " not in fold(text)


@settings(max_examples=EXAMPLES)
@given(parts())
def test_a_part_folds_to_a_part(part: tuple[str, int, int]) -> None:
    text, start, end = part
    assert fold(text[start:end]) in fold(text)


@settings(max_examples=EXAMPLES)
@given(TEXTS)
def test_offsets_lead_back(text: str) -> None:
    folded, offsets = fold_with_offsets(text)
    assert folded == fold(text)
    if offsets is None:
        offsets = list(range(len(text)))
    assert len(offsets) == len(folded)
    assert offsets == sorted(offsets)
    assert all(char in fold(text[offset]) for char, offset in zip(folded, offsets, strict=True))


@settings(max_examples=EXAMPLES)
@given(parts())
def test_a_span_holds_what_was_looked_for(part: tuple[str, int, int]) -> None:
    text, start, end = part
    needle = fold(text[start:end])
    found = spans(text, [needle])
    assert found
    assert all(needle in fold(text[begin:stop]) for begin, stop in found)
    assert found == sorted(found)
    assert all(one.end < other.start for one, other in pairwise(found))


def _is_phrase(needle: str, messages: list[str]) -> bool:
    """What an engine does with the tokens."""
    text = words.joined(messages)
    if len(needle) == 1:
        return needle.replace(" ", SPACE) in words.chars(text).split(" ")
    tokens, wanted = words.bigrams(text).split(" "), words.pairs(needle)
    return any(tokens[at : at + len(wanted)] == wanted for at in range(len(tokens)))


@settings(max_examples=EXAMPLES)
@given(st.lists(TEXTS.map(fold), max_size=4), TEXTS.map(fold).filter(bool), parts())
def test_bigrams_mean_substring_of_one_message(messages: list[str], other: str, part: tuple[str, int, int]) -> None:
    text, start, end = part
    messages = [*messages, fold(text)]
    across = "".join(messages)[-8:]
    for needle in filter(None, (fold(text[start:end]), other, across)):
        assert _is_phrase(needle, messages) is any(needle in message for message in messages)


@settings(max_examples=EXAMPLES)
@given(TEXTS | st.text("甲乙1", min_size=60, max_size=120), st.lists(TEXTS.map(fold).filter(bool), max_size=3))
def test_a_fragment_is_a_cut_out(text: str, needles: list[str]) -> None:
    hits = spans(text, needles)
    assert "".join(piece for piece, _ in pieces(text, hits)) == text
    assert [piece for piece, hit in pieces(text, hits) if hit] == [text[start:end] for start, end in hits]
    cut = fragment(text, hits)
    assert cut.text in text
    assert min(LINE, len(text)) <= len(cut.text) <= FRAGMENT
    assert cut.cut_before is not text.startswith(cut.text) or not cut.cut_before
    assert any(hit for _, hit in cut.pieces) is bool(hits)


def test_a_fragment_begins_before_the_first_hit() -> None:
    text = "甲" * 200 + "退款" + "乙" * 200
    cut = fragment(text, spans(text, ["退款"]))
    assert cut.pieces == (("甲" * 12, False), ("退款", True), ("乙" * 66, False))
    assert (cut.cut_before, cut.cut_after) == (True, True)
    assert fragment("短", []).pieces == (("短", False),)
    assert fragment(text, [Span(0, 402)]).pieces == ((text[:80], True),)


@pytest.mark.slow
def test_rjieba_gives_the_words_of_jieba() -> None:
    jieba.setLogLevel(60)
    some = chain(corpus(), demo(20_000 if PROVE else 100, until=Instant(FIRST_DAY)))
    runs = {run for each in some for _, text in each.said() for run in re.findall(r"[\u4e00-\u9fff]+", fold(text))}
    assert len(runs) > 300
    for run in sorted(runs):
        assert list(rjieba.cut(run)) == jieba.lcut(run), run


@settings(max_examples=EXAMPLES)
@given(TEXTS.map(fold))
def test_every_needle_of_a_text_occurs_in_it(folded: str) -> None:
    for needle in words.needles(folded, most=32):
        assert needle in folded
