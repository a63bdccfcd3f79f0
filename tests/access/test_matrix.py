"""Nothing that the table hides leaves by any way, in any spelling; what the table shows is there."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from meiqia_search.audit.events import Action
from meiqia_search.fields import FIELDS, Kind
from meiqia_search.web.app import create_app
from meiqia_search.wiring import Services
from tests.access.canaries import Secret, World, all_secrets, secrets
from tests.access.surfaces import COMMANDS, EVENTS, ROUTES
from tests.access.table import PEOPLE
from tests.access.traces import Finder
from tests.access.walk import Answer, command, every_command, routes
from tests.access.world import account_secrets, may_see
from tests.places import as_environment

Walked = Callable[[str], list[Answer]]
FINDER = Finder([*all_secrets(), *account_secrets()])
LOGINS = list(PEOPLE)
SAID_BY_ALL = f"?q={quote('这里说到')}"
LISTED = "?q=%E8%BF%99%E9%87%8C%E8%AF%B4%E5%88%B0"


def leaks(login: str, answers: list[Answer]) -> list[str]:
    """Where something left that the table hides from this person."""
    allowed = may_see(login) if login else set()
    return [
        f"{answer.surface} {answer.asked}: {secret.relation}/{secret.place}"
        for answer in answers
        if not answer.surface.startswith("cli audit ")  # the log of all these tests: it holds what they asked for
        for secret in FINDER.found(answer.left) - allowed
    ]


def written_down(login: str, answers: list[Answer]) -> list[str]:
    """Where the log or the audit holds more than ids of conversations that this person sees."""
    seen = {World(each).id for each in PEOPLE[login].sees} if login else set()
    return [
        f"{answer.surface} {answer.asked}: {secret.relation}/{secret.place}"
        for answer in answers
        for secret in FINDER.found(answer.logged.encode(), *(row.encode() for row in answer.audited))
        if not (secret.place == "id" and secret.written in seen)
    ]


def test_every_route_is_in_the_matrix(services: Services) -> None:
    assert routes(create_app(services)) == set(ROUTES)


def test_every_command_is_in_the_matrix() -> None:
    assert every_command() == set(COMMANDS)


def test_every_event_is_in_the_matrix() -> None:
    assert {str(action) for action in Action} == set(EVENTS)


@pytest.mark.proof("routes asked as everybody, with canaries in every hidden value: none leaves", len(ROUTES))
@pytest.mark.parametrize("login", [*LOGINS, ""])
def test_nothing_hidden_leaves(walked: Walked, login: str) -> None:
    assert not leaks(login, walked(login))


@pytest.mark.parametrize("login", [*LOGINS, ""])
def test_nothing_is_written_down_but_ids(walked: Walked, login: str) -> None:
    assert not written_down(login, walked(login))


@pytest.mark.parametrize("login", LOGINS)
def test_everything_is_answered(walked: Walked, login: str) -> None:
    assert not [each for each in walked(login) if each.status >= 500]
    searched = {each.status for each in walked(login) if each.surface in {"GET /search", "POST /api/v1/search"}}
    assert searched >= ({422, 403} if login == "unknown-role" else {200, 422, 403})


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("surface", ["/conversations", "/api/v1/conversations"])
def test_what_may_be_seen_is_there(walked: Walked, login: str, surface: str) -> None:
    """Otherwise a page that shows nothing would pass."""
    for relation in PEOPLE[login].sees:
        world = World(relation)
        answer = next(each for each in walked(login) if each.asked == f"{surface}/{world.id}")
        assert answer.status == 200
        found = FINDER.found(answer.left)
        assert not [each for each in expected(world, login) if each not in found]
        for secret in secrets(world):
            form = PEOPLE[login].form_of(secret.place, secret.kind)
            if form in {"masked", "hidden"} and secret.place not in OTHERWISE:
                assert secret.shown(form) in answer.text, secret


OTHERWISE = frozenset({"effective", "effective+phone", "ended_at", "speaker_name", "file_address"})
"""Measured anew, said in other words, or shown on some ways only."""


def expected(world: World, login: str) -> list[Secret]:
    """What a page of this conversation shows; a number of seconds stands there in words."""
    shown = [each for each in secrets(world) if PEOPLE[login].form_of(each.place, each.kind) == "clear"]
    return [each for each in shown if each.place not in OTHERWISE and not is_number(each.place)]


def is_number(place: str) -> bool:
    return place in FIELDS and FIELDS[place].kind is Kind.NUMBER


@pytest.mark.parametrize("login", LOGINS)
def test_lists_hold_exactly_what_is_seen(walked: Walked, login: str) -> None:
    row = PEOPLE[login]
    ids = {World(each).id for each in row.sees}
    lists = [
        each
        for each in walked(login)
        if each.surface == "GET /api/v1/search" and each.asked.removeprefix("/api/v1/search") in {"", SAID_BY_ALL}
    ]
    assert len(lists) == 2
    for answer in lists:
        assert {secret.written for secret in FINDER.found(answer.left) if secret.place == "id"} == ids
        assert answer.status != 200 or f'"total":{len(ids)}' in answer.text


@pytest.mark.parametrize("login", [*LOGINS, ""])
def test_every_answer_with_content_is_in_the_audit(walked: Walked, login: str) -> None:
    for answer in walked(login):
        holds = {secret for secret in FINDER.found(answer.left) if not secret.place.startswith("name of")}
        assert not holds or answer.actions, answer.asked


@dataclass(frozen=True)
class Terminal:
    """Runs commands as somebody on the archive of the matrix."""

    services: Services
    patch: pytest.MonkeyPatch
    printed: Callable[[], tuple[str, str]]
    files: Path

    def run(self, login: str, name: str, *more: str) -> list[Answer]:
        """Every line of a command."""
        ids = sorted(World(each).id for each in PEOPLE[login].sees)
        words = {
            "id": ids[0] if ids else "absent",
            "new": f"new-{login}",
            "file": self._file(login),
            "taken": "1",
        }
        return [
            command(
                self.services, login, name, (*more, *(word.format(**words) for word in line)), self.printed, self.patch
            )
            for line in COMMANDS[name].lines
        ]

    def _file(self, login: str) -> str:
        path = self.files / f"{login}.jsonl"
        path.write_text(json.dumps({"conversation_id": f"brought-{login}", "messages": []}) + "\n", "utf-8")
        return str(path)


@pytest.fixture
def terminal(
    services: Services, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Terminal:
    for name, value in as_environment(services.settings).items():
        monkeypatch.setenv(name, value)
    return Terminal(services, monkeypatch, lambda: tuple(capfd.readouterr()), tmp_path)  # type: ignore[arg-type,return-value]


def may_run(login: str, name: str) -> bool:
    """Whether the table lets this person run a command; where it needs nobody, whoever has the machine."""
    row = PEOPLE[login]
    return {"managers": row.manages, "auditors": row.audits}.get(COMMANDS[name].who, True)


READING = [name for name, each in COMMANDS.items() if not each.writes]


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("json_", [False, True])
def test_commands_show_what_the_table_shows(terminal: Terminal, login: str, json_: bool) -> None:
    for name in READING:
        answers = terminal.run(login, name, *(["--json"] if json_ else []))
        assert not leaks(login, answers)
        assert not written_down(login, answers)
        assert may_run(login, name) or {each.status for each in answers} == {3}, name
        if name == "show" and PEOPLE[login].sees:
            world = next(each for each in map(World, PEOPLE[login].sees) if each.id in answers[0].asked)
            found = FINDER.found(answers[0].left)
            assert not [each for each in expected(world, login) if each not in found]


@pytest.mark.parametrize("login", LOGINS)
def test_nobody_else_maintains_the_archive(terminal: Terminal, login: str) -> None:
    for name, each in COMMANDS.items():
        if each.writes and not may_run(login, name):
            answers = terminal.run(login, name)
            assert {answer.status for answer in answers} == {3}, name
            assert not leaks(login, answers)
