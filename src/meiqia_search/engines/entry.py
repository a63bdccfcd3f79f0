"""What every engine keeps of a conversation: tokens to find it by, values to filter and count, keys to sort."""

from collections.abc import Iterator, Sequence

from meiqia_search.aggregations.chart import month_of
from meiqia_search.conversation import Conversation, Speaker
from meiqia_search.fields import EXACT, FIELDS, NAMES, Kind, Value
from meiqia_search.privacy.fingerprint import key_of as key_of_print
from meiqia_search.query.meaning import HASH_BITS, Subject, id_hash, ranks
from meiqia_search.query.request import Sort
from meiqia_search.text import words
from meiqia_search.text.sounds import spellings

ID = "id"
VERSION = "version"
HAS = "has"
WORDS = "words"
"""Of all speakers together: words only put results in order."""
HASHED_WITH = "hashed_with"
"""The names of the keys with which the fingerprints of a conversation were made."""
INDEXED = tuple(f for f in FIELDS.values() if (f.searchable or f.exact) and f.name != ID)
SHOWN = tuple(f for f in INDEXED if not f.exact)
"""What a person who looks into the index directly may ever read: no fingerprints."""
SORTS = tuple(Sort(f.name, descending) for f in FIELDS.values() if f.sortable for descending in (False, True))
MONTHS = tuple(f.name for f in FIELDS.values() if f.chartable and f.kind is Kind.TIME)

Entry = dict[str, Value | Sequence[Value]]


def key_of(sort: Sort) -> str:
    """The field that holds the sort key of this order."""
    return f"key_{sort.field}_{'desc' if sort.descending else 'asc'}"


def month_field(name: str) -> str:
    """The field that holds the local month of a time."""
    return f"month_{name}"


def text_fields(speaker: Speaker) -> tuple[str, str]:
    """The names of the fields with the bigrams and the characters of a speaker."""
    return f"bigrams_{speaker}", f"chars_{speaker}"


def name_fields(name: str) -> tuple[str, str]:
    """The names of the fields with the bigrams and the characters of a name and of how it sounds."""
    return f"bigrams_{name}", f"chars_{name}"


KEY_NAMES = tuple(key_of(sort) for sort in SORTS)
_INDEXED_NAMES = frozenset(field.name for field in INDEXED)
_LAST = ranks(None)
_KEYS = tuple((f, key_of(Sort(f.name, descending=False)), key_of(Sort(f.name))) for f in FIELDS.values() if f.sortable)


def entry(conversation: Conversation, version: int) -> Entry:
    """A conversation, as ``privacy.for_index`` lets it, as an index keeps it."""
    content: Entry = {ID: conversation.id, VERSION: version}
    content[HAS] = list(conversation.facts)
    content |= {name: values for name, values in conversation.facts.items() if name in _INDEXED_NAMES}
    hashed = [each for name in EXACT.keys() & conversation.facts.keys() for each in conversation.facts[name]]
    content[HASHED_WITH] = sorted({key_of_print(str(each)) for each in hashed})
    content |= _sort_keys(conversation)
    for name in MONTHS:
        content[month_field(name)] = [month_of(at) for at in conversation.values(name) if isinstance(at, int)]
    content |= dict(_texts(conversation))
    content |= dict(_names(conversation))
    return content


def _sort_keys(conversation: Conversation) -> Iterator[tuple[str, int]]:
    tie = id_hash(conversation.id)
    for field, ascending, descending in _KEYS:
        values = conversation.facts.get(field.name)
        up, down = ranks(field.sort_value(values[0])) if values else _LAST
        yield ascending, up << HASH_BITS | tie
        yield descending, down << HASH_BITS | tie


def _names(conversation: Conversation) -> Iterator[tuple[str, str]]:
    for name in NAMES:
        if known := conversation.values(name):
            text = words.joined([each for value in known for each in spellings(str(value))])
            bigrams, chars = name_fields(name)
            yield bigrams, words.bigrams(text)
            yield chars, words.chars(text)


def _texts(conversation: Conversation) -> Iterator[tuple[str, str]]:
    by_speaker: dict[Speaker, list[str]] = {}
    for speaker, folded in Subject(conversation).said:
        by_speaker.setdefault(speaker, []).append(folded)
    texts = {speaker: words.joined(folded) for speaker, folded in by_speaker.items()}
    for speaker, text in texts.items():
        bigrams, chars = text_fields(speaker)
        yield bigrams, words.bigrams(text)
        yield chars, words.chars(text)
    yield WORDS, words.ranking_words(words.BREAK.join(texts.values()))
