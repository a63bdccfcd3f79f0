"""Work that several threads hand in at once and one of them does for all: one commit serves everybody who waits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Waiting(Generic[T]):
    item: T
    done: bool = False
    error: BaseException | None = None


class Together(Generic[T]):
    """The first thread to come does what has been handed in; whoever comes meanwhile waits for the next round."""

    def __init__(self, work: Callable[[Sequence[T]], None]) -> None:
        self._work = work
        self._waiting: list[_Waiting[T]] = []
        self._busy = False
        self._changed = Condition()

    def do(self, item: T) -> None:
        """Return when the item is done; raises what the work for its round raised."""
        mine = _Waiting(item)
        with self._changed:
            self._waiting.append(mine)
            self._changed.wait_for(lambda: mine.done or not self._busy)
            batch = self._begin() if not mine.done else []
        if batch:
            self._lead(batch)
        if mine.error is not None:
            raise mine.error

    def _begin(self) -> list[_Waiting[T]]:
        batch, self._waiting, self._busy = self._waiting, [], True
        return batch

    def _lead(self, batch: list[_Waiting[T]]) -> None:
        error: BaseException | None = None
        try:
            self._work([each.item for each in batch])
        except BaseException as broken:  # noqa: BLE001 - raised in every thread that waits for it
            error = broken
        with self._changed:
            for each in batch:
                each.done, each.error = True, error
            self._busy = False
            self._changed.notify_all()
