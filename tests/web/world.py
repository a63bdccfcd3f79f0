"""An archive with the invented shop, some conversations that try to do harm, and people of every role."""

from starlette.testclient import TestClient

from meiqia_search.accounts.people import principal
from meiqia_search.acl.scope import scope_for
from meiqia_search.audit.events import Actor, Visit
from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.indexing.intake import take_in
from meiqia_search.settings import Settings
from meiqia_search.web.app import create_app
from meiqia_search.wiring import Services, open_services
from tests.corpus import FIRST_DAY, MINUTE, corpus

PASSWORD = "correct horse 电池"
BY = Actor("tests", "administrator", Visit("cli"))
VISIT = Visit("web", "192.0.2.1", "T")
ROLES = {"admin": "administrator", "boss": "supervisor", "leader": "leader", "agent": "agent"}
EVIL = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>'",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "</textarea></title><b>",
)
LONG, EVIL_ID = "long-1", "evil-1"
TAIL = "珍珠"
"""Stands behind words of every length."""
PHONE = "13912345678"


def special() -> list[Conversation]:
    """Conversations that the pages must survive, and a very long one."""
    evil = [Message(Speaker.CUSTOMER, text, FIRST_DAY + at * MINUTE) for at, text in enumerate(EVIL)]
    files = [
        Message(Speaker.CUSTOMER, "账单.pdf", FIRST_DAY + 9 * MINUTE, "file", url="https://files.example.com/a.pdf"),
        Message(Speaker.CUSTOMER, "坏链接", FIRST_DAY + 9 * MINUTE, "file", url="javascript:alert(2)"),
        Message(Speaker.AGENT, "收到，稍等", FIRST_DAY + 20 * MINUTE, agent="k1"),
        Message(Speaker.SYSTEM, "会话由客服结束"),
    ]
    facts: dict[str, tuple[str | int, ...]] = {
        "customer_name": (EVIL[0],), "topic": (EVIL[1],), "tag": (EVIL[2],), "category": ("坏心思",),
        "agent": ("k1", "k9"), "started_at": (FIRST_DAY,), "phone": (PHONE,), "channel": ("wechat",),
    }  # fmt: skip
    many = [Message(Speaker.CUSTOMER, f"第 {at} 句", FIRST_DAY + at * MINUTE) for at in range(1_200)]
    many[700] = Message(Speaker.CUSTOMER, "深处的宝藏", FIRST_DAY + 700 * MINUTE)
    names = {"agent": {"k9": EVIL[1]}}
    tails = [
        build(f"tail-{at}", {"agent": ("k2",)}, [Message(Speaker.CUSTOMER, letter * at + TAIL)])
        for at in range(15, 100, 4)
        for letter in "垫W"[at % 8 == 3]
    ]
    return [
        *tails,
        build(EVIL_ID, facts, evil + files, names),
        build(LONG, {"agent": ("k2",), "started_at": (FIRST_DAY,)}, many),
        build("编号/带 斜杠?与#", {"agent": ("k3",), "group": ("g2",)}, [Message(Speaker.CUSTOMER, "奇怪的编号")]),
    ]


def open_world(place: Settings) -> Services:
    """The archive, indexed."""
    services = open_services(place)
    for login, role in ROLES.items():
        services.people.add(login, login.title(), role, PASSWORD, ["k1"], ["g2"], by=BY)
    add(services, [*corpus(), *special()])
    return services


def add(services: Services, conversations: list[Conversation]) -> None:
    """Bring conversations in and make them findable."""
    scope = scope_for(principal(services.people.by_login("admin")), services.policy)
    with services.indexing(scope):
        take_in(services.conversations, conversations)


def visitor(services: Services, login: str | None) -> TestClient:
    """A browser without scripts, signed in as somebody."""
    client = TestClient(create_app(services), follow_redirects=False)
    if login:
        token = services.sign_in.sign_in(login, PASSWORD, VISIT)
        session = services.sign_in.session(token)
        assert session is not None
        client.cookies.set("mqs", token)
        client.headers["X-CSRF-Token"] = session.csrf  # as its scripts send it
    return client
