"""Looking for secrets in whatever leaves, in any spelling that a reader could undo."""

import base64
import binascii
import gzip
import html
import io
import json
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from urllib.parse import unquote

from tests.access.canaries import Secret

SHORT, LONG = 7, 10
"""So many digits in a row of a telephone number, or of a longer one, are a part of it that nobody may see."""
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_TAG = re.compile("<[^>]*>")
_NOTHING = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_BETWEEN = re.compile(r"[\s_.·,:/|+-]+")
_DIGITS = re.compile(f"[0-9]{{{SHORT},}}")
_WORD = re.compile("kx[a-p]{8}xk")


class Finder:
    """Finds these secrets."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._words: dict[str, Secret] = {}
        self._windows: dict[str, Secret] = {}
        self._others: dict[str, Secret] = {}
        self._of_lines: dict[str, frozenset[Secret]] = {}
        for secret in secrets:
            for needle in secret.needles:
                self._keep(_plain(needle), secret)

    def _keep(self, needle: str, secret: Secret) -> None:
        digits = _BETWEEN.sub("", needle)
        if _WORD.fullmatch(needle):
            self._words[needle] = secret
        elif secret.kind and digits.isdigit() and "." not in needle:
            self._windows |= dict.fromkeys(_parts(digits, SHORT if len(digits) <= 12 else LONG), secret)
            self._others[digits] = secret
        else:
            self._others[digits] = secret

    def found(self, *left: bytes) -> set[Secret]:
        """Every secret of which something stands in what left. Pages have most of their lines in common."""
        lines = {
            line for data in left for part in _unpacked(data) for line in part.decode("utf-8", "replace").split("\n")
        }
        return {secret for line in lines for secret in self._of_line(line)}

    def _of_line(self, line: str) -> frozenset[Secret]:
        known = self._of_lines.get(line)
        if known is None:
            known = self._of_lines[line] = frozenset(self._search("\n".join(map(_plain, views(line)))))
        return known

    def _search(self, plain: str) -> Iterator[Secret]:
        tight = _BETWEEN.sub("", plain)
        for text in (plain, tight):
            yield from (self._words[word] for word in _WORD.findall(text) if word in self._words)
        for run in _DIGITS.findall(plain):
            parts = (part for size in (SHORT, LONG) for part in _parts(run, size))
            yield from (self._windows[part] for part in parts if part in self._windows)
        yield from (secret for needle, secret in self._others.items() if needle in tight)


def _parts(run: str, size: int) -> Iterator[str]:
    return (run[at : at + size] for at in range(len(run) - size + 1))


def _plain(text: str) -> str:
    return _NOTHING.sub("", unicodedata.normalize("NFKC", text)).casefold()


def views(text: str) -> list[str]:
    """The text as it is, and as it reads when what encodes it is undone, one or several layers deep."""
    seen: list[str] = []
    layers = [text]
    for _ in range(3):
        fresh = [text for text in layers if text not in seen]
        seen += fresh
        layers = [view for text in fresh for view in _undone(text)]
    return seen


def _unpacked(data: bytes) -> Iterator[bytes]:
    yield data
    if data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data)
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as members:
            yield from (members.read(name) for name in members.namelist())


def _undone(text: str) -> Iterator[str]:
    yield html.unescape(text)
    yield unquote(text)
    yield _TAG.sub("", text)
    if "\\u" in text:
        pairs = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
        yield pairs.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if text.lstrip()[:1] in {"{", "["}:
        yield "".join(_leaves(text))
    yield "\n".join(map(_decoded, set(_ENCODED.findall(text))))


def _leaves(text: str) -> list[str]:
    """Every text of a JSON document, one behind the other."""
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for name, each in value.items():
                found.append(f"\n{name} " if isinstance(each, dict | list) else "")
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)
        elif isinstance(value, str):
            found.append(value)

    try:
        walk(json.loads(text))
    except ValueError:
        return []
    return found


@cache
def _decoded(run: str) -> str:
    """As base64 from every place where it could begin, compressed or not; only what reads as text."""
    found = []
    for start in range(4 if len(run) < 400 else 1):
        part = run[start:].replace("+", "-").replace("/", "_")
        try:
            raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        except binascii.Error:
            continue
        for bits in (raw, _inflated(raw)):
            text = bits.decode("utf-8", "ignore")
            if len(text.encode()) > 0.8 * len(bits):
                found.append(text)
    return "\n".join(found)


def _inflated(raw: bytes) -> bytes:
    for bits in (15, 31, -15):
        try:
            return zlib.decompressobj(bits).decompress(raw, 1 << 20)
        except zlib.error:
            continue
    return b""
