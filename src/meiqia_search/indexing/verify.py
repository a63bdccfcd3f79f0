"""Comparing the index with the record, and repairing what differs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from meiqia_search.acl.scope import Scope, Scoped
from meiqia_search.engines.base import Hit, Reader
from meiqia_search.query.filter import VALUES, Term
from meiqia_search.query.request import Search
from meiqia_search.records.conversations import Conversations


@dataclass(frozen=True, slots=True)
class Difference:
    """Ids that the index lacks, has too many, has twice or has in another version than the record.

    ``refused`` are those that it lacks because the engine does not take them, and why. ``pending`` counts those that
    only seem to differ: their change is on its way.
    """

    checked: int
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    pending: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        """Everything that needs repair."""
        return self.missing + self.extra + self.stale


def verify(reader: Reader, conversations: Conversations, scope: Scope) -> Difference:
    """What differs. ``scope`` must be one that sees everything: maintenance is a role like any other.

    Both sides may change while they are read one after the other, so what seems to differ is looked at again: only an
    id for which nothing waits in the outbox, and whose version stays the same, before and after that look, differs.
    """
    record = dict(conversations.versions())
    suspects = _compared(record, reader.scan(Scoped(Search(), scope))).ids
    before = conversations.settled(suspects)
    again = _compared(before, _hits(reader, scope, list(before)))
    after = conversations.settled(again.ids)

    def confirmed(ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(each for each in ids if each in after and after[each] == before[each])

    known = conversations.refused()
    missing = confirmed(again.missing)
    found = Difference(
        len(record),
        tuple(each for each in missing if each not in known),
        confirmed(again.extra),
        confirmed(again.stale),
        refused={each: known[each] for each in missing if each in known},
    )
    return replace(found, pending=len(set(suspects)) - len(set(found.ids) | found.refused.keys()))


def _compared(record: Mapping[str, int | None], hits: Iterable[Hit]) -> Difference:
    """What differs between versions (none: not in the record) and hits."""
    extra, stale, seen = [], [], set()
    for hit in hits:
        version = record.get(hit.id)
        if version is None or hit.id in seen:
            extra.append(hit.id)
        elif version != hit.version:
            stale.append(hit.id)
        seen.add(hit.id)
    missing = [each for each, version in record.items() if version is not None and each not in seen]
    return Difference(len(record), tuple(missing), tuple(extra), tuple(stale))


def _hits(reader: Reader, scope: Scope, ids: Sequence[str]) -> Iterator[Hit]:
    for start in range(0, len(ids), VALUES):
        yield from reader.scan(Scoped(Search(Term("id", tuple(ids[start : start + VALUES]))), scope))
