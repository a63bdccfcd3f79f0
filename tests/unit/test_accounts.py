"""People, their passwords, and how guesses are slowed down."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from meiqia_search.accounts import passwords
from meiqia_search.accounts.people import People, principal
from meiqia_search.accounts.roles import Roles
from meiqia_search.accounts.signin import SignIn
from meiqia_search.accounts.throttle import FREE_BY_ACCOUNT, FREE_BY_ADDRESS, Throttle
from meiqia_search.acl.policy import built_in
from meiqia_search.audit.events import Actor, Visit
from meiqia_search.clock import SECOND
from meiqia_search.errors import ArchiveError, BadValue, NotFound, SignInFailed, TooManyAttempts
from meiqia_search.query.names import NoNames
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.database import Databases

BY = Actor("p-0", "administrator", Visit("cli"))
VISIT = Visit("web", "192.0.2.7", "T1")
PASSWORD = "ein langes Wort"
START = 1_793_505_600 * SECOND


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> int:
        return self.at


class Desk:
    """Accounts on an empty record, with a clock that can be turned."""

    def __init__(self, databases: Databases) -> None:
        self.audit = AuditLog(databases.audit)
        self.roles = Roles(databases.record, self.audit, NoNames(), built_in("participant"))
        self.people = People(databases.record, self.audit, self.roles)
        self.clock = Clock()
        self.sign_in = SignIn(self.people, databases.record, self.audit, self.clock)

    def refusal(self, login: str, password: str = "wrong", visit: Visit = VISIT) -> ArchiveError:
        with pytest.raises((SignInFailed, TooManyAttempts)) as refused:
            self.sign_in.sign_in(login, password, visit)
        found: ArchiveError = refused.value
        return found


@pytest.fixture
def desk(databases: Databases) -> Desk:
    return Desk(databases)


def test_a_person_is_found_by_login_and_id_and_listed(desk: Desk) -> None:
    added = desk.people.add(" Liu.Min ", "刘敏", "leader", PASSWORD, ["a1", " ", "a1"], ["g1"], by=BY)
    assert added.login == "liu.min"
    assert desk.people.by_login("LIU.MIN") == added == desk.people.by_id(added.id)
    assert desk.people.list(BY) == [added]
    who = principal(added)
    assert (who.name, who.role, who.agents, who.groups) == ("刘敏", "leader", ("a1",), ("g1",))
    assert [(row["action"], row["person"]) for row in desk.audit.newest(2)] == [
        ("list_people", "p-0"),
        ("add_person", "p-0"),
    ]


@pytest.mark.parametrize(
    ("login", "name", "role"),
    [
        ("x", "名", "agent"),
        ("有汉字", "名", "agent"),
        ("a b", "名", "agent"),
        ("-ab", "名", "agent"),
        ("a" * 65, "名", "agent"),
        ("abc", " ", "agent"),
        ("abc", "名" * 41, "agent"),
        ("abc", "名", "king"),
    ],
)
def test_a_wrong_person_is_refused(desk: Desk, login: str, name: str, role: str) -> None:
    with pytest.raises(BadValue):
        desk.people.add(login, name, role, PASSWORD, by=BY)
    assert desk.people.list(BY) == []


def test_a_login_is_taken_once(desk: Desk) -> None:
    desk.people.add("amy", "Amy", "agent", PASSWORD, by=BY)
    with pytest.raises(BadValue, match="已有人使用"):
        desk.people.add("AMY", "Other", "agent", PASSWORD, by=BY)


def test_nobody_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.people.by_login("a\0b")
    with pytest.raises(NotFound):
        desk.people.by_id("p-x")


@pytest.mark.parametrize("password", ["", "kurz", "x" * 9, "x" * 129])
def test_a_password_has_10_to_128_characters(password: str) -> None:
    with pytest.raises(BadValue, match="10 到 128"):
        passwords.check(password)


@pytest.mark.parametrize("password", ["x" * 10, "密" * 128])
def test_a_password_of_right_length_is_taken(password: str) -> None:
    passwords.check(password)


def test_only_the_right_password_fits() -> None:
    stored = passwords.hashed(PASSWORD)
    assert passwords.fits(stored, PASSWORD)
    assert not passwords.fits(stored, PASSWORD + " ")
    assert not passwords.fits("", PASSWORD)
    assert not passwords.fits("no hash", PASSWORD)
    assert not passwords.fits(stored, "\ud800")


def test_two_passwords_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock, gate = 0, 0, threading.Lock(), threading.Event()

    class Slow:
        def hash(self, _: bytes) -> str:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            gate.wait(0.02)
            with lock:
                running -= 1
            return "h"

    monkeypatch.setattr(passwords, "_HASHER", Slow())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(passwords.hashed, ["x"] * 16))
    assert most == passwords.AT_ONCE


def test_signing_in_gives_a_session_until_signing_out(desk: Desk) -> None:
    added = desk.people.add("amy", "Amy", "agent", PASSWORD, by=BY)
    token = desk.sign_in.sign_in("Amy", PASSWORD, VISIT)
    session = desk.sign_in.session(token)
    assert session is not None
    assert session.person == added
    assert desk.sign_in.session(token + "x") is None
    desk.sign_in.sign_out(token, VISIT)
    assert desk.sign_in.session(token) is None
    assert [row["action"] for row in desk.audit.newest(3)] == ["sign_out", "sign_in", "add_person"]


def test_nobody_disabled_and_wrong_are_refused_alike(desk: Desk) -> None:
    desk.people.add("amy", "Amy", "agent", PASSWORD, by=BY)
    desk.people.add("ben", "Ben", "agent", PASSWORD, by=BY)
    desk.people.add("cat", "Cat", "agent", None, by=BY)
    desk.people.disable("ben", BY)
    refusals = [desk.refusal("amy"), desk.refusal("ben", PASSWORD), desk.refusal("cat", ""), desk.refusal("zoe")]
    refusals += [desk.refusal("a\0"), desk.refusal("\ud800", "\ud800")]
    assert {(type(each), each.detail) for each in refusals} == {(SignInFailed, SignInFailed.remedy)}


def test_a_weak_hash_is_replaced_at_the_next_sign_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.people.add("amy", "Amy", "agent", PASSWORD, by=BY)
    old = desk.people.record.by_login("amy")
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    desk.sign_in.sign_in("amy", PASSWORD, VISIT)
    new = desk.people.record.by_login("amy")
    assert old is not None
    assert new is not None
    assert "t=2" in new.password
    assert "t=1" in old.password


def test_after_free_failures_the_wait_doubles_up_to_five_minutes(desk: Desk) -> None:
    for _ in range(FREE_BY_ACCOUNT):
        assert isinstance(desk.refusal("amy", visit=Visit("web", "")), SignInFailed)
    for wait in (1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300):
        assert isinstance(desk.refusal("amy"), SignInFailed)
        assert desk.refusal("amy", visit=Visit("web", "")).data == {"retry_after": wait}
        desk.clock.at += wait * SECOND


def test_success_lets_the_account_start_anew(desk: Desk) -> None:
    desk.people.add("amy", "Amy", "agent", PASSWORD, by=BY)
    for _ in range(3):
        for _ in range(FREE_BY_ACCOUNT):
            assert isinstance(desk.refusal("amy", visit=Visit("web", "")), SignInFailed)
        desk.sign_in.sign_in("amy", PASSWORD, Visit("web", "192.0.2.9"))


def test_an_address_is_slowed_whatever_the_account(desk: Desk) -> None:
    for number in range(FREE_BY_ADDRESS + 1):
        assert isinstance(desk.refusal(f"user{number}"), SignInFailed)
    assert isinstance(desk.refusal("another"), TooManyAttempts)
    assert isinstance(desk.refusal("another", visit=Visit("web", "192.0.2.8")), SignInFailed)


def test_failures_are_forgotten_after_an_hour(desk: Desk) -> None:
    for _ in range(FREE_BY_ACCOUNT + 1):
        desk.refusal("amy")
    assert isinstance(desk.refusal("amy"), TooManyAttempts)
    desk.clock.at += 3_601 * SECOND
    for _ in range(FREE_BY_ACCOUNT):
        assert isinstance(desk.refusal("amy"), SignInFailed)


def test_parallel_guesses_count_one_by_one(databases: Databases) -> None:
    throttle = Throttle(databases.record)

    def guess(_: int) -> bool:
        try:
            throttle.count("amy", "192.0.2.1", START)
        except TooManyAttempts:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        allowed = sum(pool.map(guess, range(24)))
    assert allowed == FREE_BY_ACCOUNT + 1


def test_disabling_ends_sessions(desk: Desk) -> None:
    desk.people.add("amy", "Amy", "agent", PASSWORD, by=BY)
    token = desk.sign_in.sign_in("amy", PASSWORD, VISIT)
    desk.people.disable("amy", BY)
    assert desk.sign_in.session(token) is None
    assert [each.disabled for each in desk.people.list(BY)] == [True]
