"""Looking as somebody else: a role in which nothing goes beyond either of two."""

from dataclasses import replace

from meiqia_search.acl.role import Limits, Right, Role
from meiqia_search.fields import FIELDS, Personal
from meiqia_search.privacy.mask import Show

_ORDER = list(Show)


def lesser(seen: Role, own: Role) -> Role:
    """The first role without what the second does not have; its reach stays, as whoever looks has two of them."""
    return replace(
        seen,
        personal={kind: _stricter(seen.personal_show(kind), own.personal_show(kind)) for kind in Personal},
        fields={name: _both(seen.rights[name], own.rights[name]) for name in FIELDS},
        abilities=seen.abilities & own.abilities,
        limits=Limits(
            min(seen.limits.export_rows, own.limits.export_rows),
            min(seen.limits.reveals_a_day, own.limits.reveals_a_day),
        ),
        reveals=seen.reveals & own.reveals,
    )


def _both(one: Right, other: Right) -> Right:
    return Right(
        _stricter(one.show, other.show),
        search=one.search and other.search,
        sort=one.sort and other.sort,
        export=one.export and other.export,
    )


def _stricter(one: Show, other: Show) -> Show:
    return min(one, other, key=_ORDER.index)
