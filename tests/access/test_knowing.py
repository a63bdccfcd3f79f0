"""Whoever knows an id, a value or a cursor that is not theirs gets by it what a made-up one gets."""

import json
import re
from collections.abc import Iterator
from itertools import product
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from meiqia_search.wiring import Services
from tests.access.canaries import MAKERS, Secret, Seed, World, all_secrets, chance, token
from tests.access.surfaces import Ask
from tests.access.table import EVERYTHING, PEOPLE
from tests.access.traces import Finder
from tests.access.walk import send
from tests.access.world import browser
from tests.conftest import PROVE

LOGINS = [login for login in PEOPLE if PEOPLE[login].sees != EVERYTHING]
FINDER = Finder(all_secrets())
_CHANCE = re.compile(
    '(?<![0-9A-Za-z])[0-9A-F]{10}(?![0-9A-Za-z])|name="csrf" value="[0-9a-f]{64}"|[0-9]+[.][0-9]{2} 秒'
    "|content-length: [0-9]+"
    '|id="f-[a-z_]+-[0-9a-f]{8}"|"known":.*|(?<=；有的是：).*'
)
"""Also what is made of the words that were asked for: the id of a box, and what they are most like."""


@pytest.fixture(scope="module", params=LOGINS)
def person(request: pytest.FixtureRequest, services: Services) -> Iterator[tuple[str, TestClient]]:
    with browser(services, request.param) as client:
        yield request.param, client


def with_id(each: str) -> list[Ask]:
    """Everywhere that an id can be asked for."""
    whole = quote(each, safe="")
    return [
        Ask("GET", f"/conversations/{whole}"),
        Ask("GET", f"/conversations/{whole}", [("q", "这里说到"), ("sort", "-started_at")]),
        Ask("GET", f"/api/v1/conversations/{whole}"),
        Ask("GET", "/search", [("find", each)]),
        Ask("GET", "/search", [("q", "这里说到"), ("find", each)]),
        Ask("GET", "/search", [("q", each)]),
        Ask("GET", "/search", [("q", f"编号:{each}")]),
        Ask("GET", "/search", [("id", each)]),
        Ask("GET", "/api/v1/search", [("q", f"id:{each}")]),
        Ask("POST", "/api/v1/search", json={"where": {"term": {"field": "id", "values": [each]}}}),
        Ask("POST", "/api/v1/search", json={"where": {"not": {"term": {"field": "id", "values": [each]}}}}),
    ]


def with_value(value: str) -> list[Ask]:
    """Everywhere that a value can be asked for."""
    return [
        Ask("GET", "/search", [("q", value)]),
        Ask("GET", "/search", [("q", f'"{value}"')]),
        Ask("GET", "/search", [("q", f"退款 {value}"), ("sort", "relevance")]),
        Ask("POST", "/api/v1/search", json={"where": {"text": {"words": value, "exact": True}}}),
        Ask("POST", "/api/v1/search", json={"where": {"not": {"text": {"words": value}}}}),
    ]


def with_field(place: str, value: str) -> list[Ask]:
    """Everywhere that a value of a field can be asked for."""
    return [
        Ask("GET", "/search", [(place, value)]),
        Ask("GET", "/api/v1/search", [(place, value)]),
        Ask("POST", "/api/v1/search", json={"where": {"term": {"field": place, "values": [value]}}}),
        Ask("POST", "/api/v1/search", json={"where": {"or": [
            {"term": {"field": place, "values": [value]}}, {"text": {"words": "退款"}}]}}),
    ]  # fmt: skip


def same(person: tuple[str, TestClient], known: list[Ask], made_up: list[Ask], values: tuple[str, str]) -> None:
    """What is told of the first value is what is told of the second, and nothing else that is hidden."""
    login, client = person
    for one, other in zip(known, made_up, strict=True):
        there, absent = send(client, one), send(client, other)
        lines = zip(told(there.left, values[0]), told(absent.left, values[1]), strict=True)
        assert not [pair for pair in lines if pair[0] != pair[1]], (login, one)


def told(left: bytes, value: str) -> list[str]:
    """An answer without what was asked for, and without chance."""
    text, plain = left.decode(), value.strip()
    for written in (value, quote(value), plain, quote(plain), json.dumps(plain)[1:-1]):
        text = text.replace(written, "VALUE")
    return _CHANCE.sub("", text).split("\n")


def test_an_id_that_is_not_theirs_is_like_one_that_does_not_exist(person: tuple[str, TestClient]) -> None:
    unseen = sorted(EVERYTHING - PEOPLE[person[0]].sees)
    for relation in unseen if PROVE else chance("id", person[0]).sample(unseen, 2):
        known, made_up = World(relation).id, token("made up", relation)
        for one, other in ((known, made_up), (f" {known}", f" {made_up}"), (known.upper(), made_up.upper())):
            same(person, with_id(one), with_id(other), (one, other))


