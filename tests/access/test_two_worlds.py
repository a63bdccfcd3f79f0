"""What somebody cannot see makes no difference to anything they are told.

Two archives: one with everything, one with only what the person may see, and with other values wherever the person sees
masks. The same requests get the same bytes, after what chance and the clock put into them is taken out. The exceptions
are these: the order by relevance (the frequency of words is counted over all conversations), how fresh the data is, and
what agents and groups are called (the company's directory is the same for everybody).
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
from starlette.testclient import TestClient

from meiqia_search.conversation import Conversation, decode, encode
from meiqia_search.records import directory
from meiqia_search.wiring import Services, open_services
from tests.access.canaries import all_secrets
from tests.access.conftest import Configure
from tests.access.dice import Dice
from tests.access.surfaces import Ask
from tests.access.table import PEOPLE
from tests.access.walk import send
from tests.access.world import browser, open_world, related
from tests.conftest import PROVE
from tests.corpus import corpus

REQUESTS = 5_000 if PROVE else 100
FROM_2013 = 1_356_969_600_000_000
Facts = Mapping[str, tuple[object, ...]]
SEES: dict[str, Callable[[Facts], bool]] = {
    "agent": lambda facts: "k1" in facts.get("agent", ()),
    "leader": lambda facts: "g1" in facts.get("group", ()),
    "owner": lambda facts: "k1" in facts.get("owner", ()),
    "named": lambda facts: "g2" in facts.get("group", ()) and int(str(facts.get("started_at", (0,))[0])) >= FROM_2013,
    "unlinked-agent": lambda _: False,
    "unlinked-leader": lambda _: False,
    "auditor": lambda _: False,
    "unknown-role": lambda _: False,
}
"""Which of the shop's conversations they see."""
OTHERS = {
    "phone": (("1380000", "1389999"), ("1390000", "1399999")),
    "email": (("user", "uzer"),),
    "name": (("张三丰", "张无忌"), ("欧阳娜娜", "欧阳修修"), ("李雷", "李蕾")),
}
"""What is written otherwise and reads the same when it is masked."""
_CHANGES = (
    (re.compile(r'(name="csrf" value=")[0-9a-f]{64}'), r"\1"),
    (re.compile(r"[0-9A-F]{10}"), "TRACE"),
    (re.compile(r'<span class="fresh.*'), "FRESH"),
    (re.compile("数据截至 [0-9:. -]+"), "FRESH"),
    (re.compile(r"<span>[0-9]+\.[0-9]{2} 秒</span>"), "SECONDS"),
    (re.compile("(?s)另有 [0-9,]+ 条刚到的会话正在入索引[^<]*"), ""),
    (re.compile('(?s)<div class="note">[^\n]*放宽后.*?</ol>'), "LOOSE"),
    (re.compile("content-length: [0-9]+"), ""),
)


def otherwise(conversation: Conversation, login: str) -> Conversation:
    """The same to this person, and different in what they do not see."""
    body = encode(conversation).decode()
    for kind, changes in OTHERS.items():
        if PEOPLE[login].form_of("", kind) != "clear":
            for before, after in changes:
                body = body.replace(before, after)
    return decode(body.encode())


@contextmanager
def world(configure: Configure, conversations: Sequence[Conversation]) -> Iterator[Services]:
    """An archive with these conversations, the keys and the directory of the company."""
    settings = configure()
    first = open_services(settings)
    first.state.put("cursors", "the same in both worlds")
    first.state.put("lookup_keys", json.dumps({"k1": "00" * 32}))
    with first.databases.record.write() as connection:
        directory.note(connection, corpus())
    first.close()
    opened = open_world(settings, conversations)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def everything(configure: Configure) -> Iterator[Services]:
    with world(configure, [*related(), *corpus()]) as opened:
        yield opened


@pytest.mark.proof("what a person cannot see makes no difference to any answer", REQUESTS)
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("login", SEES)
def test_what_is_hidden_makes_no_difference(everything: Services, configure: Configure, login: str) -> None:
    mine = [otherwise(each, login) for each in corpus() if SEES[login](each.facts)]
    own = [*related(sorted(PEOPLE[login].sees), login), *mine]
    dice = Dice(login, [*related(), *corpus()], [needle for secret in all_secrets() for needle in secret.needles])
    with (
        world(configure, own or [corpus()[0]]) as little,
        browser(everything, login) as there,
        browser(little, login) as here,
    ):
        for number in range(REQUESTS):
            ask = dice.throw()
            one, other = answer(there, ask), answer(here, ask)
            assert one == other, f"request {number}: {ask}"
            dice.saw(ask, one)


def answer(client: TestClient, ask: Ask) -> str:
    """Everything that came back but chance and the clock."""
    got = send(client, ask)
    text = f"{got.status}\n{got.head}\n{ordered(got.text, ask)}"
    for pattern, instead in _CHANGES:
        text = pattern.sub(instead, text)
    return text


def ordered(text: str, ask: Ask) -> str:
    """By relevance the order is left out, and where there are several pages, what is on which."""
    if "relevance" not in json.dumps([ask.params, ask.json]) or not text:
        return text
    if text.startswith("{"):
        page = json.loads(text)
        items = page.pop("items", [])
        whole = page.get("total", 0) <= len(items)
        return json.dumps([page, sorted(map(json.dumps, items)) if whole else len(items)], sort_keys=True)
    start, lines, end = text.partition('<ol class="lines"')
    lines, close, end = lines.partition("</ol>")
    several = 'rel="next"' in end or 'rel="prev"' in end
    return start + ("" if several else "\n".join(sorted(lines.split("\n")))) + close + end


def test_the_worlds_are_different(everything: Services) -> None:
    """Otherwise the same answers would be no news."""
    assert encode(related()[0]) != encode(related(["own"], "agent")[0])
    assert encode(corpus()[0]) != encode(otherwise(corpus()[0], "agent"))
    assert everything.conversations.freshness()
