"""The same policy for people who ask the cluster directly (Dashboards): roles of its security plugin.

What a role sees is compiled by the compiler of the program's own searches and stands in the role as document-level
security; what it may read stands there as a list of fields. A person's agents and groups are attributes of their user.
What document-level security does not stop is in ``docs/security.md``. The program's own account has a role as well.

Every name begins with the archive's own: nothing that others made on the cluster (``admin``) is replaced.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from meiqia_search.acl.policy import Policy
from meiqia_search.acl.principal import Principal
from meiqia_search.acl.role import Right, Role
from meiqia_search.acl.scope import scope_for
from meiqia_search.conversation import Speaker
from meiqia_search.engines.entry import (
    HAS,
    ID,
    MONTHS,
    SHOWN,
    SORTS,
    VERSION,
    WORDS,
    key_of,
    month_field,
    name_fields,
    text_fields,
)
from meiqia_search.engines.opensearch.compile import query
from meiqia_search.engines.opensearch.indices import for_people
from meiqia_search.fields import EXACT, FIELDS, NAMES
from meiqia_search.privacy.mask import Show
from meiqia_search.query.filter import EVERYTHING, NOTHING

READING = (
    "indices:data/read/field_caps*",
    "indices:data/read/get",
    "indices:data/read/mget*",
    "indices:data/read/msearch*",
    "indices:data/read/search",
)
"""What a person may do with the conversations; ``read`` would also give term vectors, explanations and scrolls."""
TOGETHER = ("indices:data/read/mget", "indices:data/read/msearch")
"""Several of these in one request are asked of the cluster."""
RUNNING = (
    "indices:admin/aliases*",
    "indices:admin/create",
    "indices:admin/delete",
    "indices:admin/get",
    "indices:admin/refresh*",
    "indices:data/read/point_in_time/create",
    "indices:data/read/point_in_time/delete",
    "indices:data/read/search",
    "indices:data/write/bulk*",
    "indices:data/write/delete",
    "indices:data/write/index",
)
"""What the program does with the indices of its archive."""
CLUSTER = (
    "cluster:monitor/health",
    "cluster:monitor/main",
    "indices:admin/index_template/get",
    "indices:admin/index_template/put",
)
"""What it asks of the cluster."""
_AGENTS, _GROUPS = "\ue000agents", "\ue000groups"
"""Stand for a person's own, until the attributes of the user who asks take their place."""
_ATTRIBUTES = {json.dumps(mark)[1:-1]: f"${{attr.internal.{mark[1:]}}}" for mark in (_AGENTS, _GROUPS)}


_FOUND = frozenset({*EXACT, *NAMES})
"""The personal fields of which the index knows whether they have a value."""


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody with an account: their name at sign-in; nobody's rights where it is disabled."""

    name: str
    principal: Principal
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """Roles, which backend role gives which role, and users, as the API of the security plugin takes them."""

    roles: dict[str, Any]
    rolesmapping: dict[str, Any]
    internalusers: dict[str, Any]


def access(prefix: str, policy: Policy, people: Iterable[Login]) -> Access:
    """Everything for the archive whose indices begin with ``prefix``."""
    roles = {_name(prefix, role.name): _role(prefix, role, policy) for role in policy.roles.values()}
    users = {f"{prefix}.{login.name}": _user(prefix, login, policy) for login in people}
    own = of_the_program(prefix)
    mappings = {name: {"backend_roles": [name]} for name in roles}
    return Access(roles | own.roles, mappings | own.rolesmapping, users | own.internalusers)


def _name(prefix: str, role: str) -> str:
    return f"{prefix}.people.{role}"


def _role(prefix: str, role: Role, policy: Policy) -> dict[str, Any]:
    """Only what is behind the alias for people can be read: other generations are unfinished or old."""
    rules: dict[str, Any] = {
        "index_patterns": [for_people(prefix)],
        "allowed_actions": list(READING),
        "fls": list(_fields(role)),
    }
    anybody = Principal("", "", role.name, agents=(_AGENTS,), groups=(_GROUPS,))
    sees = scope_for(anybody, policy).sees
    if sees != EVERYTHING:
        rules["dls"] = _for_whoever_asks(json.dumps(query(sees)))
    return {"description": role.label, "cluster_permissions": list(TOGETHER), "index_permissions": [rules]}


def _for_whoever_asks(query_: str) -> str:
    """The query with the user's attributes in place of the marks, and nothing else that the plugin would replace."""
    query_ = _inert(query_)
    for mark, attribute in _ATTRIBUTES.items():
        query_ = query_.replace(mark, attribute)
    return query_


def _inert(text: str) -> str:
    """JSON in which the plugin finds nothing to replace: it puts values into the text of a query as they are."""
    return text.replace("$", "\\u0024")


def _fields(role: Role) -> Iterator[str]:
    """What the role may find by and read; the cluster cannot mask, so what is masked is left out."""
    open_ = {name for name, right in role.rights.items() if right.search and right.show is Show.CLEAR}
    sorts = {name for name, right in role.rights.items() if right.sort}
    yield from (ID, VERSION, WORDS)
    if all(right.search if name in _FOUND else right.show is Show.CLEAR for name, right in _in_index(role)):
        yield HAS  # names of fields that have a value: of hidden ones too
    for speaker in Speaker:
        yield from text_fields(speaker)
    for name in NAMES:
        yield from name_fields(name) if name in open_ else ()
    yield from (field.name for field in SHOWN if field.name in open_)
    yield from (key_of(sort) for sort in SORTS if sort.field in sorts)
    yield from (month_field(name) for name in MONTHS if name in open_)


def _in_index(role: Role) -> Iterator[tuple[str, Right]]:
    return ((name, right) for name, right in role.rights.items() if name in _FOUND or FIELDS[name].personal is None)


def _user(prefix: str, login: Login, policy: Policy) -> dict[str, Any]:
    """Without a password: who sets it is the administrator of the cluster."""
    principal = login.principal
    sees = NOTHING if login.disabled else scope_for(principal, policy).sees
    mine = {"agents": principal.agents, "groups": principal.groups}
    return {
        "backend_roles": [] if sees == NOTHING else [_name(prefix, principal.role)],
        "attributes": {name: _attribute(values) for name, values in mine.items() if values},
    }


def _attribute(values: Sequence[str]) -> str:
    """The values as they continue a list in JSON whose first quote is there: ``a", "b``."""
    return _inert(json.dumps(list(values))[2:-2])


def of_the_program(prefix: str) -> Access:
    """Everything for the program's own account."""
    own = f"{prefix}-program"
    rules = {"index_patterns": [f"{prefix}.*"], "allowed_actions": list(RUNNING)}
    role = {"description": "会话档案程序", "cluster_permissions": list(CLUSTER), "index_permissions": [rules]}
    return Access({own: role}, {own: {"backend_roles": [own]}}, {own: {"backend_roles": [own]}})
