"""Hypothesis strategies for roles and policies."""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from meiqia_search.acl.policy import Policy
from meiqia_search.acl.role import ADMINISTRATOR, CONDITIONS, FIXED, MEASURES, Ability, Limits, Reach, Right, Role, most
from meiqia_search.errors import LimitExceeded
from meiqia_search.fields import FIELDS, Field, Personal
from meiqia_search.privacy.mask import Show
from meiqia_search.query.filter import EVERYTHING, And, Filter, Has, Not, Or, Range, Term, within_limits

VALUES = {
    "channel": ("wechat", "web", "phone"),
    "category": ("物流", "退换货", "发票"),
    "customer_kind": ("vip", "new"),
    "rating": ("poor", "good"),
}
DAY = 86_400_000_000


def conditions() -> SearchStrategy[Filter]:
    """What may narrow a role's range."""
    terms: SearchStrategy[Filter] = st.sampled_from(sorted(VALUES)).flatmap(
        lambda name: st.lists(st.sampled_from(VALUES[name]), min_size=1, max_size=2).map(
            lambda values: Term(name, tuple(values))
        )
    )
    ranges: SearchStrategy[Filter] = st.integers(0, 300).map(
        lambda day: Range("started_at", 1_767_196_800_000_000 + day * DAY)
    )
    has: SearchStrategy[Filter] = st.sampled_from(sorted(CONDITIONS)).map(Has)
    leaves = st.one_of(terms, ranges, has)
    return st.recursive(leaves, _combined, max_leaves=4).filter(_allowed)


def _combined(parts: SearchStrategy[Filter]) -> SearchStrategy[Filter]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(several.map(And), several.map(Or), parts.map(Not))


def _allowed(where: Filter) -> bool:
    try:
        within_limits(where)
    except LimitExceeded:
        return False
    return True


@st.composite
def rights(draw: DrawFn, of: Field) -> Right:
    """Any right that can be given on a field."""
    limit = most(of)
    if of.name in FIXED:
        return Right(Show.CLEAR, limit.search, limit.sort, draw(st.booleans()) and limit.export)
    show = draw(st.sampled_from(list(Show) if of.personal else [Show.HIDDEN, Show.CLEAR]))
    if show is Show.HIDDEN:
        return Right(show, search=of.exact and draw(st.booleans()), sort=False, export=False)
    search = limit.search and draw(st.booleans()) and not (of.by_sound and show is not Show.CLEAR)
    return Right(show, search, search and limit.sort and draw(st.booleans()), limit.export and draw(st.booleans()))


@st.composite
def limits(draw: DrawFn, abilities: frozenset[Ability]) -> Limits:
    """Any limits of these abilities."""
    drawn = {each.name: draw(st.integers(0, each.most)) for able, each in MEASURES.items() if able in abilities}
    return Limits(**drawn)


@st.composite
def roles(draw: DrawFn, name: str) -> Role:
    """Any role of this name."""
    reach = draw(st.sampled_from(Reach))
    abilities = frozenset(draw(st.sets(st.sampled_from(Ability))))
    reveals = st.frozensets(st.sampled_from(Personal)) if Ability.REVEAL in abilities else st.just(frozenset())
    chosen = draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=5, unique=True))
    return Role(
        name,
        f"角色{name}",
        reach,
        draw(st.dictionaries(st.sampled_from(Personal), st.sampled_from(Show))),
        abilities,
        ("g1", "g3") if reach is Reach.NAMED else (),
        draw(st.one_of(st.just(EVERYTHING), conditions())),
        {field: draw(rights(FIELDS[field])) for field in chosen},
        draw(limits(abilities)),
        draw(reveals),
    )


@st.composite
def policies(draw: DrawFn) -> Policy:
    """Any policy with the administrator that every one has."""
    made = [draw(roles(name)) for name in ("agent", "leader", "auditor")[: draw(st.integers(0, 3))]]
    return Policy({role.name: role for role in (*made, ADMINISTRATOR)}, draw(st.integers(1, 9)))
