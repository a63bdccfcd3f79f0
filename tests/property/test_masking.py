"""Whatever is written: nothing that was found is left, and nothing else is touched."""

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meiqia_search.conversation import Message, Speaker, build
from meiqia_search.fields import FIELDS, Personal
from meiqia_search.privacy import numbers
from meiqia_search.privacy.detect import find
from meiqia_search.privacy.mask import Show, shown
from meiqia_search.privacy.passage import all_for_index, for_index, for_person, redacted
from meiqia_search.privacy.plain import Plain, plain
from tests.labelled import KINDS, lines, values

_DIGITS = "0123456789０１２３①②③一二三零〇幺"
_MIX = st.text(
    st.sampled_from(_DIGITS + "-. ·\u200b\u00ad+@at.com路号省市区王先生我叫微信京AXx%#(（，\n\x1e½ﬁ😀"), max_size=60
)
_MASKED = dict.fromkeys(Personal, Show.MASKED)
_PERSONAL = st.sampled_from(Personal)
_SHOWS = dict.fromkeys(FIELDS, Show.MASKED)


def masked(text: str) -> str:
    message = Message(Speaker.CUSTOMER, text)
    return for_person(build("c", {}, [message]), _SHOWS, _MASKED).messages[0].text


def secret_pieces(value: str) -> set[str]:
    return {value[at : at + 5] for at in range(len(value) - 4) if value[at : at + 5].isdigit()}


@pytest.mark.parametrize("kind", KINDS)
def test_no_form_but_clear_shows_five_digits_of_a_value(kind: Personal) -> None:
    random = Random(5)
    for _ in range(200):
        value, written = values(kind, random)
        for form in (
            shown(kind, value, Show.MASKED),
            shown(kind, written, Show.MASKED),
            shown(kind, value, Show.HIDDEN),
        ):
            assert not any(piece in plain(form) for piece in secret_pieces(value)), (value, written, form)
            assert value not in form


@given(_PERSONAL, st.text(max_size=40) | _MIX)
def test_masking_twice_is_masking_once(kind: Personal, value: str) -> None:
    once = shown(kind, value, Show.MASKED)
    assert shown(kind, once, Show.MASKED) == once
    assert not re.search("[0-9]{5}", once)


def test_lines_without_personal_values_stay_and_others_lose_them() -> None:
    for line in lines(1_500, seed=3):
        hidden, shaded = redacted(line.text), masked(line.text)
        if not line.spans:
            assert hidden == shaded == line.text
        for _, _, _, value in line.spans:
            assert value not in hidden
            assert value not in shaded
            assert not any(piece in plain(shaded) for piece in secret_pieces(value) if line.text.count(piece) == 1)


@given(_MIX)
def test_what_a_stretch_of_digits_is_too_short_or_too_long_for_does_not_stand_in_it(text: str) -> None:
    found = list(numbers.numbers(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbers, "LOOKS", tuple((look, 0, 10_000) for look, _, _ in numbers.LOOKS))
        assert set(numbers.numbers(text)) == set(found)


@given(st.lists(st.tuples(_MIX, _MIX, _MIX), max_size=6))
def test_many_conversations_reach_the_index_as_each_alone(said: list[tuple[str, str, str]]) -> None:
    conversations = [
        build(
            f"c{number}",
            {"customer_name": (name,) if name else (), "topic": (topic,) if topic else ()},
            [Message(Speaker.CUSTOMER, text), Message(Speaker.AGENT, topic, name=name)],
        )
        for number, (text, topic, name) in enumerate(said)
    ]
    assert all_for_index(conversations) == [for_index(each) for each in conversations]


@given(_MIX)
def test_what_was_covered_once_stays(text: str) -> None:
    hidden = redacted(text)
    assert redacted(hidden) == hidden
    shaded = masked(text)
    assert masked(shaded) == shaded


@given(_MIX)
def test_only_what_was_found_changes(text: str) -> None:
    rest, at = "", 0
    for found in find(text):
        assert at <= found.start < found.end <= len(text)
        rest += text[at : found.start] + shown(found.kind, found.value, Show.HIDDEN)
        at = found.end
    assert redacted(text) == rest + text[at:]


@given(st.text(st.characters(codec="utf-8"), max_size=60) | _MIX)
def test_the_plain_spelling_leads_back_to_the_original(text: str) -> None:
    spelled = Plain(text)
    reach = [spelled.span(at, at + 1) for at in range(len(spelled.text))]
    assert all(0 <= start < end <= len(text) for start, end in reach)
    assert reach == sorted(reach)
    assert all(plain(spelled.text[at]) in plain(text[start:end]) for at, (start, end) in enumerate(reach))
