"""JSON, one conversation per line or many in one document → items."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO, NamedTuple

import msgspec

from meiqia_search.channels import decoding, own, shapes
from meiqia_search.channels.decoding import LINE_LIMIT, Encoding, Line
from meiqia_search.channels.item import Item
from meiqia_search.channels.repeats import Last, Repeats, settled
from meiqia_search.conversation import Conversation
from meiqia_search.errors import ArchiveError, BadConversation, UnreadableFile

DOCUMENT_LIMIT = 256 * 1024 * 1024
_LISTS = ("result", "conversations", "data", "items", "list")
"""Under these keys answers of interfaces carry their conversations."""
_UNFINISHED = "文件末尾的这一行不完整，可能是写到一半就中断了；请重新导出后再导入。"


class Incomplete(Exception):
    """The text is not JSON."""


class Raw(NamedTuple):
    """A line that is not read yet; ``last`` is where its id comes again, if it does."""

    number: int
    line: Line
    encoding: Encoding
    last: Last | None = None

    @property
    def size(self) -> int:
        """About how many characters it has."""
        return len(self.line.data)

    def item(self) -> Item:
        """What is in it."""
        item = _item(self.number, self.line, self.encoding)
        return settled(item, self.last, partial(_original, self.line, self.encoding)) if self.last else item


def pieces(stream: BinaryIO, encoding: Encoding, skip: int = 0, repeats: Repeats | None = None) -> Iterator[Raw]:
    """The lines of a file with one JSON object per line; blank ones count but yield nothing."""
    for number, line in enumerate(decoding.lines(stream, encoding), 1):
        if number > skip and line.data and not line.data.isspace():
            yield Raw(number, line, encoding, repeats.last(_id(line, encoding)) if repeats else None)


def repeats(stream: BinaryIO, encoding: Encoding) -> Repeats:
    """A first look through such a file, only at the ids: which of them come again."""
    found = Repeats()
    for number, line in enumerate(decoding.lines(stream, encoding), 1):
        if (each := _id(line, encoding)) and found.meet(each):
            found.note(_item(number, line, encoding))
    return found


def _id(line: Line, encoding: Encoding) -> str:
    if encoding is not Encoding.GB18030:
        return shapes.id_of(line.data)
    return shapes.id_of(line.data.decode("gb18030", "replace"))


def _item(number: int, line: Line, encoding: Encoding) -> Item:
    try:
        return Item(number, number, _conversation(line, encoding))
    except ArchiveError as error:
        reason = error.detail
    except Incomplete as error:
        reason = str(error) if line.ended else _UNFINISHED
    except UnicodeDecodeError:
        reason = f"这一行含有不属于 {encoding.upper()} 编码的字节。" if line.ended else _UNFINISHED
    return Item(number, number, None, reason, _original(line, encoding))


def _original(line: Line, encoding: Encoding) -> str:
    return decoding.decode(line.data, encoding, "backslashreplace")


def _conversation(line: Line, encoding: Encoding) -> Conversation:
    if line.too_long:
        raise BadConversation(
            f"这一行有 {line.length} 字节，超过 {LINE_LIMIT // 1024 // 1024} MiB 的上限；这里只保留了开头。"
        )
    if encoding is Encoding.GB18030:
        return conversation(loaded(line.data.decode("gb18030")))
    return own.exact(line.data) or conversation(loaded(line.data))


def conversation(payload: object) -> Conversation:
    """The conversation in a JSON value.

    Raises:
        ArchiveError: there is none.
    """
    if not isinstance(payload, dict):
        raise BadConversation("这一行是 JSON，但不是一个对象；每行应是一条会话：{…}。")
    return shapes.parse(payload)


def loaded(data: bytes | str) -> object:
    """The value of a JSON text.

    Raises:
        Incomplete: it is not JSON.
        BadConversation: it is, but nested too deeply.
        UnicodeDecodeError: it is not UTF-8.
    """
    try:
        return msgspec.json.decode(data)
    except RecursionError:
        raise BadConversation("JSON 嵌套得太深。") from None
    except msgspec.MsgspecError:
        return _loaded_slowly(data if isinstance(data, str) else data.decode())


def _loaded_slowly(text: str) -> object:
    """What msgspec refuses and people still send: halves of surrogate pairs and control characters in strings."""
    try:
        return json.loads(text, strict=False, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Incomplete(f"这一行不是完整的 JSON（第 {error.pos + 1} 个字附近）。") from None
    except RecursionError:
        raise BadConversation("JSON 嵌套得太深。") from None
    except ValueError:
        raise BadConversation("JSON 里有无法表示的数字。") from None


def _no_constant(name: str) -> object:
    raise ValueError(name)


def read_document(stream: BinaryIO, encoding: Encoding, skip: int = 0) -> Iterator[Item]:
    """The conversations of one JSON document: a list of them, an interface's answer around such a list, or one.

    Raises:
        UnreadableFile: it is too large to be read as a whole, or not JSON.
    """
    elements = [bytes(each) for each in _elements(_document(stream, encoding))]
    found = Repeats()
    for number, data in enumerate(elements, 1):
        if (each := shapes.id_of(data)) and found.meet(each):
            found.note(_element_item(number, data))
    for number, data in enumerate(elements[skip:], skip + 1):
        yield settled(_element_item(number, data), found.last(shapes.id_of(data)), data.decode)


def _document(stream: BinaryIO, encoding: Encoding) -> bytes:
    data = stream.read(DOCUMENT_LIMIT + 1)
    if len(data) > DOCUMENT_LIMIT:
        raise UnreadableFile(
            f"这个 JSON 文件超过 {DOCUMENT_LIMIT // 1024 // 1024} MiB，无法整个读入；请改成每行一条会话（JSON Lines）。"
        )
    try:
        return data.decode(encoding).removeprefix("\ufeff").encode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise UnreadableFile(f"文件里有不属于 {encoding.upper()} 编码的字节；请用 UTF-8 重新导出。") from None


def _elements(data: bytes) -> list[Any]:
    """The elements, still raw, so that a bad one spoils no other."""
    try:
        if data.lstrip().startswith(b"["):
            return list(msgspec.json.decode(data, type=list[msgspec.Raw]))
        outer = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        inner = (
            None if shapes.IDS & outer.keys() else next((outer[key] for key in _LISTS if _is_list(outer, key)), None)
        )
        return [data] if inner is None else list(msgspec.json.decode(inner, type=list[msgspec.Raw]))
    except (msgspec.MsgspecError, RecursionError):
        raise UnreadableFile("这个文件不是完整的 JSON；请重新导出，或改成每行一条会话（JSON Lines）。") from None


def _is_list(outer: dict[str, msgspec.Raw], key: str) -> bool:
    return key in outer and bytes(outer[key]).startswith(b"[")


def _element_item(number: int, data: bytes) -> Item:
    try:
        return Item(number, number, conversation(loaded(data)))
    except ArchiveError as error:
        reason = error.detail
    except Incomplete as error:
        reason = str(error)
    return Item(number, number, None, reason, data.decode())
