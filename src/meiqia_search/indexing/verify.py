"""Comparing the index with the record, and repairing what differs."""

from dataclasses import dataclass

from meiqia_search.acl.scope import Scope, Scoped
from meiqia_search.engines.base import Reader
from meiqia_search.query.request import Search
from meiqia_search.records.conversations import Conversations


@dataclass(frozen=True, slots=True)
class Difference:
    """Ids that the index lacks, has too many, has twice or has in another version than the record."""

    checked: int
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Everything that needs repair."""
        return self.missing + self.extra + self.stale


def verify(reader: Reader, conversations: Conversations, scope: Scope) -> Difference:
    """What differs. ``scope`` must be one that sees everything: maintenance is a role like any other.

    Changes that wait in the outbox are not differences: they are on their way.
    """
    record = dict(conversations.versions())
    checked = len(record)
    waiting = {each.id for each in conversations.queued(10**9)}
    extra, stale, seen = [], [], set()
    for hit in reader.scan(Scoped(Search(), scope)):
        version = record.get(hit.id)
        if version is None or hit.id in seen:
            extra.append(hit.id)
        elif version != hit.version:
            stale.append(hit.id)
        seen.add(hit.id)
    missing = [each for each in record if each not in seen]
    return Difference(checked, *(tuple(each for each in ids if each not in waiting) for ids in (missing, extra, stale)))
