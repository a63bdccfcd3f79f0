"""Between the names people use and the ids that are kept."""

from typing import Protocol

from meiqia_search import fields
from meiqia_search.fields import Value

NAMED = frozenset({"agent", "owner", "group"})
"""The fields whose values are ids of somebody with a name."""


class Names(Protocol):
    """Whoever knows what agents and groups are called."""

    def ids(self, field: str, word: str) -> tuple[str, ...]:
        """The ids whose name or id is exactly this word, for a field of :data:`NAMED`; empty when there are none.

        For the field ``id``: this word, if it is the id of a conversation that the person who asks may see.
        """
        ...

    def name(self, field: str, value: Value) -> str:
        """How to show a value of any field: its label, its name, or the value itself."""
        ...


class NoNames:
    """Knows nobody: only the labels of the fields."""

    def ids(self, field: str, word: str) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's parameters
        """Nobody."""
        return ()

    def name(self, field: str, value: Value) -> str:
        """The value's label, or the value itself."""
        return fields.get(field).show(value)
