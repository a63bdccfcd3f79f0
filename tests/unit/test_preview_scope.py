"""Looking as somebody else never shows more than either of the two sees."""

from dataclasses import replace

from hypothesis import given

from meiqia_search.acl.policy import Policy, built_in
from meiqia_search.acl.preview import lesser
from meiqia_search.acl.principal import Principal
from meiqia_search.acl.role import ADMINISTRATOR, Ability, Role
from meiqia_search.acl.scope import scope_for, scope_in_preview
from meiqia_search.archive import Caller, Looker
from meiqia_search.audit.events import SeenAs, Visit
from meiqia_search.fields import FIELDS, Personal
from meiqia_search.privacy.mask import Show
from meiqia_search.query.filter import And, Range
from meiqia_search.query.meaning import matches
from tests.corpus import PRINCIPALS, subjects
from tests.people import POLICY
from tests.roles import policies

ORDER = {Show.HIDDEN: 0, Show.MASKED: 1, Show.CLEAR: 2}
BOSS = Principal("p-boss", "管理", "administrator")


def within(made: Role, limit: Role) -> bool:
    """Whether a role gives nothing that the other does not give."""
    return (
        all(
            ORDER[made.rights[name].show] <= ORDER[limit.rights[name].show]
            and made.rights[name].within(limit.rights[name])
            for name in FIELDS
        )
        and all(ORDER[made.forms[kind]] <= ORDER[limit.forms[kind]] for kind in Personal)
        and made.abilities <= limit.abilities
        and made.reveals <= limit.reveals
        and made.limits.export_rows <= limit.limits.export_rows
        and made.limits.reveals_a_day <= limit.limits.reveals_a_day
    )


@given(one=policies(), other=policies())
def test_nothing_goes_beyond_either_role(one: Policy, other: Policy) -> None:
    for seen, own in zip(one.roles.values(), reversed(list(other.roles.values())), strict=False):
        made = lesser(seen, own)
        assert within(made, seen)
        assert within(made, own)
        assert (made.reach, made.where, made.label) == (seen.reach, seen.where, seen.label)
        twice = lesser(seen, seen)
        assert (twice.rights, twice.forms, twice.abilities) == (seen.rights, seen.forms, seen.abilities)


def test_the_administrator_sees_what_everybody_sees() -> None:
    for who in PRINCIPALS:
        own, seen = scope_for(who, POLICY), scope_in_preview(who, BOSS, POLICY)
        assert (dict(seen.rights), dict(seen.shows), dict(seen.personal)) == (
            dict(own.rights), dict(own.shows), dict(own.personal),
        )  # fmt: skip
        assert (seen.who, seen.label, seen.version) == (own.who, own.label, own.version)
        assert (seen.abilities, seen.limits, seen.reveals) == (own.abilities, own.limits, own.reveals)
        assert [matches(seen.sees, each) for each in subjects()] == [matches(own.sees, each) for each in subjects()]


def test_what_both_see_stays_two_conditions_side_by_side() -> None:
    """Two ranges of one field merged into one would be the end of one of them."""
    early, late = Range("started_at", below=5), Range("started_at", at_least=9)
    seen = replace(ADMINISTRATOR, name="seen", label="甲", where=early)
    own = replace(ADMINISTRATOR, name="own", label="乙", where=late)
    policy = Policy({"seen": seen, "own": own})
    both = scope_in_preview(Principal("a", "甲", "seen"), Principal("b", "乙", "own"), policy).sees
    assert both == And((early, late))
    assert not any(matches(both, each) for each in subjects())


def test_each_pair_sees_the_intersection() -> None:
    for who in PRINCIPALS:
        for looker in PRINCIPALS:
            sees = scope_in_preview(who, looker, POLICY).sees
            one, other = scope_for(who, POLICY).sees, scope_for(looker, POLICY).sees
            assert all(matches(sees, each) == (matches(one, each) and matches(other, each)) for each in subjects())


def test_a_role_that_cannot_be_used_sees_nothing() -> None:
    broken = replace(ADMINISTRATOR, name="broken", label="坏", fault="x")
    policy = Policy({**built_in("participant").roles, "broken": broken})
    for who, looker in (("broken", "administrator"), ("administrator", "broken"), ("absent", "administrator")):
        made = scope_in_preview(Principal("a", "甲", who), Principal("b", "乙", looker), policy)
        assert (dict(made.rights), made.abilities, made.label) == ({}, frozenset(), "无")
        assert not any(matches(made.sees, each) for each in subjects())


def test_the_audit_keeps_who_really_looks() -> None:
    caller = Caller(PRINCIPALS[0], Visit("web"), POLICY, Looker(BOSS, "xiaolin"))
    assert (caller.actor.person, caller.actor.role) == ("p-boss", "administrator")
    assert caller.actor.seen_as == SeenAs("p1", "xiaolin")
    assert Ability.MANAGE_PEOPLE not in caller.scope(POLICY).abilities
