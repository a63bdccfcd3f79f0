"""Roles as JSON values: how they are kept, exported and imported."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import TypeAlias, TypeVar

from meiqia_search.acl.policy import Policy, policy_of
from meiqia_search.acl.role import MEASURES, Ability, Limits, Reach, Right, Role
from meiqia_search.errors import BadRequest, BadRole
from meiqia_search.fields import FIELDS, Personal
from meiqia_search.privacy.mask import Show
from meiqia_search.query import wire
from meiqia_search.query.filter import EVERYTHING, Filter

Json: TypeAlias = wire.Json
Chosen = TypeVar("Chosen", bound=Enum)

FORMAT = "meiqia-search roles 1"
_NEEDED = frozenset({"name", "label", "reach"})
_KEYS = (*sorted(_NEEDED), "abilities", "fields", "groups", "limits", "personal", "reveals", "where")
_RIGHT = ("show", "search", "sort", "export")


def to_json(policy: Policy) -> dict[str, Json]:
    """The file of a policy."""
    return {"format": FORMAT, "roles": [role_json(role) for role in policy.roles.values()]}


def role_json(role: Role) -> dict[str, Json]:
    """One role; what says nothing is left out."""
    made: dict[str, Json] = {"name": role.name, "label": role.label, "reach": role.reach.value}
    if role.groups:
        made["groups"] = list(role.groups)
    if role.where != EVERYTHING:
        made["where"] = wire.to_json(role.where)
    made["personal"] = {kind.value: role.personal_show(kind).value for kind in Personal}
    if role.fields:
        made["fields"] = {
            name: {"show": right.show.value, "search": right.search, "sort": right.sort, "export": right.export}
            for name, right in role.fields.items()
        }
    made["abilities"] = [ability.value for ability in Ability if ability in role.abilities]
    if limits := _limits_json(role):
        made["limits"] = limits
    if role.reveals:
        made["reveals"] = [kind.value for kind in Personal if kind in role.reveals]
    return made


def _limits_json(role: Role) -> dict[str, Json]:
    return {each.name: getattr(role.limits, each.name) for able, each in MEASURES.items() if able in role.abilities}


def from_json(value: object, version: int) -> Policy:
    """The policy of a file.

    Raises:
        BadRole: names the role and what is wrong with it.
    """
    body = _object(value, "文件", ("format", "roles"))
    if body.get("format") != FORMAT:
        raise BadRole(f"这不是角色文件：format 应为“{FORMAT}”。请从 roles export 得到的文件改起。")
    roles = [read_role(each, f"第 {at} 个角色") for at, each in enumerate(_list(body.get("roles"), "roles"), 1)]
    return policy_of(roles, version)


def kept(value: object, version: int) -> Policy:
    """A policy that was kept, also by another version of the program: a role that cannot be read has a fault."""
    roles = [_kept_role(each) for each in _list(_object(value, "文件", ("format", "roles")).get("roles"), "roles")]
    return Policy({each.name: each for each in roles}, version)


def _kept_role(value: object) -> Role:
    try:
        return read_role(value, "角色")
    except BadRequest as wrong:
        body = _object(value, "角色", None)
        known = [each for each in _list(body.get("abilities", []), "abilities") if each in set(Ability)]
        bare = Role(str(body.get("name")), str(body.get("label")), Reach.OWN, fault=wrong.detail)
        return replace(bare, abilities=frozenset(Ability(str(each)) for each in known))


def read_role(value: object, place: str) -> Role:
    """One role.

    Raises:
        BadRole
    """
    body = _object(value, place, _KEYS)
    if missing := sorted(_NEEDED - body.keys()):
        raise BadRole(f"{place}：缺少 {missing[0]}。")
    name = _text(body["name"], f"{place}的 name")
    place = f"角色 {name[:40]} 的 "
    abilities = _several(Ability, body, "abilities", place)
    bare = Role(
        name=name,
        label=_text(body["label"], f"{place}label").strip(),
        reach=_choice(Reach, body["reach"], f"{place}reach"),
        personal=_personal(body.get("personal", {}), f"{place}personal"),
        abilities=abilities,
        groups=tuple(
            dict.fromkeys(_text(each, f"{place}groups") for each in _list(body.get("groups", []), f"{place}groups"))
        ),
        limits=_limits(abilities, body.get("limits", {}), f"{place}limits"),
        reveals=_several(Personal, body, "reveals", place),
    )
    return replace(bare, where=_where(body, place), fields=_fields(bare, body.get("fields", {}), f"{place}fields"))


def _where(body: Mapping[str, object], place: str) -> Filter:
    if "where" not in body:
        return EVERYTHING
    try:
        return wire.from_json(body["where"])
    except BadRequest as wrong:
        raise BadRole(f"{place}where：{wrong.detail}") from None


def _limits(abilities: frozenset[Ability], value: object, place: str) -> Limits:
    """What is not said is the usual measure of an ability that is there, and nothing without it."""
    given = _object(value, place, tuple(measure.name for measure in MEASURES.values()))
    usual = {measure.name: measure.usual if each in abilities else 0 for each, measure in MEASURES.items()}
    return Limits(**{name: _number(given.get(name, most), f"{place}.{name}") for name, most in usual.items()})


def _personal(value: object, place: str) -> dict[Personal, Show]:
    chosen = _object(value, place, tuple(Personal))
    return {Personal(kind): _choice(Show, show, f"{place}.{kind}") for kind, show in chosen.items()}


def _fields(role: Role, value: object, place: str) -> dict[str, Right]:
    found: dict[str, Right] = {}
    for name, given in _object(value, place, tuple(FIELDS)).items():
        right = _right(role.usual(FIELDS[name]), given, f"{place}.{name}")
        if right != role.usual(FIELDS[name]):
            found[name] = right
    return found


def _right(usual: Right, value: object, place: str) -> Right:
    body = _object(value, place, _RIGHT)
    show = _choice(Show, body["show"], f"{place}.show") if "show" in body else usual.show
    open_ = show is not Show.HIDDEN
    search, sort, export = (
        _switch(body.get(key, default), f"{place}.{key}")
        for key, default in (
            ("search", usual.search and show is usual.show),
            ("sort", usual.sort and open_),
            ("export", usual.export and open_),
        )
    )
    return Right(show, search, sort, export)


def _object(value: object, place: str, keys: Sequence[str] | None) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise BadRole(f"{place}：应是 JSON 对象。")
    for key in value:
        if keys is not None and key not in keys:
            raise BadRole(f"{place}：不认识“{str(key)[:40]}”。")
    return value


def _list(value: object, place: str) -> list[object]:
    if not isinstance(value, list):
        raise BadRole(f"{place}：应是数组。")
    return value


def _text(value: object, place: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 1_000:
        raise BadRole(f"{place}：应是文字。")
    return value


def _several(kind: type[Chosen], body: Mapping[str, object], key: str, place: str) -> frozenset[Chosen]:
    return frozenset(_choice(kind, each, f"{place}{key}") for each in _list(body.get(key, []), f"{place}{key}"))


def _number(value: object, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadRole(f"{place}：应是整数。")
    return value


def _choice(kind: type[Chosen], value: object, place: str) -> Chosen:
    try:
        return kind(value)
    except ValueError:
        raise BadRole(f"{place}：应是 {'、'.join(str(each.value) for each in kind)} 之一。") from None


def _switch(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise BadRole(f"{place}：应是 true 或 false。")
    return value
