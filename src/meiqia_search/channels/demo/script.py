"""The small language in which scenes are written.

A line is one variant of a turn: ``[a|b|]`` stands for one of its alternatives (they nest), ``{slot}`` for a value,
`` / `` begins another message of the same speaker, ``¶`` a new line. A header line begins a turn:

    C  customer      A  agent       H  the agent's own "one moment"      B  what the bot answers
    P  photo sent    F  file sent   S  summary                           L  subject of a letter

followed by ``+`` (only where the matter is settled) or ``-`` (only where it is not), by ``40%`` (how often it is said)
and by ``chat`` (not on the telephone). ``ab:`` before a variant says in which threads of the scene it fits; without it,
in all of them.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import compress, product
from typing import NamedTuple

from meiqia_search.channels.demo.chance import Chance, pick

_HEADER = re.compile(r"([CAHBPFSL])([+-]?)(?: ([0-9]+)%)?( chat)?")
_THREADS = re.compile(r"(?:([a-e]+):)?(.*)")
_SLOT = re.compile(r"\{([a-z0-9_]+)\}")


class Template(NamedTuple):
    """A text with choices; plain strings and tuples of alternatives alternate as written."""

    parts: tuple[str | tuple[str, ...], ...]
    slots: frozenset[str]


class Turn(NamedTuple):
    """What one speaker says at one point: each variant is one or more messages; ``threads`` has an entry for each."""

    who: str
    branch: str
    share: float
    chat: bool
    variants: tuple[tuple[Template, ...], ...]
    threads: tuple[str, ...]

    def within(self, thread: str) -> "Turn":
        """The turn with only those variants that fit the thread; perhaps none."""
        fits = [not threads or thread in threads for threads in self.threads]
        return self._replace(variants=tuple(compress(self.variants, fits)), threads=tuple(compress(self.threads, fits)))


def template(text: str) -> Template:
    """Compile a text."""
    slots = frozenset(_SLOT.findall(text))
    if slots:
        text = _SLOT.sub(r"%(\1)s", text.replace("%", "%%"))
    return Template(tuple(_parts(text.replace("¶", "\n"))), slots)


def templates(text: str) -> tuple[Template, ...]:
    """Compile each line."""
    return tuple(template(line.strip()) for line in text.strip().splitlines())


def render(source: Template, slots: Mapping[str, str], chance: Chance) -> str:
    """The text with one alternative of each choice and its slots filled."""
    text = "".join([p if p.__class__ is str else p[int(chance() * len(p))] for p in source.parts])
    return text % slots if source.slots else text


def turns(script: str) -> Iterator[Turn]:
    """The turns of a script, in order."""
    header, lines = None, list[str]()
    for line in map(str.strip, script.strip().splitlines()):
        match = _HEADER.fullmatch(line)
        if not match:
            lines.append(line)
            continue
        if header:
            yield _turn(header, lines)
        header, lines = match, []
    if header:
        yield _turn(header, lines)


def _turn(header: re.Match[str], lines: list[str]) -> Turn:
    matches = [_THREADS.fullmatch(line) for line in lines]
    return Turn(
        header[1], header[2], int(header[3] or 100) / 100, bool(header[4]),
        variants=tuple(tuple(template(part) for part in match[2].split(" / ")) for match in matches if match),
        threads=tuple(match[1] or "" for match in matches if match),
    )  # fmt: skip


def variant(turn: Turn, slots: Mapping[str, str], chance: Chance) -> list[str]:
    """One way of saying a turn: the texts of its messages."""
    return [render(part, slots, chance) for part in pick(turn.variants, chance)]


def _parts(text: str) -> Iterator[str | tuple[str, ...]]:
    """Literals and choices of a text; what is nested inside a choice is multiplied out."""
    for piece in _outer(text):
        if piece.startswith("["):
            yield tuple(flat for option in _options(piece[1:-1]) for flat in _expanded(option))
        elif piece:
            yield piece


def _expanded(text: str) -> list[str]:
    parts = [(part,) if isinstance(part, str) else part for part in _parts(text)]
    return ["".join(combination) for combination in product(*parts)]


def _outer(text: str) -> Iterator[str]:
    """The text cut before ``[`` and behind ``]`` of the outermost choices."""
    depth = start = 0
    for at, char in enumerate(text):
        if char == "[":
            if not depth:
                yield text[start:at]
                start = at
            depth += 1
        elif char == "]":
            depth -= 1
            if not depth:
                yield text[start : at + 1]
                start = at + 1
    yield text[start:]


def _options(body: str) -> Iterator[str]:
    depth = start = 0
    for at, char in enumerate(body):
        depth += (char == "[") - (char == "]")
        if char == "|" and not depth:
            yield body[start:at]
            start = at + 1
    yield body[start:]
