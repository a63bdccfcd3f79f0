"""From the outbox into the index; doing a change again changes nothing, so it can be killed anywhere."""

from collections.abc import Sequence

from meiqia_search.engines.base import Change, Delete, Put, Writer
from meiqia_search.privacy.passage import for_index
from meiqia_search.records.conversations import Conversations, Stored

BATCH = 500
COMMIT = 20_000
"""Changes between two commits of the index while there is more to do."""


class Feed:
    """Applies what waits in the outbox to the writers, then takes it off the outbox."""

    def __init__(self, conversations: Conversations, writers: Sequence[Writer]) -> None:
        self._conversations = conversations
        self._writers = writers
        self._applied: list[int] = []

    def drain(self) -> int:
        """Apply and commit everything that waits; how many changes that were."""
        total = self.keep_up()
        self.commit()
        return total

    def keep_up(self) -> int:
        """Apply everything that waits, committing now and then; how many changes that were."""
        total = 0
        while count := self.step():
            total += count
            if len(self._applied) >= COMMIT:
                self.commit()
        return total

    def step(self) -> int:
        """Apply the next batch, without committing; how many changes that were."""
        queued = self._conversations.queued(BATCH, beyond=self._applied[-1] if self._applied else 0)
        if queued:
            ids = list(dict.fromkeys(each.id for each in queued))
            changes = changes_for(ids, self._conversations)
            for writer in self._writers:
                writer.apply(changes)
            self._applied += [each.seq for each in queued]
        return len(queued)

    def commit(self) -> None:
        """Commit the writers, then the outbox: a kill in between repeats, never skips.

        The next step begins at the oldest change again: one that a slower transaction committed late is not
        passed over.
        """
        if self._applied:
            for writer in self._writers:
                writer.commit()
            self._conversations.done(self._applied)
            self._applied = []


def put(stored: Stored) -> Put:
    """A conversation on its way into the index."""
    return Put(for_index(stored.conversation), stored.version, stored.partition)


def changes_for(ids: Sequence[str], conversations: Conversations) -> list[Change]:
    """What the index has to do so that it knows of these ids what the record knows."""
    stored = conversations.get(ids)
    return [put(stored[each]) if each in stored else Delete(each) for each in ids]
