"""What a question may have got wrong without being wrong: values that nobody has heard of, ids that are also words.

Only what the asking person may see is told: values are known by the conversations of the scope.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice

from meiqia_search import fields
from meiqia_search.acl.scope import Scope, Scoped
from meiqia_search.aggregations.chart import Chart, Dimension
from meiqia_search.archive.answers import Notice
from meiqia_search.archive.misread import misread
from meiqia_search.engines.base import Reader
from meiqia_search.errors import Unavailable
from meiqia_search.fields import Value
from meiqia_search.query.filter import And, Filter, Term, Text, leaves, replaced
from meiqia_search.query.names import Names
from meiqia_search.query.request import Search

NOTICES = 5
OFFERED = 8


@dataclass(frozen=True, slots=True)
class Noticing:
    """Looks at questions with the eyes of one person."""

    reader: Reader
    scope: Scope
    names: Names
    timeout: float

    def of(self, where: Filter, total: int) -> tuple[Notice, ...]:
        """The notices to a question with so many results; none where the engine does not answer."""
        try:
            unheard = islice(self._unheard(where, total), NOTICES)
            return (*unheard, *self._mentioned(where), *misread(where, total))
        except Unavailable:
            return ()

    def _unheard(self, where: Filter, total: int) -> Iterator[Notice]:
        """A notice for each value of a condition that no conversation has."""
        parts = where.parts if isinstance(where, And) else (where,)
        for leaf in dict.fromkeys(leaves(where)):
            if not isinstance(leaf, Term) or not fields.get(leaf.field).chartable:
                continue
            if total and leaf in parts and len(leaf.values) == 1:
                continue  # everything that was found has it
            for value in leaf.values:
                if not self._is_known(leaf.field, value):
                    yield self._notice(where, leaf, value)

    def _is_known(self, name: str, value: Value) -> bool:
        """As the index has it: the record knows also what is covered there."""
        return value in fields.get(name).labels or self._total(Term(name, (value,))) > 0

    def _total(self, where: Filter) -> int:
        return self.reader.search(Scoped(Search(where, size=1), self.scope), self.timeout).total

    def _notice(self, where: Filter, leaf: Term, value: Value) -> Notice:
        label, word = fields.get(leaf.field).label, self.names.name(leaf.field, value)
        table = self.reader.chart(Scoped(Chart(Dimension(leaf.field)), self.scope), self.timeout)
        known = [
            (row[0], self.names.name(leaf.field, row[0]))
            for row in table.rows
            if row[0] is not None and row[0] not in leaf.values
        ]
        known.sort(key=lambda pair: -SequenceMatcher(None, word, pair[1]).ratio())
        rest = tuple(each for each in leaf.values if each != value)
        ways = ((name, replaced(where, leaf, Term(leaf.field, (*rest, each)))) for each, name in known[:OFFERED])
        return Notice(f"可见范围内没有“{label}”是“{word}”的会话", leaf.field, str(value), tuple(ways))

    def _mentioned(self, where: Filter) -> Iterator[Notice]:
        """A question by id alone, where the id is also something that was said."""
        match where:
            case Term("id", (str() as only,)) if count := self._total(said := Text(only, exact=True)):
                text = f"这里按会话编号查；另外，{count:,} 条会话的内容里有“{only}”"
                yield Notice(text, "id", only, ((f"“{only}”", said),), "要找它们请搜索")
