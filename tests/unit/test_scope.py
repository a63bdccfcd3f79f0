"""Who sees what, and that nobody makes a scope but scope_for."""

import copy
import dataclasses
import pickle
from collections.abc import Callable

import pytest

from meiqia_search.acl.policy import Policy, built_in
from meiqia_search.acl.principal import Principal
from meiqia_search.acl.role import BUILT_IN, Ability, Limits, Reach, Role
from meiqia_search.acl.scope import Scope, Scoped
from meiqia_search.aggregations.chart import Chart, Dimension
from meiqia_search.errors import ActionNotAllowed, FieldNotAllowed
from meiqia_search.fields import FIELDS, Personal
from meiqia_search.privacy.mask import Show
from meiqia_search.query.filter import EVERYTHING, NOTHING, TEXT, And, Filter, Has, Name, Not, Or, Range, Term, Text
from meiqia_search.query.request import Relevance, Search
from tests.corpus import AGENT, EVERYONE, NOBODY, PRINCIPALS
from tests.people import scope_of

OWN = scope_of(AGENT)
ALL = scope_of(EVERYONE)


@pytest.mark.parametrize(
    ("number", "sees"),
    [
        (0, Term("agent", ("k1",))),
        (1, Term("agent", ("k3", "k6"))),
        (2, NOTHING),
        (4, Term("group", ("g2",))),
        (5, Term("group", ("g1", "g3"))),
        (6, NOTHING),
        (7, EVERYTHING),
        (8, EVERYTHING),
        (9, NOTHING),
    ],
)
def test_what_each_sees(number: int, sees: Filter) -> None:
    assert scope_of(PRINCIPALS[number]).sees == sees


def test_a_company_may_take_own_as_owned() -> None:
    assert scope_of(AGENT, built_in("owner")).sees == Term("owner", ("k1",))


def test_an_unknown_role_has_nothing() -> None:
    nobody = scope_of(NOBODY)
    assert (dict(nobody.rights), dict(nobody.shows), nobody.abilities, nobody.label) == ({}, {}, frozenset(), "无")
    assert not any(nobody.may_find_by(name) for name in (*FIELDS, TEXT))
    for ability in Ability:
        with pytest.raises(ActionNotAllowed):
            nobody.require(ability)


def test_abilities() -> None:
    for ability in Ability:
        ALL.require(ability)
    OWN.require(Ability.CHARTS)
    for ability in set(Ability) - {Ability.CHARTS}:
        with pytest.raises(ActionNotAllowed):
            OWN.require(ability)


def test_limits_of_the_built_in_roles() -> None:
    limits = [scope_of(Principal("p", "甲", role)).limits for role in BUILT_IN]
    assert limits == [Limits(0, 0), Limits(10_000, 30), Limits(1_000_000, 0), Limits(10_000_000, 1_000)]
    assert scope_of(NOBODY).limits == Limits(0, 0)


def test_a_kind_the_role_does_not_name_is_hidden() -> None:
    role = Role("trainee", "实习", Reach.ALL, {Personal.NAME: Show.MASKED})
    scope = scope_of(Principal("p", "甲", "trainee"), Policy({"trainee": role}))
    assert (scope.shows["customer_name"], scope.shows["phone"], scope.shows["channel"]) == (
        Show.MASKED, Show.HIDDEN, Show.CLEAR,
    )  # fmt: skip
    assert (scope.rights["phone"].export, scope.rights["customer_name"].export) == (False, True)


PERSONAL = [field.name for field in FIELDS.values() if field.personal is not None]
PRINT = f"k1:{'0123456789abcdef' * 2}"


