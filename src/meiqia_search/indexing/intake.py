"""From files and the inbox into the record; killed anywhere, it goes on where the record says it was."""

import io
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self, TypeVar

import msgspec

from meiqia_search.aggregations.metrics import measured
from meiqia_search.channels import files
from meiqia_search.channels.item import Item, Piece
from meiqia_search.conversation import Conversation
from meiqia_search.engines.base import Put
from meiqia_search.errors import ArchiveError
from meiqia_search.indexing.feed import Feed
from meiqia_search.indexing.helping import Helpers
from meiqia_search.indexing.preparing import Recipe, puts
from meiqia_search.records import directory, imports
from meiqia_search.records.conversations import FIRST, Conversations, Sealed, Stored, Tally, sealed
from meiqia_search.records.database import Transaction
from meiqia_search.records.imports import Imports, Progress
from meiqia_search.records.inbox import Inbox, Payload

BATCH, BATCH_BYTES = 1_000, 16_000_000
"""What is kept in one transaction ends earlier when it is large, so that memory stays bounded."""
READ_AT_ONCE = 250
READ_CHARACTERS = 1_000_000
"""The same for what is read at once."""
USUAL_BYTES = 2_000
"""Of a conversation in a file."""
Sized = TypeVar("Sized", Piece, "Read")
log = logging.getLogger(__name__)


def take_in(conversations: Conversations, batch: Sequence[Conversation]) -> Tally:
    """Keep conversations with their measures and the names they bring, in one transaction."""
    batch = [measured(each) for each in batch]
    return conversations.put(batch, lambda connection, _: directory.note(connection, batch))


