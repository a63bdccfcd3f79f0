"""From the outbox into the index; doing a change again changes nothing, so it can be killed anywhere."""

from collections.abc import Iterable, Sequence

from meiqia_search.engines.base import Put, Writer
from meiqia_search.indexing.helping import Helpers, give_back_memory
from meiqia_search.indexing.preparing import Line, Recipe
from meiqia_search.records.conversations import Conversations

BATCH = 250
COMMIT = 50_000
"""Changes between two commits of the index while there is more to do."""


class Feed:
    """Applies what waits in the outbox to the writers of one engine, then takes it off the outbox.

    ``helpers`` serve whoever brings conversations in, too.
    """

    def __init__(self, conversations: Conversations, recipe: Recipe, writers: Sequence[Writer]) -> None:
        self.recipe = recipe
        self.helpers = Helpers()
        self._conversations = conversations
        self._writers = writers
        self._line = Line(recipe, writers, self.helpers)
        self._taken: list[int] = []

    def drain(self) -> int:
        """Apply and commit everything that waits, and rest; how many changes that were."""
        total = self.keep_up()
        self.commit()
        self.close()
        return total

    def keep_up(self, ready: Iterable[Put] = ()) -> int:
        """Take on everything that waits, committing now and then; how many changes that were.

        ``ready`` is what has just come into the record and was prepared on the way; each is given once.
        """
        total, prepared = 0, {put.id: put for put in ready}
        while count := self.step(prepared):
            total += count
            if len(self._taken) >= COMMIT:
                self.commit()
        return total

    def step(self, prepared: dict[str, Put] | None = None) -> int:
        """Take on the next batch, without committing; how many changes that were. What is used of ``prepared`` goes."""
        queued = self._conversations.queued(BATCH, beyond=self._taken[-1] if self._taken else 0)
        if queued:
            ids = list(dict.fromkeys(each.id for each in queued))
            ready = self._still_so([prepared.pop(each) for each in ids if each in prepared] if prepared else [])
            packed = self._conversations.packed([each for each in ids if each not in ready])
            anew = {each.id for each in queued if each.anew} | (set(ids) - packed.keys() - ready.keys())
            self._line.give(list(ready.values()), anew)
            if packed:
                self._line.take(list(packed.values()))
            self._taken += [each.seq for each in queued]
        return len(queued)

    def _still_so(self, prepared: Sequence[Put]) -> dict[str, Put]:
        """Those that the record has in this version; somebody else may have changed or deleted the others."""
        versions = self._conversations.versions_of([put.id for put in prepared]) if prepared else {}
        return {put.id: put for put in prepared if versions.get(put.id) == put.version}

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
            give_back_memory()

    def close(self) -> None:
        """Let the processes that help end."""
        self.helpers.close()