@pytest.mark.parametrize("name", PERSONAL)
@pytest.mark.parametrize("role", BUILT_IN)
def test_who_does_not_see_personal_fields_clear_does_not_find_by_them(name: str, role: str) -> None:
    scope = scope_of(Principal("p", "甲", role, ("k1",), ("g1",)))
    shapes: list[Filter] = [Has(name)]
    if FIELDS[name].by_sound:
        shapes.append(Name(name, "13800000001"))
    elif FIELDS[name].kind == "keyword":
        shapes.append(Term(name, (PRINT if FIELDS[name].exact else "13800000001",)))
    for condition in shapes:
        if (FIELDS[name].exact or FIELDS[name].by_sound) and role in {"supervisor", "administrator"}:
            Scoped(Search(condition), scope)
            continue
        for where in (condition, Not(condition), And((Or((Text("退款"), Not(condition))),))):
            with pytest.raises(FieldNotAllowed) as refused:
                Scoped(Search(where), scope)
            assert refused.value.data == {"field": name}
            assert "13800000001" not in str(refused.value)
            with pytest.raises(FieldNotAllowed):
                Scoped(Chart(Dimension("channel"), where), scope)


def test_no_personal_field_can_be_sorted_or_counted_by() -> None:
    assert not any(FIELDS[name].sortable or FIELDS[name].chartable or FIELDS[name].searchable for name in PERSONAL)


def test_who_may_ask_nothing_may_not_ask_by_relevance_either() -> None:
    nobody = scope_of(NOBODY)
    for request in (Search(), Search(sort=Relevance()), Chart(Dimension("channel")), Search(Range("duration", 1))):
        with pytest.raises(FieldNotAllowed):
            Scoped(request, nobody)


def _by_hand() -> None:
    Scope(AGENT, EVERYTHING, BUILT_IN["supervisor"], 1, seal=object())


def _changed() -> None:
    OWN.sees = EVERYTHING


def _deleted() -> None:
    del OWN.sees


def _extended() -> None:
    OWN.anything = 1


def _more_rights() -> None:
    OWN.rights["phone"] = OWN.rights["channel"]  # type: ignore[index]


def _subclassed() -> None:
    type("Wider", (Scope,), {})


def _subclassed_scoped() -> None:
    type("Unchecked", (Scoped,), {})


def _begun_again() -> None:
    OWN.__init__(AGENT, EVERYTHING, None, 1, seal=None)


def _empty() -> None:
    Scoped(Search(), Scope.__new__(Scope))


@pytest.mark.parametrize(
    "attempt",
    [
        _by_hand,
        _changed,
        _deleted,
        _extended,
        _more_rights,
        _subclassed,
        _subclassed_scoped,
        _begun_again,
        _empty,
        lambda: copy.copy(OWN),
        lambda: copy.deepcopy(OWN),
        lambda: pickle.dumps(OWN),
        lambda: pickle.dumps(Scoped(Search(), OWN)),
        lambda: dataclasses.replace(OWN, sees=EVERYTHING),  # type: ignore[type-var]
        lambda: Scoped(Search(), EVERYTHING),  # type: ignore[arg-type]
        lambda: setattr(Scoped(Search(), OWN), "scope", ALL),
    ],
)
def test_no_way_round(attempt: Callable[[], object]) -> None:
    with pytest.raises((TypeError, AttributeError)):
        attempt()
    assert OWN.sees == Term("agent", ("k1",))


def test_a_changed_request_is_checked_again() -> None:
    scoped = Scoped(Search(), OWN)
    with pytest.raises(FieldNotAllowed):
        dataclasses.replace(scoped, request=Search(Has("phone")))


def test_a_customer_whose_id_is_a_hidden_number_is_not_guessed() -> None:
    named = [Term("customer", (value,)) for value in ("13812345678", "c-17 13812345678", "mei@example.com")]
    asked: list[Filter] = [*named, Not(named[0]), Or((Term("customer", ("c1",)), named[0]))]
    for where in asked:
        with pytest.raises(FieldNotAllowed, match="客户编号"):
            Scoped(Search(where), OWN)
        Scoped(Search(where), ALL)
    Scoped(Search(Term("customer", ("c1", "u-20391"))), OWN)


def test_who_exports_takes_what_its_right_allows() -> None:
    assert ALL.may_export("phone")
    assert not ALL.may_export("nothing of the kind")
    assert Ability.EXPORT not in OWN.abilities
    assert not [name for name in FIELDS if OWN.may_export(name)]
