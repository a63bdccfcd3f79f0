"""A scan's hits, written to a file before the first of them is given: that list is the snapshot."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from tempfile import SpooledTemporaryFile
from typing import IO

import msgspec

from meiqia_search.engines.base import Hit
from meiqia_search.errors import StorageFull

IN_MEMORY = 1 << 20
"""Bytes; a longer list goes to the disk, to a file without a name that vanishes with the process."""
LENGTH = 4
Found = tuple[str, int]
"""Id and version."""
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Hit])


def spooled(pages: Generator[Sequence[Found], None, None]) -> Iterator[Hit]:
    """The hits of all pages, once the last page has come.

    However slowly they are read, nothing is held open at the engine; and an engine that dies in the middle gives an
    error before the first hit, never a list that is too short.

    Raises:
        StorageFull: there is no room for the list.
    """
    with SpooledTemporaryFile(IN_MEMORY, prefix="meiqia-scan-") as file, closing(pages):
        for page in pages:
            _write(file, _ENCODER.encode(page))
        file.seek(0)
        while length := file.read(LENGTH):
            yield from _DECODER.decode(file.read(int.from_bytes(length)))


def _write(file: IO[bytes], page: bytes) -> None:
    try:
        file.write(len(page).to_bytes(LENGTH) + page)
    except OSError as full:
        raise StorageFull from full
