"""A place in a result is only for the person and the question it was given for."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meiqia_search.acl.policy import built_in
from meiqia_search.archive.cursors import Cursors
from meiqia_search.errors import BadCursor
from meiqia_search.query.filter import Not
from meiqia_search.query.request import After, Search, Sort
from tests.conftest import PROVE
from tests.corpus import PRINCIPALS
from tests.people import POLICY, scope_of
from tests.strategies import searches

EXAMPLES = 1_000 if PROVE else 150
CURSORS = Cursors("a secret")
PLACES = st.builds(After, st.integers(0, 2**64 - 1), st.text(max_size=20), st.booleans())
SCOPE = scope_of(PRINCIPALS[0])


def sealed(place: After, search: Search) -> str:
    cursor = CURSORS.seal(place, SCOPE, search)
    assert cursor is not None
    return cursor


@settings(max_examples=EXAMPLES)
@given(PLACES, searches())
def test_a_place_comes_back(place: After, search: Search) -> None:
    assert CURSORS.unseal(sealed(place, search), SCOPE, search) == place
    assert CURSORS.unseal(sealed(place, search), SCOPE, replace(search, size=1)) == place


@settings(max_examples=EXAMPLES)
@given(PLACES, searches())
def test_another_question_or_person_or_policy(place: After, search: Search) -> None:
    cursor = sealed(place, search)
    other_sort = Sort("messages") if search.sort != Sort("messages") else Sort("duration")
    for other in (replace(search, sort=other_sort), replace(search, where=Not(search.where))):
        with pytest.raises(BadCursor):
            CURSORS.unseal(cursor, SCOPE, other)
    newer = replace(built_in("participant"), version=POLICY.version + 1)
    for scope in (scope_of(PRINCIPALS[1]), scope_of(PRINCIPALS[0], newer)):
        with pytest.raises(BadCursor):
            CURSORS.unseal(cursor, scope, search)
    with pytest.raises(BadCursor):
        Cursors("another secret").unseal(cursor, SCOPE, search)


@settings(max_examples=EXAMPLES)
@given(PLACES, st.data())
def test_a_changed_cursor(place: After, data: st.DataObject) -> None:
    cursor = sealed(place, Search())
    at = data.draw(st.integers(0, len(cursor) - 2))  # the last character holds bits that do not count
    char = data.draw(st.characters(codec="ascii").filter(lambda char: char != cursor[at]))
    for changed in (cursor[:at] + char + cursor[at + 1 :], cursor[:at]):
        with pytest.raises(BadCursor):
            CURSORS.unseal(changed, SCOPE, Search())


@settings(max_examples=EXAMPLES)
@given(st.text())
def test_any_text(text: str) -> None:
    with pytest.raises(BadCursor):
        CURSORS.unseal(text, SCOPE, Search())


def test_no_place_no_cursor() -> None:
    assert CURSORS.seal(None, SCOPE, Search()) is None
