"""The rows of one conversation → the conversation, and what was wrong with single rows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from meiqia_search import clock
from meiqia_search.channels import transcript
from meiqia_search.channels.draft import Draft
from meiqia_search.channels.item import ORIGINAL, Item
from meiqia_search.channels.mapping import AGENT_NAME, AT, GROUP_NAME, KIND, MESSAGE_TARGETS, SPEAKER, TEXT
from meiqia_search.channels.meiqia import KINDS, MEDIA, media
from meiqia_search.channels.row import Row
from meiqia_search.channels.speakers import Known, recognise
from meiqia_search.channels.values import instant, read
from meiqia_search.conversation import MESSAGES, UNKNOWN, Message, Speaker
from meiqia_search.errors import ArchiveError, BadConversation
from meiqia_search.fields import FIELDS

CHARACTERS = 16 * 1024 * 1024
"""A conversation may be as long as a line of JSON."""

_HALVES = re.compile("[\ud800-\udfff]")
_HANDLED = frozenset({*MESSAGE_TARGETS, "owner", "group"})
_KINDS = {
    "文本": "text", "文字": "text", "图片": "photo", "image": "photo", "picture": "photo", "语音": "audio",
    "音频": "audio", "voice": "audio", "视频": "video", "文件": "file", "附件": "file", "富文本": "rich_text",
    "卡片": "card",
}  # fmt: skip


@dataclass(slots=True)
class Entry:
    """One good row, its cells by what they hold."""

    position: int
    row: Row
    cells: dict[str, str]


@dataclass(slots=True)
class Group:
    """The rows of one conversation so far."""

    id: str
    entries: list[Entry] = field(default_factory=list)
    position: int = 0
    rows: int = 0
    characters: int = 0

    def add(self, entry: Entry) -> None:
        """Take a row, but never keep more than a conversation may have."""
        self.position = entry.position
        self.rows += 1
        self.characters += len(entry.row.original)
        if self.fits:
            self.entries.append(entry)

    @property
    def fits(self) -> bool:
        """Whether a conversation may be as long as this."""
        return self.rows <= MESSAGES and self.characters <= CHARACTERS

    def items(self) -> Iterator[Item]:
        """Rows whose message cannot be read, then the conversation made of the others."""
        draft = Draft()
        known = self._note_people(draft)
        good = self.entries if self.fits else []
        bad: set[int] = set()
        for entry in good:
            try:
                draft.messages += _messages(draft, entry, known)
            except ArchiveError as error:
                bad.add(entry.position)
                yield rejected(entry.position, entry.row, error.detail)
        if len(bad) < len(self.entries):
            yield self._item(draft, [entry for entry in self.entries if entry.position not in bad])

    def _item(self, draft: Draft, entries: list[Entry]) -> Item:
        position = entries[-1].position if self.fits else self.position
        line = entries[0].row.line
        try:
            if not self.fits:
                raise BadConversation(f"一条会话最多 {MESSAGES} 行、{CHARACTERS} 字，这里有 {self.rows} 行。")
            self._note_facts(draft)
            return Item(line, position, draft.finish(self.id))
        except ArchiveError as error:
            original = "\n".join(entry.row.original for entry in entries)
            return Item(line, position, None, error.detail, shown(original[:ORIGINAL]))

    def _note_people(self, draft: Draft) -> dict[str, Speaker]:
        """Note all agents before anything is read; returns who stands behind which name."""
        known: dict[str, Speaker] = {}
        for entry in self.entries:
            cells = entry.cells
            draft.agent(cells.get("owner", "").strip(), cells.get(AGENT_NAME, "").strip())
            draft.group(cells.get("group", "").strip(), cells.get(GROUP_NAME, "").strip())
            known[cells.get("customer_name", "").strip()] = Speaker.CUSTOMER
        return known | dict.fromkeys(draft.known_as, Speaker.AGENT)

    def _note_facts(self, draft: Draft) -> None:
        """Each fact from the first row that has it."""
        for entry in self.entries:
            for target, cell in entry.cells.items():
                if target not in _HANDLED and target not in draft.facts and (values := read(FIELDS[target], cell)):
                    draft.facts[target] = values


def _messages(draft: Draft, entry: Entry, names: dict[str, Speaker]) -> list[Message]:
    text = entry.cells.get(TEXT, "").strip()
    if not text:
        return []
    if SPEAKER in entry.cells:
        return [_message(draft, entry, _who(entry.cells[SPEAKER], names), text)]
    return _transcript(draft, entry, text, names) or [_message(draft, entry, Known(Speaker.CUSTOMER), text)]


def _who(cell: str, names: dict[str, Speaker]) -> Known:
    word = cell.strip()
    if known := recognise(word, names):
        return known
    if not word:
        raise BadConversation("这一行有内容，但没有发送方。")
    raise BadConversation(f"发送方“{word[:40]}”不认识；应为 客户、客服、机器人、系统，或与客服姓名一列相同。")


def _message(draft: Draft, entry: Entry, known: Known, text: str) -> Message:
    kind = _kind(entry.cells.get(KIND, ""))
    text, url = media(kind, text) if kind in MEDIA else (text, "")
    at = instant(entry.cells.get(AT))
    if known.speaker is not Speaker.AGENT:
        return Message(known.speaker, text, at, kind, url=url)
    owner = "" if known.name else entry.cells.get("owner", "").strip()
    name = known.name or entry.cells.get(AGENT_NAME, "").strip()
    return Message(known.speaker, text, at, kind, agent=draft.agent(owner, name), name=name, url=url)


def _kind(cell: str) -> str:
    word = cell.strip().casefold()
    kind = _KINDS.get(word, word) or "text"
    return kind if kind in KINDS else UNKNOWN


def _transcript(draft: Draft, entry: Entry, text: str, names: dict[str, Speaker]) -> list[Message]:
    began = instant(entry.cells.get("started_at"))
    messages = []
    for (speaker, name), at, said in transcript.parse(text, names, None if began is None else clock.today(began)):
        agent_name = name if speaker is Speaker.AGENT else ""
        messages.append(Message(speaker, said, at, agent=draft.agent("", agent_name), name=agent_name))
    return messages


def rejected(position: int, row: Row, reason: str) -> Item:
    """A row from which nothing can be made."""
    return Item(row.line, position, None, reason, shown(row.original))


def shown(original: str) -> str:
    """The text of a row with its undecodable bytes written out."""
    return _HALVES.sub(lambda half: f"\\x{ord(half[0]) & 0xFF:02x}", original)
