"""From files and the inbox into the record; killed anywhere, it goes on where the record says it was."""

import io
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Self

import msgspec

from meiqia_search.aggregations.metrics import measured
from meiqia_search.channels import files
from meiqia_search.channels.item import Item
from meiqia_search.conversation import Conversation
from meiqia_search.errors import ArchiveError
from meiqia_search.records import directory, imports
from meiqia_search.records.conversations import Conversations, Tally
from meiqia_search.records.database import Transaction
from meiqia_search.records.imports import Imports, Progress
from meiqia_search.records.inbox import Inbox, Payload

BATCH = 1_000
BATCH_CHARACTERS = 4_000_000
"""A batch ends earlier when its conversations are large, so that memory stays bounded."""


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
    report: Callable[[Progress], None],
) -> Progress:
    """Take in a file from where it was left; what cannot be read goes to the file ``rejects`` with line and reason.

    The position is kept in the transaction that keeps the conversations, so nothing is lost or doubled.

    Raises:
        UnreadableFile, UnknownMapping: nothing of the file can be read.
        StorageFull, RecordUnavailable: everything up to the last report is kept.
    """
    file = files.fingerprint(path)
    progress = known.of(file)
    items = files.read(path, mapping=mapping, skip=progress.position)
    with _RejectFile(rejects, progress.rejected) as rejected:
        for batch in _batches(items):
            progress = _take_in(batch, progress, file, conversations, rejected)
            report(progress)
        progress = replace(progress, finished=True)
        conversations.put([], lambda connection, _: imports.keep(connection, file, progress))
    return progress


def _take_in(
    batch: Sequence[Item], progress: Progress, file: str, conversations: Conversations, rejected: "_RejectFile"
) -> Progress:
    good = [measured(item.conversation) for item in batch if item.conversation is not None]
    bad = [item for item in batch if item.conversation is None]
    rejected.write(bad)
    after = replace(progress, position=batch[-1].position, rejected=progress.rejected + len(bad))

    def also(connection: Transaction, tally: Tally) -> None:
        directory.note(connection, good)
        after.added, after.changed, after.same = (
            progress.added + tally.added, progress.changed + tally.changed, progress.same + tally.same
        )  # fmt: skip
        imports.keep(connection, file, after)

    conversations.put(good, also)
    return after


def _batches(items: Iterable[Item]) -> Iterable[list[Item]]:
    batch: list[Item] = []
    weight = 0
    for item in items:
        batch.append(item)
        weight += len(item.original) + (
            sum(len(m.text) for m in item.conversation.messages) if item.conversation else 0
        )
        if len(batch) >= BATCH or weight >= BATCH_CHARACTERS:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


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
        good = [(payload.seq, read) for payload in payloads if (read := _read(payload, inbox)) is not None]
        total += take_in(conversations, [read for _, read in good])
        inbox.done([seq for seq, _ in good])
    return total


def write_off(source: str, inbox: Inbox, rejects: Path) -> int:
    """Move what came from this source and cannot be read to the file ``rejects``; how much that was."""
    failed = inbox.failed(source)
    with _RejectFile(rejects, 0) as file:
        file.write([Item(0, 0, None, each.reason, each.body.decode("utf-8", "backslashreplace")) for each in failed])
    inbox.done([each.seq for each in failed])
    return len(failed)


def _read(payload: Payload, inbox: Inbox) -> Conversation | None:
    item = next(files.read_lines(io.BytesIO(payload.body)), None)
    if item is not None and item.conversation is not None:
        return item.conversation
    inbox.fail(payload.seq, item.reason if item else ArchiveError.title)
    return None
