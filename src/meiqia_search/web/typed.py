"""What people type into forms about agents and groups, and back."""

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b

from meiqia_search.query.names import Names

_BETWEEN = re.compile(r"[、,，;；\n]")


def words(text: str) -> list[str]:
    """What stands between commas."""
    return [word for each in _BETWEEN.split(text) if (word := each.strip())]


def listed(names: Names, field: str, text: str) -> list[str]:
    """The ids of what is typed: names or ids; what nobody is called is taken for an id."""
    return [each for word in words(text) for each in names.ids(field, word) or (word,)]


def worded(names: Names, field: str, ids: Sequence[str]) -> str:
    """The ids as somebody would type them: by name, where nobody else is called so."""
    return "、".join(
        name if names.ids(field, name := names.name(field, each)) == (each,) else each for each in ids
    )  # fmt: skip


def unknown(names: Names, field: str, text: str) -> Iterator[str]:
    """What is typed and does not occur in any conversation."""
    yield from (word for word in words(text) if not names.ids(field, word))


def mark(*parts: object) -> str:
    """A short digest by which a form says that it shows the effect of exactly this."""
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
