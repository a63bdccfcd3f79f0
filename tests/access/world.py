"""An archive with one conversation of every relation, and everybody of the table."""

from collections.abc import Iterable
from functools import cache

from starlette.testclient import TestClient

from meiqia_search import clock
from meiqia_search.accounts import passwords
from meiqia_search.accounts.throttle import Throttle
from meiqia_search.acl import rolefile
from meiqia_search.acl.scope import scope_for
from meiqia_search.audit.events import Actor, Visit
from meiqia_search.cli.setup import initialise
from meiqia_search.conversation import Conversation
from meiqia_search.indexing.intake import take_in
from meiqia_search.records.people import PersonRow
from meiqia_search.settings import Settings
from meiqia_search.web.app import create_app
from meiqia_search.wiring import Services, open_services
from tests.access.canaries import Secret, World, all_secrets, conversation, token
from tests.access.table import DESIGNED, PEOPLE, RELATIONS, Relation

PASSWORD = f"密码-{token('password')}"
VISIT = Visit("web", "192.0.2.1", "T")
BY = Actor("tests", "administrator", Visit("cli"))
AGENTS = {"k1": "林一", "k2": "苗二", "k3": "陈三"}
GROUPS = {"g1": "售前组", "g2": "售后组"}


def open_world(settings: Settings, conversations: Iterable[Conversation]) -> Services:
    """The archive, with everybody in it and these conversations, indexed."""
    services = open_services(settings)
    initialise(services)
    design(services)
    for login, row in PEOPLE.items():
        add_person(services, login, row.role, tied=row.tied)
    add(services, list(conversations))
    return services


def design(services: Services) -> None:
    """Add the designed roles to those that an archive begins with."""
    kept = rolefile.to_json(services.policy)
    file = {**kept, "roles": [*kept["roles"], *DESIGNED]}  # type: ignore[misc]  # a list of roles
    services.roles.change(file, services.policy.version, BY)


def add_person(services: Services, login: str, role: str, *, tied: bool) -> None:
    """An account, of whatever role; the record keeps also those that no policy knows any more."""
    agents, groups = (("k1",), ("g1",)) if tied else ((), ())
    stored = _hashed()
    services.people.record.add(PersonRow(f"p-{login}", login, name_of(login), role, agents, groups, stored, 1, None))


@cache
def _hashed() -> str:
    return passwords.hashed(PASSWORD)


def name_of(login: str) -> str:
    """What a person is called: nobody else sees it."""
    return f"人{token('name', login)}"


def related(relations: Iterable[Relation] = RELATIONS, reader: str = "") -> list[Conversation]:
    """The conversations of these relations."""
    return [conversation(World(relation, reader)) for relation in relations]


def add(services: Services, conversations: list[Conversation]) -> None:
    """Bring conversations in and make them findable."""
    with services.indexing(scope_for(services.principal("administrator"), services.policy)):
        take_in(services.conversations, conversations)


def browser(services: Services, login: str | None) -> TestClient:
    """A browser, signed in as somebody."""
    client = TestClient(create_app(services), follow_redirects=False)
    if login:
        # Before it, the walk gave wrong passwords on purpose, also for this account.
        Throttle(services.databases.record).succeeded(login, VISIT.address, clock.now())
        token_ = services.sign_in.sign_in(login, PASSWORD, VISIT)
        session = services.sign_in.session(token_)
        assert session is not None
        client.cookies.set("mqs", token_)
        client.headers["X-CSRF-Token"] = session.csrf  # as its scripts send it
    return client


def account_secrets() -> list[Secret]:
    """What is known of people: their names, to themselves and who manages them, and their passwords, to nobody."""
    names = [Secret("nobody", f"name of {login}", "", name_of(login), (token("name", login),)) for login in PEOPLE]
    return [*names, Secret("nobody", "password", "", PASSWORD, (token("password"),))]


def may_see(login: str) -> set[Secret]:
    """What the table says that a person may see at all."""
    row = PEOPLE[login]
    known = {each for each in account_secrets() if each.place == f"name of {login}" or row.manages or row.audits}
    ids = {each for each in all_secrets() if each.place == "id" and row.audits}  # the log says who saw which
    return (
        {each for each in known if each.place != "password"}
        | ids
        | {
            each
            for each in all_secrets()
            if each.relation in row.sees and row.form_of(each.place, each.kind) == "clear"
        }
    )
