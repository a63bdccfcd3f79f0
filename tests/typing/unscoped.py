"""What must not type-check. Each line that ends in `# E: code` has exactly that error; no other line has any."""

from dataclasses import replace
from typing import assert_type

from meiqia_search.acl.policy import Policy, built_in
from meiqia_search.acl.principal import Principal
from meiqia_search.acl.scope import Scope, Scoped, scope_for
from meiqia_search.aggregations.chart import Chart, Dimension
from meiqia_search.engines.base import Hits, Reader
from meiqia_search.query.filter import EVERYTHING, Term
from meiqia_search.query.request import Search

POLICY: Policy = built_in("participant")
WHO = Principal("p1", "小林", "agent", ("k1",))
CHART = Chart(Dimension("channel"))


def unscoped(reader: Reader, scope: Scope) -> None:
    assert_type(reader.search(Scoped(Search(), scope), 1.0), Hits)
    reader.search(Search(), 1.0)  # E: arg-type
    reader.scan(Search())  # E: arg-type
    reader.chart(CHART, 1.0)  # E: arg-type
    reader.chart(Scoped(Search(), scope), 1.0)  # E: arg-type
    reader.search(Scoped(CHART, scope), 1.0)  # E: arg-type
    reader.search((Search(), scope), 1.0)  # E: arg-type


def by_hand(scope: Scope) -> None:
    Scope(WHO, EVERYTHING, None, 1)  # E: call-arg
    Scoped(Search(), EVERYTHING)  # E: arg-type
    Scoped(Search(), None)  # E: arg-type
    Scoped(Search())  # E: call-arg
    Scoped("退款", scope)  # E: type-var
    replace(scope, sees=EVERYTHING)  # E: type-var


class Wider(Scope):  # E: misc
    pass


class Unchecked(Scoped[Search]):  # E: misc
    pass


def changed(scoped: Scoped[Search]) -> None:
    scoped.scope = scope_for(WHO, POLICY)  # E: misc
    scoped.request = Search()  # E: misc
    Term("agent", ("k1",)).values = ("k2",)  # E: misc
    scoped.scope.rights["phone"] = scoped.scope.rights["channel"]  # E: index
