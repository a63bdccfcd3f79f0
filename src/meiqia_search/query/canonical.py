"""One shape for filters that differ only in needless nesting."""

from meiqia_search.query.filter import EVERYTHING, NOTHING, And, Filter, Not, Or, Range


def canonical(where: Filter) -> Filter:
    """The same filter without needless nesting; never deeper than it was, but for what can never hold.

    And in And and Or in Or are flattened, one part alone stands for itself, not not is dropped, and
    :data:`EVERYTHING` and :data:`NOTHING` stand only for the whole.
    """
    match where:
        case And(parts):
            flat = [piece for part in parts for piece in _parts(canonical(part), And)]
            return NOTHING if NOTHING in flat else flat[0] if len(flat) == 1 else And(tuple(flat))
        case Or(parts):
            flat = [piece for part in parts for piece in _parts(canonical(part), Or)]
            return EVERYTHING if EVERYTHING in flat else flat[0] if len(flat) == 1 else Or(tuple(flat))
        case Not(part):
            return _opposite(canonical(part))
        case Range(_, int() as at_least, int() as below) if below <= at_least:
            return NOTHING
        case _:
            return where


def _parts(where: Filter, kind: type[And] | type[Or]) -> tuple[Filter, ...]:
    return where.parts if isinstance(where, kind) else (where,)


def _opposite(where: Filter) -> Filter:
    if isinstance(where, Not):
        return where.part
    if where == EVERYTHING:
        return NOTHING
    return EVERYTHING if where == NOTHING else Not(where)
