"""Between the names people use and the ids that are kept."""

from typing import Protocol

from meiqia_search import fields
from meiqia_search.errors import BadValue
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


class Vocabulary(Names, Protocol):
    """Names as one person may use them in a question that they type, and personal values."""

    def prints(self, field: str, value: str) -> tuple[str, ...]:
        """The fingerprints by which a field of ``fields.EXACT`` is asked for a personal value.

        Raises:
            FieldNotAllowed, BadValue, TooManyLookUps: they may not, or not by this.
        """
        ...


class NoNames:
    """Knows nobody: only the labels of the fields. Nobody asks, so no personal value is looked up."""

    def ids(self, field: str, word: str) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's parameters
        """Nobody."""
        return ()

    def name(self, field: str, value: Value) -> str:
        """The value's label, or the value itself."""
        return fields.get(field).show(value)

    def prints(self, field: str, value: str) -> tuple[str, ...]:  # noqa: ARG002 - as above
        """None.

        Raises:
            BadValue
        """
        raise no_look_up(field)


def no_look_up(field: str) -> BadValue:
    """Where a question is read that may hold no personal value."""
    label = fields.get(field).label
    return BadValue(f"“{label}”的值不能写在链接里；请在搜索框里写 {label}:完整的值（程序用 POST）。", field=field)