def hidden(login: str) -> list[Secret]:
    """What this person does not see."""
    row = PEOPLE[login]
    return [
        secret
        for secret in all_secrets()
        if secret.place != "id"
        and (secret.relation not in row.sees or row.form_of(secret.place, secret.kind) != "clear")
    ]


def other(secret: Secret) -> Secret:
    """A secret of the same shape, reading the same when it is masked, that is nowhere."""
    seed = (secret.relation, secret.place)
    if secret.kind:
        made = MAKERS[secret.kind](Seed(chance(*seed), chance(*seed, "made up")))
        return Secret(secret.relation, secret.place, secret.kind, *made)
    made_up = token("made up", *seed)
    return Secret(secret.relation, secret.place, "", made_up, (made_up,))


@pytest.mark.timeout(1_800)
def test_a_value_that_is_hidden_is_like_one_that_does_not_exist(person: tuple[str, TestClient]) -> None:
    login = person[0]
    found = [each for each in hidden(login) if not each.needles[0].isdigit() or each.kind]
    for secret in found if PROVE else chance("value", login).sample(found, 8):
        twin = other(secret)
        for one, two in zip(secret.needles, twin.needles, strict=True):
            same(person, with_value(one), with_value(two), (one, two))
        place = secret.place.split("+", maxsplit=1)[0]
        if not place.startswith(("in_text", "said_by", "repeated", "file", "speaker")):
            one, two = secret.written, twin.written
            same(person, with_field(place, one), with_field(place, two), (one, two))


def test_a_part_of_a_hidden_number_finds_nothing(person: tuple[str, TestClient]) -> None:
    """A number is not guessed digit by digit."""
    login, client = person
    numbers = [each for each in hidden(login) if each.kind in {"phone", "landline", "id_card", "bank_card"}]
    for secret in chance("part", login).sample(numbers, min(len(numbers), 200) if PROVE else 4):
        digits = secret.needles[-1].replace("-", "")
        for start in range(len(digits) - 4):
            part = f'"{digits[start : start + 5]}"'
            got = send(client, Ask("POST", "/api/v1/search", json={"q": part}))
            assert '"total":0' in got.text or got.status == 403, (secret, part)


@pytest.fixture(scope="module")
def browsers(services: Services) -> dict[str, TestClient]:
    """Everybody who has a second page."""
    return {login: browser(services, login) for login, row in PEOPLE.items() if len(row.sees) > 1}


def cursor_of(client: TestClient) -> str:
    """To the second page of everything, one a page."""
    return str(client.get("/api/v1/search", params={"size": 1}).json()["next"])


def test_a_cursor_is_good_for_nobody_else(browsers: dict[str, TestClient]) -> None:
    cursors = {login: cursor_of(client) for login, client in browsers.items()}
    assert len(cursors) > 4
    for (login, client), owner in product(browsers.items(), cursors):
        answer = client.get("/api/v1/search", params={"size": 1, "after": cursors[owner]})
        assert answer.status_code == (200 if login == owner else 400)
        assert login == owner or answer.json()["code"] == "cursor-invalid"


def test_a_cursor_that_was_changed_is_refused(browsers: dict[str, TestClient]) -> None:
    client = browsers["agent"]
    cursor = cursor_of(client)
    changed = [cursor[:at] + ("A" if each != "A" else "B") + cursor[at + 1 :] for at, each in enumerate(cursor)]
    odd = ["x", ".", "..", "\x00", "é", "[]", cursor + " ", cursor[::-1], cursor.upper(), cursor * 20]
    for each in (*(changed if PROVE else changed[::5]), *odd):
        answer = client.get("/api/v1/search", params={"size": 1, "after": each})
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor-invalid"), each


def test_a_cursor_belongs_to_its_question(browsers: dict[str, TestClient]) -> None:
    cursor = cursor_of(browsers["agent"])
    for question in ({"q": "回电"}, {"sort": "duration"}, {"channel": "web"}, {"lacks": "tag"}):
        assert browsers["agent"].get("/api/v1/search", params={**question, "after": cursor}).status_code == 400


def test_what_a_cursor_holds_is_no_secret(browsers: dict[str, TestClient]) -> None:
    """It can be read by whoever has it."""
    for login, client in browsers.items():
        seen = {World(each).id for each in PEOPLE[login].sees}
        assert {each.written for each in FINDER.found(cursor_of(client).encode())} <= seen
