"""The expected answer to every request, by looking at every conversation."""

from collections.abc import Iterable

from meiqia_search.acl.scope import Scoped
from meiqia_search.aggregations.chart import Chart, tabulate
from meiqia_search.aggregations.table import Table
from meiqia_search.query.meaning import Subject, matches, sort_key
from meiqia_search.query.request import Search, Sort


def found(scoped: Scoped[Search], subjects: Iterable[Subject]) -> list[str]:
    """The ids of everything that is found, in order; by relevance in order of their ids."""
    search, sees = scoped.request, scoped.scope.sees
    hits = [each.conversation for each in subjects if matches(sees, each) and matches(search.where, each)]
    sort = search.sort
    if not isinstance(sort, Sort):
        return sorted(each.id for each in hits)
    return [each.id for each in sorted(hits, key=lambda each: (sort_key(sort, each), each.id))]


def counted(scoped: Scoped[Chart], subjects: Iterable[Subject]) -> Table:
    """The table of a chart."""
    return tabulate(scoped.request, scoped.scope.sees, subjects)
