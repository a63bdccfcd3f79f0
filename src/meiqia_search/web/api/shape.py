"""Conversations as JSON."""

from collections.abc import Mapping
from datetime import UTC, datetime

from meiqia_search.archive import Notice, Page, Row, Snippet, View
from meiqia_search.archive.trail import Leaf
from meiqia_search.audit.sheet import as_item
from meiqia_search.conversation import Conversation
from meiqia_search.fields import FIELDS, Field, Kind, Value

Shape = dict[str, object]
ALWAYS = ("started_at", "ended_at", "channel")
"""Facts that are there even where they are unknown."""


def leaf(page: Leaf, names: Mapping[str, str]) -> Shape:
    """A page of the audit."""
    standing = page.standing
    return {
        "total": page.total,
        "items": [as_item(row, names) | {"at": zulu(row.entry.at)} for row in page.rows],
        "newer": page.newer,
        "older": page.older,
        "sentence": page.sentence,
        "uncertain": page.uncertain,
        "last": standing.seq,
        "signed": standing.signed.seq if standing.signed else None,
        "agrees": standing.agrees,
    }


def zulu(instant: int) -> str:
    """RFC 3339 in UTC."""
    seconds, rest = divmod(instant, 1_000_000)
    shown = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{shown}.{rest:06}Z" if rest else f"{shown}Z"


def facts(each: Conversation) -> Shape:
    """Id and facts under the names of their fields."""
    known: Shape = {"id": each.id, **dict.fromkeys(ALWAYS)}
    for name, values in each.facts.items():
        known[name] = _values(FIELDS[name], values)
    return known


def _values(field: Field, values: tuple[Value, ...]) -> object:
    plain = [zulu(value) if field.kind is Kind.TIME and isinstance(value, int) else value for value in values]
    return plain if field.many else "\n".join(map(str, plain)) if field.kind is Kind.TEXT else plain[0]


def _snippet(each: Snippet) -> Shape:
    return {
        "speaker": each.speaker,
        "name": each.name,
        "message": each.message,
        "pieces": [{"text": text, "hit": hit} for text, hit in each.fragment.pieces],
        "cut_before": each.fragment.cut_before,
        "cut_after": each.fragment.cut_after,
    }


def _item(row: Row) -> Shape:
    return facts(row.conversation) | {"hits": row.hits, "snippets": [_snippet(each) for each in row.snippets]}


def results(page: Page) -> Shape:
    """One page."""
    return {
        "total": page.total,
        "items": [_item(row) for row in page.rows],
        "next": page.next,
        "previous": page.previous,
        "sentence": page.sentence,
        "reach": page.reach,
        "notices": [notice(each) for each in page.notices],
    }


def notice(each: Notice) -> Shape:
    """What the question may have got wrong."""
    known = [label for label, _ in each.ways]
    return {"message": each.text, "field": each.field, "value": each.value, "known": known}


def conversation(view: View) -> Shape:
    """A whole conversation."""
    messages = [
        {
            "id": said.message.id,
            "speaker": said.message.speaker,
            "name": said.name,
            "agent": said.message.agent,
            "kind": said.message.kind,
            "at": None if said.message.at is None else zulu(said.message.at),
            "text": said.message.text,
            "url": said.message.url,
            "hit": said.hit,
        }
        for said in view.utterances
    ]
    return facts(view.conversation) | {"reach": view.reach, "messages": messages}
