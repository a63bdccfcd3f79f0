"""From the outbox into the index; doing a change again changes nothing, so it can be killed anywhere."""

from collections.abc import Sequence

from meiqia_search.engines.base import Encode, Writer
from meiqia_search.indexing.preparing import Line
from meiqia_search.records.conversations import Conversations

BATCH = 250
COMMIT = 100_000
"""Changes between two commits of the index while there is more to do."""


class Feed:
    """Applies what waits in the outbox to the writers of one engine, then takes it off the outbox."""

    def __init__(self, conversations: Conversations, encode: Encode, writers: Sequence[Writer]) -> None:
        self._conversations = conversations
        self._writers = writers
        self._line = Line(encode, writers)
        self._taken: list[int] = []

    def drain(self) -> int:
        """Apply and commit everything that waits, and rest; how many changes that were."""
        total = self.keep_up()
        self.commit()
        self.close()
        return total

    def keep_up(self) -> int:
        """Take on everything that waits, committing now and then; how many changes that were."""
        total = 0
        while count := self.step():
            total += count
            if len(self._taken) >= COMMIT:
                self.commit()
        return total

    def step(self) -> int:
        """Take on the next batch, without committing; how many changes that were."""
        queued = self._conversations.queued(BATCH, beyond=self._taken[-1] if self._taken else 0)
        if queued:
            ids = list(dict.fromkeys(each.id for each in queued))
            packed = self._conversations.packed(ids)
            anew = {each.id for each in queued if each.anew} | (set(ids) - packed.keys())
            self._line.take(list(packed.values()), anew)
            self._taken += [each.seq for each in queued]
        return len(queued)

    def commit(self) -> None:
        """Commit the writers, then the outbox: a kill in between repeats, never skips.

        The next step begins at the oldest change again: one that a slower transaction committed late is not
        passed over.
        """
        if self._taken:
            refused = dict(self._line.settle())
            for writer in self._writers:
                refused |= writer.commit()
            self._conversations.done(self._taken, refused)
            self._taken = []

    def close(self) -> None:
        """Let the processes that help end."""
        self._line.close()
