"""A question with its order and page: what an engine is asked."""

from dataclasses import dataclass, replace
from typing import Self, TypeAlias

from meiqia_search import fields
from meiqia_search.errors import BadValue, LimitExceeded
from meiqia_search.query.filter import EVERYTHING, TEXT, Filter, reads, within_limits

PAGE_SIZE = 100
RELEVANT = 200
"""How many conversations are offered by relevance."""


@dataclass(frozen=True, slots=True)
class Sort:
    """Order by a field's value as quantised in ``fields``, then by a hash of the id, then by the id."""

    field: str = "started_at"
    descending: bool = True

    def __post_init__(self) -> None:
        field = fields.get(self.field)
        if not field.sortable:
            raise BadValue(f"不能按“{field.label}”排序。")


@dataclass(frozen=True, slots=True)
class Relevance:
    """Order by how well the words fit; the order is the engine's own."""


Order: TypeAlias = Sort | Relevance


@dataclass(frozen=True, slots=True)
class After:
    """Where a page begins: behind the conversation of this sort key and id, the last one given.

    ``backwards``: the page ends before it. By relevance ``key`` is the number of conversations before the page, and
    the id is empty.
    """

    key: int
    id: str = ""
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """Find the conversations where the filter holds: one page of them, in order, and their exact number."""

    where: Filter = EVERYTHING
    sort: Order = Sort()
    size: int = 20
    after: After | None = None

    def __post_init__(self) -> None:
        within_limits(self.where)
        if not 1 <= self.size <= PAGE_SIZE:
            raise LimitExceeded(f"一页 1 到 {PAGE_SIZE} 条，这里要 {self.size} 条。", limit=PAGE_SIZE)

    def reads(self) -> frozenset[str]:
        """The fields that filter and sort look at."""
        return reads(self.where) | (self.sorts() or {TEXT})

    def sorts(self) -> frozenset[str]:
        """The field of the order; none by relevance."""
        return frozenset({self.sort.field} if isinstance(self.sort, Sort) else ())

    def turned(self, after: After | None) -> Self:
        """The same question at another page."""
        return replace(self, after=after)
