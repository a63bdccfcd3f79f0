"""The roles for the security plugin say the same as the scopes of the program."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meiqia_search.acl.policy import Policy, built_in
from meiqia_search.acl.principal import Principal
from meiqia_search.acl.role import BUILT_IN, Reach, Role
from meiqia_search.acl.scope import scope_for
from meiqia_search.engines.opensearch.compile import NOTHING, query
from meiqia_search.engines.opensearch.roles import Access, Login, access
from meiqia_search.engines.opensearch.template import properties
from meiqia_search.fields import EXACT, FIELDS
from tests.corpus import NOBODY, PRINCIPALS
from tests.people import POLICY, scope_of

PREFIX = "shop"
OWN = st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), max_size=3).map(tuple)
POLICIES = (POLICY, built_in("owner"))


def made(people: Sequence[Login] = (), policy: Policy = POLICY) -> Access:
    return access(PREFIX, policy, people)


def rules(found: Access, role: str) -> Any:  # noqa: ANN401 - JSON
    return found.roles[role]["index_permissions"][0]


def seen(found: Access, user: str) -> Any:  # noqa: ANN401 - JSON
    """The document-level security of a user, as the plugin fills it in; nothing without a role."""
    of = found.internalusers[f"{PREFIX}.{user}"]
    if not of["backend_roles"]:
        return NOTHING
    text = rules(found, of["backend_roles"][0]).get("dls", '{"bool": {"filter": []}}')
    for name, value in of["attributes"].items():
        text = text.replace(f"${{attr.internal.{name}}}", value)
    assert "$" not in text
    return json.loads(text)


@given(role=st.sampled_from(("agent", "leader")), own=OWN, policy=st.sampled_from(POLICIES))
def test_whatever_the_agents_are_called(role: str, own: tuple[str, ...], policy: Policy) -> None:
    principal = Principal("p", "", role, agents=own, groups=own)
    asked = seen(made([Login("p", principal)], policy), "p")
    expected = query(scope_for(principal, policy).sees)
    if expected != NOTHING:
        asked["terms"] = {name: sorted(set(values)) for name, values in asked["terms"].items()}
    assert asked == expected


def test_who_sees_everything_has_no_filter() -> None:
    found = made()
    assert "dls" not in rules(found, f"{PREFIX}.people.supervisor")
    assert "dls" in rules(found, f"{PREFIX}.people.agent")


@pytest.mark.parametrize("principal", [each for each in PRINCIPALS if query(scope_of(each).sees) == NOTHING])
def test_who_sees_nothing_has_no_role(principal: Principal) -> None:
    assert made([Login("p", principal)]).internalusers[f"{PREFIX}.p"]["backend_roles"] == []


def test_who_is_disabled_has_no_role() -> None:
    administrator = Principal("p", "", "administrator")
    assert made([Login("p", administrator, disabled=True)]).internalusers[f"{PREFIX}.p"]["backend_roles"] == []
    assert made([Login("p", administrator)]).internalusers[f"{PREFIX}.p"]["backend_roles"] != []


def test_a_role_that_is_not_built_in() -> None:
    policy = Policy({"auditor": Role("auditor", "审计", Reach.ALL)})
    assert set(made(policy=policy).roles) == {f"{PREFIX}.people.auditor", f"{PREFIX}-program"}
    assert made([Login("p", NOBODY)], policy).internalusers[f"{PREFIX}.p"]["backend_roles"] == []


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_fields_are_those_that_the_role_finds_by(name: str) -> None:
    readable = set(rules(made(), f"{PREFIX}.people.{name}")["fls"])
    assert readable <= set(properties())
    scope = scope_of(Principal("p", "", name, agents=("k1",), groups=("g1",)))
    assert readable & set(FIELDS) == {
        name for name in set(properties()) & set(FIELDS) - set(EXACT) if scope.may_find_by(name)
    }


def test_nothing_personal_is_readable() -> None:
    personal = {name for name, field in FIELDS.items() if field.personal}
    for role in BUILT_IN:
        assert not personal & set(rules(made(), f"{PREFIX}.people.{role}")["fls"])


def test_people_only_read_and_only_what_is_in_use() -> None:
    for role in BUILT_IN:
        found = rules(made(), f"{PREFIX}.people.{role}")
        assert found["index_patterns"] == [f"{PREFIX}.conversations"]
        assert all(action.startswith("indices:data/read/") for action in found["allowed_actions"])
        assert not [action for action in found["allowed_actions"] if action in {"*", "indices:data/read*"}]


def test_no_name_is_of_others() -> None:
    found = made([Login("admin", Principal("p", "", "administrator")), Login("program", NOBODY)])
    names = {*found.roles, *found.rolesmapping, *found.internalusers}
    assert all(name.startswith((f"{PREFIX}.", f"{PREFIX}-")) for name in names)
    assert found.internalusers[f"{PREFIX}-program"]["backend_roles"] == [f"{PREFIX}-program"]


def test_every_role_has_its_mapping() -> None:
    found = made()
    assert found.rolesmapping == {name: {"backend_roles": [name]} for name in found.roles}
