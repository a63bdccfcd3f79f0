"""The form of a role says all of a role, and what is sent back unchanged changes nothing."""

import pytest
from hypothesis import given

from meiqia_search.acl import rolefile
from meiqia_search.acl.policy import Policy
from meiqia_search.acl.role import ADMINISTRATOR, COMING, FIXED, Limits, Reach, Role
from meiqia_search.errors import BadRequest
from meiqia_search.fields import FIELDS
from meiqia_search.query.canonical import canonical
from meiqia_search.query.names import NoNames
from meiqia_search.web.roleform import RoleForm, of_role
from tests.roles import policies

NAMES = NoNames()


@given(policy=policies())
def test_what_comes_back_unchanged_is_the_same_role(policy: Policy) -> None:
    for role in policy.roles.values():
        form = of_role(role, NAMES)
        read = rolefile.read_role(form.json(NAMES), "它")
        fixed = {name: right for name, right in role.fields.items() if name in FIXED}
        assert fixed.keys().isdisjoint(read.fields)
        assert (read.name, read.label, read.reach, read.groups) == (role.name, role.label, role.reach, role.groups)
        assert set(leaves(read)) == set(leaves(role))
        assert (read.forms, read.abilities) == (role.forms, role.abilities)
        assert (read.limits, read.reveals) == (role.limits, role.reveals)
        for name in FIELDS.keys() - FIXED:
            assert read.rights[name] == role.rights[name], name
        assert of_role(read, NAMES) == form or fixed


def leaves(role: Role) -> list[str]:
    """The conditions, in whatever order."""
    where = canonical(role.where)
    parts = getattr(where, "parts", (where,)) if type(where).__name__ == "And" else (where,)
    return [repr(canonical(part)) for part in parts]


def test_the_form_shows_every_field_that_can_be_chosen() -> None:
    form = of_role(ADMINISTRATOR, NAMES)
    shown = [line.name for lines in form.lines.values() for line in lines]
    assert sorted(shown) == sorted(FIELDS.keys() - FIXED)
    assert len(form.personals) == 14
    assert [choice.label for choice in form.reaches if choice.chosen] == ["全部会话"]


def test_what_is_hidden_drops_its_ticks() -> None:
    """So that whoever hides a field need not find its ticks too."""
    form = of_role(ADMINISTRATOR, NAMES)
    shows = [each.replace("rating=clear", "rating=hidden") for each in form.show]
    made = RoleForm("x", "甲", Reach.ALL, personal=form.personal, show=shows, search=form.search, sort=form.sort)
    role = rolefile.read_role(made.json(NAMES), "它")
    assert role.rights["rating"].show == "hidden"
    assert not role.rights["duration"].export
    unsearched = [name for name in form.search if name != "duration"]
    made = RoleForm("x", "甲", Reach.ALL, personal=form.personal, show=form.show, search=unsearched, sort=form.sort)
    assert not rolefile.read_role(made.json(NAMES), "它").rights["duration"].sort


def test_an_ability_that_is_not_ticked_takes_its_limit_along() -> None:
    form = RoleForm("x", "甲", Reach.ALL, ability=["export"], export_rows="5,000", reveals_a_day="9", reveal=["phone"])
    role = rolefile.read_role(form.json(NAMES), "它")
    assert (role.limits, role.reveals) == (Limits(5_000), frozenset())
    assert [each.value for each in form.amounts] == ["5,000", "9"]


def test_the_form_says_what_nothing_asks_for_yet() -> None:
    assert {each.value for each in of_role(ADMINISTRATOR, NAMES).abilities if each.coming} == COMING


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": "昨天"},
        {"until": "2026-13-01"},
        {"extra": "{"},
        {"extra": '{"near": 1}'},
        {"extra": "\ud800"},
        {"category": "长" * 1_001},
        {"channel": ["nowhere" * 300]},
        {"reach": "planet"},
        {"personal": ["phone=loud"]},
        {"personal": ["fax=clear"]},
        {"show": ["channel=masked"]},
        {"ability": ["fly"]},
        {"ability": ["export"], "export_rows": "很多"},
        {"ability": ["export"], "export_rows": "10000001"},
        {"ability": ["export"], "export_rows": "-1"},
        {"ability": ["reveal"], "reveals_a_day": "１"},
        {"ability": ["reveal"], "reveal": ["fax"]},
        {"reach": "named"},
        {"groups": "一组", "reach": "all"},
    ],
)
def test_what_cannot_be_understood_is_said(wrong: dict[str, str | list[str]]) -> None:
    form = RoleForm(**{"name": "x", "label": "甲", "reach": "own", **wrong})  # type: ignore[arg-type]
    with pytest.raises(BadRequest):
        rolefile.read_role(form.json(NAMES), "它")
