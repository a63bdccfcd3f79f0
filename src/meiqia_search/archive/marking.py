"""Where a question's words stand in what a person may see. Works on text that is already masked."""

from collections.abc import Iterator, Sequence
from itertools import islice

from meiqia_search.archive.answers import Row, Snippet, Utterance
from meiqia_search.conversation import SPEAKER_LABELS, Conversation, Message, Speaker
from meiqia_search.fields import TEXT_FIELDS
from meiqia_search.query.filter import And, Filter, Or, Text
from meiqia_search.query.names import Names
from meiqia_search.text.highlight import Span, fragment, pieces, spans
from meiqia_search.text.normalise import fold_each

SNIPPETS = 2
Needle = tuple[str, Speaker | None]


def needles(where: Filter) -> list[Needle]:
    """What a found conversation was found by, each with its speaker; what is excluded does not count."""
    match where:
        case Text():
            return [(needle, where.speaker) for needle in where.needles]
        case And(parts) | Or(parts):
            return [each for part in parts for each in needles(part)]
        case _:
            return []


def rows(shown: Sequence[Conversation], wanted: Sequence[Needle], names: Names) -> Iterator[Row]:
    """Conversations as lines of a list: each with its first hits, or how it began."""
    for conversation, found in zip(shown, _found(shown, wanted), strict=True):
        picked = _telling(found) if found else [(message, []) for message in conversation.messages[:SNIPPETS]]
        snippets = [
            Snippet(message.speaker, speaker_name(message, names), message.id, fragment(message.text, hits))
            for message, hits in picked
        ]
        yield Row(conversation, tuple(snippets), len(found))


def _found(shown: Sequence[Conversation], wanted: Sequence[Needle]) -> Iterator[list[tuple[Message, list[Span]]]]:
    """Of each conversation the messages and notes with hits.

    All are folded in one go; offsets are sought only where there is a hit.
    """
    texts = [list(_texts(each)) if wanted else [] for each in shown]
    folded = iter(fold_each([message.text for messages in texts for message in messages]))
    for messages in texts:
        holding = [
            message
            for message, text in zip(messages, islice(folded, len(messages)), strict=True)
            if [needle for needle, who in wanted if needle in text and who in {None, message.speaker}]
        ]
        yield [(message, _hits(message, wanted)) for message in holding]


def utterances(shown: Conversation, wanted: Sequence[Needle], names: Names) -> Iterator[Utterance]:
    """Every message with its hits."""
    for message in shown.messages:
        hits = _hits(message, wanted)
        yield Utterance(message, speaker_name(message, names), pieces(message.text, hits), bool(hits))


def notes(shown: Conversation, wanted: Sequence[Needle]) -> dict[str, tuple[tuple[str, bool], ...]]:
    """The texts about the conversation with their hits, by field."""
    return {name: pieces(note.text, _hits(note, wanted)) for name, note in _notes(shown).items()}


def speaker_name(message: Message, names: Names) -> str:
    """Who said it, in words: the agent's name, or the kind of speaker."""
    if message.speaker is Speaker.AGENT:
        return message.name or (names.name("agent", message.agent) if message.agent else SPEAKER_LABELS[Speaker.AGENT])
    return SPEAKER_LABELS[message.speaker]


def _texts(shown: Conversation) -> Iterator[Message]:
    yield from shown.messages
    yield from _notes(shown).values()


def _notes(shown: Conversation) -> dict[str, Message]:
    """The texts about the conversation, one per field."""
    texts = {name: "、".join(map(str, shown.values(name))) for name in TEXT_FIELDS if shown.values(name)}
    return {name: Message(Speaker.NOTE, text) for name, text in texts.items()}


def _hits(message: Message, wanted: Sequence[Needle]) -> list[Span]:
    return spans(message.text, [needle for needle, who in wanted if who is None or who is message.speaker])


def _telling(found: list[tuple[Message, list[Span]]]) -> list[tuple[Message, list[Span]]]:
    """The message with the most hits and the first other one, in their order."""
    best = max(range(len(found)), key=lambda at: (len(found[at][1]), -at))
    other = next((at for at in range(len(found)) if at != best), best)
    return [found[at] for at in sorted({best, other})]
