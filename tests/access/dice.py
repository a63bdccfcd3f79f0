"""Requests as chance has them: every route that answers about conversations, with whatever somebody could think of."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import quote

from meiqia_search.conversation import Conversation, Speaker
from meiqia_search.fields import FIELDS, Kind
from tests.access.surfaces import Ask

_CURSOR = re.compile(r"[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}")
_WORDS = (
    "退款",
    "手机",
    "[手机]",
    "138",
    "段",
    "浙江省",
    "kx",
    "回电",
    "未接",
    "example",
    "🙂",
    "的",
    "a",
    "OR",
    "-",
    '"',
    "(",
)
_LABELS = (
    "客服",
    "渠道",
    "组",
    "标签",
    "时间",
    "首响",
    "满意度",
    "手机",
    "客户",
    "客服说",
    "机器人",
    "小结",
    "编号",
    "客户编号",
    "地区",
)
_TIMES = (
    "近7天",
    "2026-11",
    "2012-01-01..2016-12-31",
    "今天",
    "2013年",
    ">3分钟",
    "<5",
    "100..200000000",
    "好评",
    "无此",
)
_SORTS = (
    "",
    "",
    "",
    "-started_at",
    "started_at",
    "duration",
    "-messages",
    "rating",
    "-first_response",
    "average_response",
    "phone",
    "ended_at",
)


class Dice:
    """Throws requests; what has been seen in answers is used again, and so is everything that is hidden."""

    def __init__(self, seed: object, conversations: Sequence[Conversation], secrets: Sequence[str]) -> None:
        self._random = Random(str(seed))
        self._ids = [each.id for each in conversations]
        self._texts = [message.text for each in conversations for message in each.messages if message.text]
        facts = {
            (name, str(value)) for each in conversations for name, values in each.facts.items() for value in values
        }
        self._facts = sorted(facts)
        self._usual = [
            each for each in self._facts if FIELDS[each[0]].chartable and FIELDS[each[0]].kind is Kind.KEYWORD
        ]
        self._secrets = sorted(secrets)
        self._cursors: list[tuple[Ask, str]] = []

    def saw(self, ask: Ask, text: str) -> None:
        """Remember the cursors of an answer."""
        self._cursors = [*self._cursors, *((ask, found) for found in _CURSOR.findall(text))][-50:]

    def throw(self) -> Ask:
        """The next request."""
        random = self._random
        if self._cursors and random.random() < 0.25:
            return self._turned()
        match random.randrange(10):
            case 0 | 1 | 2:
                return Ask("GET", "/search", self._params(), {"HX-Request": "true"} if random.random() < 0.5 else {})
            case 3 | 4 | 5:
                return Ask("GET", "/api/v1/search", self._params())
            case 6 | 7:
                return Ask("POST", "/api/v1/search", json=self._body())
            case 8:
                return Ask("GET", f"/conversations/{quote(self._id(), safe='')}", self._params())
            case _:
                return Ask("GET", f"/api/v1/conversations/{quote(self._id(), safe='')}")

    def _turned(self) -> Ask:
        """Another page of a question; sometimes of another one, or with a damaged cursor."""
        random = self._random
        (ask, cursor), (other, _) = random.choice(self._cursors), random.choice(self._cursors)
        if random.random() < 0.1:
            at = random.randrange(len(cursor))
            cursor = cursor[:at] + random.choice("Aa0-.") + cursor[at + 1 :]
        elif random.random() < 0.1:
            ask = other
        if ask.json is not None:
            return replace(ask, json={**ask.json, "after": cursor})
        return replace(ask, params=[*(pair for pair in ask.params if pair[0] != "after"), ("after", cursor)])

    def _id(self) -> str:
        return self._random.choice((*self._random.choices(self._ids, k=9), "absent"))

    def _params(self) -> list[tuple[str, str]]:
        random = self._random
        params = {"q": self._query(), "sort": random.choice(_SORTS)}
        for _ in range(random.choice((0, 0, 1, 2))):
            name, value = self._fact()
            params[name] = value
        more = (
            ("size", random.choice(("1", "2", "5", "100")), 0.4),
            ("more", random.choice(("tag", "agent")), 0.2),
            ("none", random.choice(("rating", "tag", "group", "phone")), 0.04),
            ("find", self._id(), 0.3),
            ("where", json.dumps(self._filter(2), ensure_ascii=False), 0.2),
            ("within", random.choice(("7", "90", "all")), 0.1),
            ("off", json.dumps(self._filter(1), ensure_ascii=False), 0.1),
            ("has", self._fact()[0], 0.1),
            ("lacks", self._fact()[0], 0.1),
            ("from", random.choice(("2012-01-01", "2026-03-05")), 0.1),
            ("sort", "relevance", 0.1),
        )
        params |= {name: value for name, value, chance in more if random.random() < chance}
        return [(name, value) for name, value in params.items() if value]

    def _body(self) -> dict[str, Any]:
        random = self._random
        body: dict[str, Any] = {"where": self._filter(3), "size": random.choice((1, 3, 20, 100))}
        if random.random() < 0.5:
            body["q"] = self._query()
        if random.random() < 0.4:
            body["sort"] = random.choice((
                "relevance", {"field": random.choice(list(FIELDS)), "descending": random.random() < 0.5},
            ))  # fmt: skip
        return body

    def _query(self) -> str:
        random = self._random
        pieces = [self._piece() for _ in range(random.choice((0, 1, 1, 1, 2, 3)))]
        return random.choice((" ", " ", " | ", " -")).join(pieces)[:250]

    def _piece(self) -> str:
        random = self._random
        match random.randrange(8):
            case 0:
                return random.choice(_WORDS)
            case 1:
                return f"{random.choice(_LABELS)}:{random.choice((*_TIMES, *_WORDS, self._word()))}"
            case 2:
                return f'"{self._word()}"'
            case 3:
                secret = random.choice(self._secrets)
                start = random.randrange(len(secret))
                return random.choice((secret, secret[start:], secret[: start + 1]))
            case 4:
                name, value = self._fact()
                return f'{FIELDS[name].label}:"{value}"'
            case _:
                return self._word()

    def _word(self) -> str:
        text = self._random.choice(self._texts)
        start = self._random.randrange(len(text))
        return text[start : start + self._random.randrange(1, 9)].replace('"', "")

    def _fact(self) -> tuple[str, str]:
        return self._random.choice(self._usual if self._random.random() < 0.85 else self._facts)

    def _filter(self, depth: int) -> Any:  # noqa: ANN401 - JSON
        random = self._random
        match random.randrange(7 if depth else 4):
            case 0:
                name, value = self._fact()
                number = FIELDS[name].kind in {Kind.NUMBER, Kind.TIME}
                return {"term": {"field": name, "values": [int(value) if number else value]}}
            case 1:
                name = random.choice([each.name for each in FIELDS.values() if each.kind in {Kind.NUMBER, Kind.TIME}])
                known = [int(value) for field, value in self._facts if field == name] or [1]
                low, high = sorted((random.choice(known), random.choice(known)))
                return {"range": {"field": name, "at_least": low, **random.choice(({}, {"below": high + 1}))}}
            case 2:
                return {"has": self._fact()[0]}
            case 3:
                words = random.choice((self._word() or "x", random.choice(self._secrets)))
                return {
                    "text": {
                        "words": words,
                        **random.choice(({}, {"speaker": random.choice(list(Speaker)).value}, {"exact": True})),
                    }
                }
            case 4:
                return {"not": self._filter(depth - 1)}
            case 5:
                return {"and": [self._filter(depth - 1) for _ in range(random.randrange(1, 4))]}
            case _:
                return {"or": [self._filter(depth - 1) for _ in range(random.randrange(1, 4))]}
