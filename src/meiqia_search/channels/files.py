"""Files of conversations → items: what kind of file it is, how it is encoded, and reading it from any position."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from enum import StrEnum
from hashlib import blake2b
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from meiqia_search.channels import csvrows, decoding, jsonlines, tables
from meiqia_search.channels.decoding import Encoding
from meiqia_search.channels.item import Item, Piece
from meiqia_search.channels.row import Row
from meiqia_search.errors import UnreadableFile

_ENDS = 64 * 1024
_PREVIEWED = 5


class Kind(StrEnum):
    """The kinds of files that are read."""

    JSON_LINES = "jsonl"
    JSON = "json"
    CSV = "csv"
    EXCEL = "xlsx"


class Preview(NamedTuple):
    """How a file is understood: its columns (none in JSON) with what each holds, and the first rows."""

    kind: Kind
    encoding: Encoding | None
    columns: tuple[tuple[str, str | None], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


_SUFFIXES = {
    ".jsonl": Kind.JSON_LINES,
    ".ndjson": Kind.JSON_LINES,
    ".csv": Kind.CSV,
    ".tsv": Kind.CSV,
}
_MAGIC = (
    (b"\xd0\xcf\x11\xe0", "这是旧版 Excel（.xls）或加了密码的文件；请在 Excel 里去掉密码并另存为 .xlsx。"),
    (b"\x1f\x8b", "这是压缩文件（.gz）；请先解压。"),
    (b"\x28\xb5\x2f\xfd", "这是压缩文件（.zst）；请先解压。"),
    (b"7z\xbc\xaf", "这是压缩文件（.7z）；请先解压。"),
    (b"Rar!", "这是压缩文件（.rar）；请先解压。"),
    (b"%PDF", "这是 PDF；请导出为 JSON Lines、CSV 或 Excel。"),
)
_ZIP = b"PK\x03\x04"


def read(path: Path, *, mapping: Mapping[str, str] | None = None, skip: int = 0) -> Iterator[Item]:
    """The conversations of a file, one by one; what cannot be read is an item too and stops nothing.

    As :func:`pieces`, each read.
    """
    return (piece.item() for piece in pieces(path, mapping=mapping, skip=skip))


def pieces(path: Path, *, mapping: Mapping[str, str] | None = None, skip: int = 0) -> Iterator[Piece]:
    """What the file is cut into, one conversation each; lines of JSON are not read yet.

    ``mapping`` says what columns of a table hold where that is not recognised; ``skip`` is the position of the last
    item of an earlier reading.

    Raises:
        UnreadableFile: there is no such file, or nothing of it can be read.
        UnknownMapping: a table in which the columns for id and text are not to be found (when the reading begins).
    """
    kind = detect(path)
    if kind is Kind.EXCEL:
        return _excel_items(path, mapping, skip)
    return _text_pieces(path, kind, mapping, skip)


def _text_pieces(path: Path, kind: Kind, mapping: Mapping[str, str] | None, skip: int) -> Iterator[Piece]:
    with _opened(path) as file:
        encoding = _encoding(file)
        match kind:
            case Kind.JSON_LINES:
                repeats = jsonlines.repeats(file, encoding)
                file.seek(0)
                yield from jsonlines.pieces(file, encoding, skip, repeats)
            case Kind.JSON:
                yield from jsonlines.read_document(file, encoding, skip)
            case _:
                yield from tables.read(tables.find([csvrows.rows(file, encoding)], mapping), skip)


def _excel_items(path: Path, mapping: Mapping[str, str] | None, skip: int) -> Iterator[Item]:
    with _sheets(path) as sheets:
        yield from tables.read(tables.find(sheets, mapping), skip)


@contextmanager
def _sheets(path: Path) -> Iterator[Iterator[Iterator[Row]]]:
    from meiqia_search.channels import workbook  # noqa: PLC0415 - takes 0.2 s, and most files are no workbooks

    with _opened(path) as file, closing(workbook.sheets(file)) as sheets:
        yield sheets


def read_lines(stream: BinaryIO) -> Iterator[Item]:
    """The conversations of a stream of JSON Lines that cannot be read twice, such as standard input."""
    buffered = BufferedReader(stream, decoding.SAMPLE)  # type: ignore[type-var]  # anything with readinto will do
    try:
        encoding = decoding.detect(buffered.peek(decoding.SAMPLE))
        yield from (piece.item() for piece in jsonlines.pieces(buffered, encoding))
    finally:
        buffered.detach()  # or it would close the stream


def detect(path: Path) -> Kind:
    """What kind of file it is, by its content first and its name second.

    Raises:
        UnreadableFile: there is none, it is empty, or of a kind that is not read; says what to do.
    """
    with _opened(path) as file:
        head = file.read(decoding.SAMPLE)
    if not head:
        raise UnreadableFile("文件是空的；请检查导出是否成功。")
    if head.startswith(_ZIP):
        return Kind.EXCEL
    for magic, advice in _MAGIC:
        if head.startswith(magic):
            raise UnreadableFile(advice)
    if path.suffix.casefold() in {".xlsx", ".xls"}:
        raise UnreadableFile("文件名像 Excel，内容却不是；请在 Excel 里打开并另存为 .xlsx。")
    return _SUFFIXES.get(path.suffix.casefold()) or _by_content(head)


def _by_content(head: bytes) -> Kind:
    begin = decoding.decode_sample(head).lstrip("\ufeff \t\r\n")
    if begin.startswith("["):
        return Kind.JSON
    if "\0" in begin[:1024]:
        raise UnreadableFile("这不是文字文件；请导出为 JSON Lines、CSV 或 Excel（.xlsx）。")
    if not begin.startswith("{"):
        return Kind.CSV
    line, more, _ = begin.partition("\n")
    return Kind.JSON_LINES if not more or line.rstrip().endswith("}") else Kind.JSON


def fingerprint(path: Path) -> str:
    """By this a file is recognised when its import goes on: its size, time, beginning and end.

    Raises:
        UnreadableFile: there is no such file.
    """
    with _opened(path) as file:
        state = path.stat()
        digest = blake2b(f"{state.st_size}:{state.st_mtime_ns}:".encode(), digest_size=16)
        digest.update(file.read(_ENDS))
        file.seek(max(0, state.st_size - _ENDS))
        digest.update(file.read(_ENDS))
    return digest.hexdigest()


def preview(path: Path, mapping: Mapping[str, str] | None = None) -> Preview:
    """How the file would be read.

    Raises:
        UnreadableFile: there is no such file, or nothing of it can be read.
        UnknownMapping: the columns for id and text are not to be found.
    """
    kind = detect(path)
    if kind is Kind.EXCEL:
        with _sheets(path) as sheets:
            return _previewed(kind, None, tables.find(sheets, mapping))
    with _opened(path) as file:
        encoding = _encoding(file)
        if kind is not Kind.CSV:
            return Preview(kind, encoding)
        return _previewed(kind, encoding, tables.find([csvrows.rows(file, encoding)], mapping))


def _previewed(kind: Kind, encoding: Encoding | None, table: tables.Table) -> Preview:
    rows = tuple(row.cells for row in islice(table.rows, _PREVIEWED))
    return Preview(kind, encoding, tuple(zip(table.headers, table.targets, strict=True)), rows)


def _encoding(file: BinaryIO) -> Encoding:
    encoding = decoding.detect(decoding.sample(file))
    file.seek(0)
    return encoding


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The open file; every way in which it cannot be read is said in a sentence."""
    try:
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise UnreadableFile(f"找不到文件“{path.name}”；请检查路径。") from None
    except IsADirectoryError:
        raise UnreadableFile(f"“{path.name}”是一个目录；请给出其中的文件。") from None
    except PermissionError:
        raise UnreadableFile(f"没有权限读取“{path.name}”；请检查文件权限。") from None
    except OSError as trouble:
        raise UnreadableFile(f"读“{path.name}”时出错：{trouble.strerror}；重新运行会从中断处继续。") from trouble
