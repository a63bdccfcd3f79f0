"""Bytes of unknown encoding → lines, one at a time, in bounded memory."""

import codecs
import io
from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO, NamedTuple

from meiqia_search.channels.item import ORIGINAL

SAMPLE = 256 * 1024
LINE_LIMIT = 16 * 1024 * 1024
_CHUNK = 256 * 1024
_ZEROS = 0.05
"""Texts in UTF-16 have more zero bytes than this, thanks to digits, commas and line ends; others have hardly any."""


class Encoding(StrEnum):
    """The encodings that are recognised."""

    UTF_8 = "utf-8"
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"
    GB18030 = "gb18030"


_MARKS = (
    (codecs.BOM_UTF8, Encoding.UTF_8),
    (codecs.BOM_UTF16_LE, Encoding.UTF_16_LE),
    (codecs.BOM_UTF16_BE, Encoding.UTF_16_BE),
)
_WIDE = frozenset({Encoding.UTF_16_LE, Encoding.UTF_16_BE})


class Line(NamedTuple):
    """A line without its end: UTF-8 where the file was UTF-16, else the file's own bytes.

    Of a line longer than :data:`LINE_LIMIT` ``data`` is only the head.
    """

    data: bytes
    length: int
    ended: bool

    @property
    def too_long(self) -> bool:
        """Whether only the head was kept."""
        return self.length > len(self.data)


def detect(sample: bytes) -> Encoding:
    """The encoding of a file that begins like this; the sample may end in the middle of a character."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    if wide := _wide(sample):
        return wide
    return Encoding.UTF_8 if _mostly_utf8(sample) else Encoding.GB18030


def _wide(sample: bytes) -> Encoding | None:
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if even + odd <= _ZEROS * len(sample):
        return None
    if odd > 9 * even:
        return Encoding.UTF_16_LE
    return Encoding.UTF_16_BE if even > 9 * odd else None


def _mostly_utf8(sample: bytes) -> bool:
    """Whether it is UTF-8, perhaps with a few damaged lines.

    GB18030 read as UTF-8 is mostly damage: in real conversations 1 good character for 4 bad ones, at best 3 for 2.
    """
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)
    damaged = text.count("\ufffd")
    return not damaged or sum(char > "\x7f" for char in text) > 4 * damaged


def sample(stream: BinaryIO) -> bytes:
    """The beginning of a file, and where that says nothing about the encoding, the first part that does."""
    head = stream.read(SAMPLE)
    part = head
    while part and part.isascii():
        part = stream.read(SAMPLE)
    if part.isascii() or part is head:
        return head
    start = next(at for at, byte in enumerate(part) if byte > 0x7F)
    return head[:1024] + part[start:]


class _AsUtf8(io.RawIOBase):
    """A UTF-16 stream as UTF-8; what is damaged stays damaged, so that its line is not read as if it were whole."""

    def __init__(self, stream: BinaryIO, encoding: Encoding) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]  # io says Buffer, which 3.11 cannot name
        while not self._ready:
            chunk = self._stream.read(_CHUNK)
            self._ready = self._decoded(chunk)
            if not chunk:
                break
        given = self._ready[: len(buffer)]
        self._ready = self._ready[len(given) :]
        buffer[: len(given)] = given
        return len(given)

    def _decoded(self, chunk: bytes) -> bytes:
        try:
            return self._decoder.decode(chunk, final=not chunk).encode("utf-8", "surrogatepass")
        except UnicodeDecodeError:  # the file ends in the middle of a character
            self._decoder.reset()
            return b"\xff"


def lines(stream: BinaryIO, encoding: Encoding) -> Iterator[Line]:
    """The lines of a stream, separated by line feeds alone (a carriage return before one belongs to the line end)."""
    if encoding in _WIDE:
        stream = io.BufferedReader(_AsUtf8(stream, encoding))
    first = True
    while data := stream.readline(LINE_LIMIT):
        cut = len(data) == LINE_LIMIT and not data.endswith(b"\n")
        if first:
            data, first = data.removeprefix(codecs.BOM_UTF8), False
        yield _rest(stream, data) if cut else _whole(data)


def _whole(data: bytes) -> Line:
    line = data.removesuffix(b"\n")
    ended = len(line) < len(data)
    line = line.removesuffix(b"\r") if ended else line
    return Line(line, len(line), ended)


def _rest(stream: BinaryIO, head: bytes) -> Line:
    length, part = len(head), b""
    while not part.endswith(b"\n") and (part := stream.readline(_CHUNK)):
        length += len(part)
    ended = part.endswith(b"\n")
    return Line(head[:ORIGINAL], length - ended, ended)


def decode_sample(sample: bytes) -> str:
    """The beginning of a file as text, however it is encoded."""
    return codecs.getincrementaldecoder(detect(sample))("replace").decode(sample)


def decode(data: bytes, encoding: Encoding, errors: str = "strict") -> str:
    """A line of such a file as text."""
    return data.decode("gb18030" if encoding is Encoding.GB18030 else "utf-8", errors)
