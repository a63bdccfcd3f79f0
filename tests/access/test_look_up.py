"""Whoever may look something up by its whole value finds what they see by it, and the value is nowhere afterwards."""

import re
from collections.abc import Iterator

import pytest
from pypinyin import lazy_pinyin
from starlette.testclient import TestClient

from meiqia_search.fields import EXACT
from meiqia_search.text.normalise import fold
from meiqia_search.wiring import Services
from tests.access.canaries import Secret, World, all_secrets, secrets
from tests.access.surfaces import Ask
from tests.access.table import EVERYTHING, HANDLES, LOOKED_UP_AS, PEOPLE, RELATIONS
from tests.access.test_knowing import other
from tests.access.traces import Finder
from tests.access.walk import Watcher, request, send
from tests.access.world import browser

FINDER = Finder(all_secrets())
_CHANCE = re.compile(r"(?<![0-9A-Za-z])[0-9A-F]{10}(?![0-9A-Za-z])|content-length: [0-9]+")


def field_of(secret: Secret) -> str:
    """By which field it is looked up; '' by none."""
    if secret.place.startswith(("in_text_", "repeated_by_")):
        return LOOKED_UP_AS.get(secret.kind, "")
    return secret.place if secret.place in HANDLES else ""


LOOKED_UP = {relation: [each for each in secrets(World(relation)) if field_of(each)] for relation in RELATIONS}


def test_the_handles_are_those_of_the_table() -> None:
    assert EXACT.keys() == HANDLES
    assert {field_of(each) for found in LOOKED_UP.values() for each in found} == HANDLES


@pytest.fixture(scope="module", params=PEOPLE)
def person(request: pytest.FixtureRequest, services: Services) -> Iterator[tuple[str, TestClient]]:
    with browser(services, request.param) as client:
        yield request.param, client


def by_body(secret: Secret, value: str) -> Ask:
    return Ask("POST", "/api/v1/search", json={"q": f'{field_of(secret)}:"{value}"'})


def test_who_may_finds_exactly_what_they_see(person: tuple[str, TestClient]) -> None:
    login, client = person
    row = PEOPLE[login]
    for relation, found in LOOKED_UP.items():
        for secret in found:
            got = send(client, by_body(secret, secret.written))
            if field_of(secret) not in row.finds:
                assert (got.status, "field-not-allowed" in got.text) == (403, True), secret
            else:
                there = relation in row.sees
                assert f'"total":{int(there)}' in got.text, secret
                assert (World(relation).id in got.text) == there, secret


@pytest.mark.parametrize("spelled", ["written", "sound", "initials"])
def test_who_sees_names_finds_by_them(person: tuple[str, TestClient], spelled: str) -> None:
    login, client = person
    for relation in RELATIONS:
        name = World(relation).personal("customer_name", "name").written
        sounds = lazy_pinyin(fold(name))
        words = {"written": name[1:], "sound": "".join(sounds), "initials": "".join(each[0] for each in sounds)}[
            spelled
        ]
        got = send(client, Ask("POST", "/api/v1/search", json={"q": f'姓名:"{words}"', "size": 100}))
        if not PEOPLE[login].names:
            assert (got.status, "field-not-allowed" in got.text) == (403, True)
        else:
            assert (World(relation).id in got.text) == (relation in PEOPLE[login].sees)


def test_a_value_that_is_not_theirs_is_like_one_that_is_nobodys(person: tuple[str, TestClient]) -> None:
    login, client = person
    for relation in sorted(EVERYTHING - PEOPLE[login].sees):
        for secret in LOOKED_UP[relation]:
            one, two = (send(client, by_body(secret, each.written)).left.decode() for each in (secret, other(secret)))
            assert _CHANCE.sub("", one) == _CHANCE.sub("", two), secret


def test_the_value_stays_nowhere(person: tuple[str, TestClient], services: Services) -> None:
    """Not in the address where the browser is sent, in no page, log or entry of the audit, found or refused."""
    login, client = person
    watcher, csrf = Watcher(services), client.headers["X-CSRF-Token"]
    for secret in LOOKED_UP["transferred"]:
        for value in (secret.written, secret.written[:5]):
            form = {"csrf": csrf, "q": f'退款 | {field_of(secret)}:"{value}"'}
            sent = request(client, watcher, "POST /search", Ask("POST", "/search", form=form))
            assert not FINDER.found(sent.logged.encode(), *(row.encode() for row in sent.audited)), secret
            assert sent.actions[0] == "look_up"
            if sent.status != 303:
                assert sent.status in {403, 422}, secret
                continue
            assert not FINDER.found(sent.left), secret
            address = re.search("(?m)^location: (.*)$", sent.text)
            assert address, sent.text
            page = request(client, watcher, "GET /search", Ask("GET", address[1]))
            assert page.status == 200
            if value == secret.written:
                assert (World("transferred").id in page.text) == ("transferred" in PEOPLE[login].sees)
            assert not FINDER.found(page.logged.encode(), *(row.encode() for row in page.audited)) - {
                each for each in all_secrets() if each.place == "id"
            }


def test_no_address_takes_a_value(person: tuple[str, TestClient]) -> None:
    client = person[1]
    for page in ("/search", "/api/v1/search", f"/conversations/{World('own').id}"):
        for params in ([("q", "手机:13800000000")], [("phone", "13800000000")]):
            assert send(client, Ask("GET", page, params)).status == 422
