"""Reading pages as tests need it: by tag, class and attribute, with the standard library's parser."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from starlette.testclient import TestClient

VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


@dataclass
class Tag:
    """An element with its text."""

    name: str
    attributes: dict[str, str]
    text: str = ""

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())


@dataclass
class Page(HTMLParser):
    """All elements of a page, in order."""

    source: str
    tags: list[Tag] = field(default_factory=list)
    _open: list[Tag] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = Tag(tag, {name: value or "" for name, value in attrs})
        self.tags.append(found)
        if tag not in VOID:
            self._open.append(found)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(Tag(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().name != tag:
            pass

    def handle_data(self, data: str) -> None:
        for each in self._open:
            each.text += data

    def all(self, name: str = "", cls: str = "", /, **attributes: str) -> list[Tag]:
        return [
            tag
            for tag in self.tags
            if (not name or tag.name == name)
            and (not cls or cls in tag.classes)
            and all(tag.attributes.get(key.rstrip("_")) == value for key, value in attributes.items())
        ]

    def one(self, name: str = "", cls: str = "", /, **attributes: str) -> Tag:
        return self.all(name, cls, **attributes)[0]

    @property
    def total(self) -> int:
        return int(re.sub(r"\D", "", self.one("h1").text))

    @property
    def ids(self) -> list[str]:
        return [tag["id"].removeprefix("c-") for tag in self.all("article", "hit")]


def get(client: TestClient, path: str, expect: int = 200, /, **params: str | list[str]) -> Page:
    """The page at an address."""
    answer = client.get(path, params=params) if params else client.get(path)
    assert answer.status_code == expect, answer.text[:400]
    return Page(answer.text)