def import_file(  # noqa: PLR0913 - what is read, how, and where it goes
    path: Path,
    mapping: Mapping[str, str] | None,
    rejects: Path,
    conversations: Conversations,
    known: Imports,
    feed: Feed | None,
    report: Callable[[Progress], None],
) -> Progress:
    """Take in a file from where it was left; what cannot be read goes to the file ``rejects`` with line and reason.

    The position is kept in the transaction that keeps the conversations, so nothing is lost or doubled. With a feed
    they go into the index on the way; without, somebody else has one.

    Raises:
        UnreadableFile, UnknownMapping: nothing of the file can be read.
        StorageFull, RecordUnavailable: everything up to the last report is kept.
    """
    file = files.fingerprint(path)
    progress = known.of(file)
    pieces = files.pieces(path, mapping=mapping, skip=progress.position)
    with _RejectFile(rejects, progress.rejected) as rejected, closing(Helpers()) as own:
        helpers = feed.helpers if feed else own
        helpers.expect(path.stat().st_size // USUAL_BYTES)
        for batch in _read(pieces, helpers, feed.recipe if feed else None):
            before, progress = progress, _take_in(batch, progress, file, conversations, rejected)
            report(progress)
            if feed:
                feed.keep_up(_ready(batch, progress.added - before.added))
        progress = replace(progress, finished=True)
        conversations.keep([], lambda connection, _: imports.keep(connection, file, progress))
    return progress


class Read(NamedTuple):
    """A piece of a file: what the record keeps and the index takes of it, or, in ``item``, why it cannot be read."""

    item: Item
    sealed: Sealed | None = None
    put: Put | None = None

    @property
    def size(self) -> int:
        """About how many bytes it has."""
        body, document = self.sealed.body if self.sealed else b"", self.put.document if self.put else b""
        return len(self.item.original) + len(body) + len(document)


def read(pieces: Sequence[Piece], recipe: Recipe | None) -> list[Read]:
    """Pieces of a file, measured and sealed, and prepared for an index by its recipe, if there is one."""
    items = [piece.item() for piece in pieces]
    found = {at: measured(item.conversation) for at, item in enumerate(items) if item.conversation is not None}
    kept = {at: sealed(conversation) for at, conversation in found.items()}
    ready = dict(zip(found, _prepared(list(found.values()), list(kept.values()), recipe), strict=False))
    return [Read(item._replace(conversation=None), kept.get(at), ready.get(at)) for at, item in enumerate(items)]


def _prepared(conversations: Sequence[Conversation], kept: Sequence[Sealed], recipe: Recipe | None) -> list[Put]:
    """What the index takes of new conversations; nothing where one cannot be prepared: the feed finds out which."""
    if recipe is None:
        return []
    try:
        return puts([Stored(each, FIRST, of.partition) for each, of in zip(conversations, kept, strict=True)], recipe)
    except Exception:
        log.exception("preparing")
        return []


def _read(pieces: Iterable[Piece], helpers: Helpers, recipe: Recipe | None) -> Iterator[list[Read]]:
    """What is kept in one transaction, one after the other."""
    together = _parts(pieces, READ_AT_ONCE, READ_CHARACTERS)
    return _parts(chain.from_iterable(helpers.each(partial(read, recipe=recipe), together)), BATCH, BATCH_BYTES)


def _parts(things: Iterable[Sized], most: int, size: int) -> Iterator[list[Sized]]:
    """Lists of so many things, or fewer where they come to this size."""
    some: list[Sized] = []
    total = 0
    for thing in things:
        some.append(thing)
        total += thing.size
        if len(some) >= most or total >= size:
            yield some
            some, total = [], 0
    if some:
        yield some


def _take_in(
    batch: Sequence[Read], progress: Progress, file: str, conversations: Conversations, rejected: "_RejectFile"
) -> Progress:
    good = [each.sealed for each in batch if each.sealed is not None]
    bad = [each.item for each in batch if each.sealed is None]
    rejected.write(bad)
    after = replace(progress, position=batch[-1].item.position, rejected=progress.rejected + len(bad))

    def also(connection: Transaction, tally: Tally) -> None:
        directory.note(connection, good)
        after.added, after.changed, after.same = (
            progress.added + tally.added, progress.changed + tally.changed, progress.same + tally.same
        )  # fmt: skip
        imports.keep(connection, file, after)

    conversations.keep(good, also)
    return after


def _ready(batch: Sequence[Read], added: int) -> list[Put]:
    """What was prepared; new to every index where so many were added as could be read."""
    found = [each.put for each in batch if each.put]
    all_new = added == sum(each.sealed is not None for each in batch)
    return [put._replace(new=True) for put in found] if all_new else found


class _RejectFile:
    """JSON Lines of what could not be read; made only when there is something to write."""

    def __init__(self, path: Path, lines: int) -> None:
        self._path = path
        self._lines = lines
        self._file: io.BufferedRandom | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def write(self, items: Sequence[Item]) -> None:
        """Append items; they are on disk before the position behind them is kept."""
        if not items:
            return
        file = self._file = self._file or _continued(self._path, self._lines)
        for item in items:
            row = {"line": item.line or None, "reason": item.reason, "original": item.original}
            file.write(msgspec.json.encode(row) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _continued(path: Path, lines: int) -> io.BufferedRandom:
    """The file cut to the lines whose position was kept: what a killed import wrote behind them comes again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("r+b" if lines and path.exists() else "w+b")
    file.truncate(sum(len(line) for line in islice(file, lines)))
    file.seek(0, os.SEEK_END)
    return file


def receive(source: str, stream: BinaryIO, inbox: Inbox) -> tuple[int, int]:
    """Take JSON Lines from a stream into the inbox, each line as it is; how many, and how many of them empty."""
    kept = empty = 0
    while lines := list(islice(stream, BATCH)):
        bodies = [line.strip() for line in lines if line.strip()]
        inbox.put(source, bodies)
        kept, empty = kept + len(bodies), empty + len(lines) - len(bodies)
    return kept, empty


def drain(inbox: Inbox, conversations: Conversations) -> Tally:
    """Take everything from the inbox into the record; what that did.

    A payload that cannot be read is kept with the reason.
    """
    total = Tally()
    while payloads := inbox.next(BATCH):
        good = [(payload.seq, each) for payload in payloads if (each := _opened(payload, inbox)) is not None]
        total += take_in(conversations, [each for _, each in good])
        inbox.done([seq for seq, _ in good])
    return total


def write_off(source: str, inbox: Inbox, rejects: Path) -> int:
    """Move what came from this source and cannot be read to the file ``rejects``; how much that was."""
    failed = inbox.failed(source)
    with _RejectFile(rejects, 0) as file:
        file.write([Item(0, 0, None, each.reason, each.body.decode("utf-8", "backslashreplace")) for each in failed])
    inbox.done([each.seq for each in failed])
    return len(failed)


def _opened(payload: Payload, inbox: Inbox) -> Conversation | None:
    item = next(files.read_lines(io.BytesIO(payload.body)), None)
    if item is not None and item.conversation is not None:
        return item.conversation
    inbox.fail(payload.seq, item.reason if item else ArchiveError.title)
    return None
