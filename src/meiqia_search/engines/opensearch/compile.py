"""From a filter to OpenSearch's query language; nothing a person typed reaches a query parser."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeAlias, assert_never

from meiqia_search.acl.scope import Scope
from meiqia_search.conversation import Speaker
from meiqia_search.engines.entry import HAS, ID, WORDS, name_fields, text_fields
from meiqia_search.query.filter import And, Filter, Has, Name, Not, Or, Range, Term, Text, leaves
from meiqia_search.text import words
from meiqia_search.text.normalise import SPACE

Query: TypeAlias = dict[str, Any]

EVERYTHING: Query = {"match_all": {}}
NOTHING: Query = {"match_none": {}}
SCORED = 60
"""So many tokens of a kind count for the order by relevance; a server takes 1,024 conditions in all."""


def scoped_query(scope: Scope, where: Filter) -> Query:
    """What the scope sees AND what is asked for. The two meet here and nowhere earlier."""
    return {"bool": {"filter": [query(scope.sees), query(where)]}}


def query(where: Filter) -> Query:
    """The query that finds exactly the conversations that satisfy the filter."""
    match where:
        case Term(name, values):
            return {"terms": {name: list(values)}}
        case Range(name, at_least, below):
            bounds = {"gte": at_least, "lt": below}
            return {"range": {name: {key: bound for key, bound in bounds.items() if bound is not None}}}
        case Has(name):
            return EVERYTHING if name == ID else _token(HAS, name)
        case Name(name):
            return _piece(where.needle, *name_fields(name))
        case Text():
            return all_of(_occurs(needle, where.speaker) for needle in where.needles)
        case And(parts):
            return all_of(query(part) for part in parts)
        case Or(parts):
            return any_of(query(part) for part in parts)
        case Not(part):
            return {"bool": {"must_not": [query(part)]}}
        case _:
            assert_never(where)


def all_of(queries: Iterable[Query]) -> Query:
    """All of the queries; of none: everything."""
    found = list(queries)
    if not found:
        return EVERYTHING
    return found[0] if len(found) == 1 else {"bool": {"filter": found}}


def any_of(queries: Iterable[Query]) -> Query:
    """At least one of the queries; of none: nothing."""
    found = list(queries)
    if not found:
        return NOTHING
    return found[0] if len(found) == 1 else {"bool": {"should": found, "minimum_should_match": 1}}


def _token(name: str, token: str) -> Query:
    return {"term": {name: token}}


def _occurs(needle: str, speaker: Speaker | None) -> Query:
    return any_of(_piece(needle, *text_fields(each)) for each in _speakers(speaker))


def _speakers(speaker: Speaker | None) -> Iterable[Speaker]:
    return [speaker] if speaker else Speaker


def _piece(needle: str, bigrams: str, chars: str) -> Query:
    if len(needle) == 1:
        return _token(chars, needle.replace(" ", SPACE))
    pairs = words.pairs(needle)
    return _token(bigrams, pairs[0]) if len(pairs) == 1 else {"match_phrase": {bigrams: " ".join(pairs)}}


def ranked(where: Filter, restricted: Query) -> Query:
    """The restricted query, scored by BM25(words) + 0.5 · BM25(bigrams) + BM25(chars) of what is searched for."""
    tokens: dict[tuple[str, float], dict[str, None]] = {}
    for leaf in leaves(where):
        if isinstance(leaf, Text):
            for name, weight, found in _scored(leaf):
                tokens.setdefault((name, weight), {}).update(dict.fromkeys(found))
    scores = [
        {"match": {name: {"query": " ".join(islice(found, SCORED)), "boost": weight}}}
        for (name, weight), found in tokens.items()
        if found
    ]
    return {"bool": {"filter": [restricted], "should": scores}}


def _scored(text: Text) -> Iterator[tuple[str, float, list[str]]]:
    yield WORDS, 1.0, [word for needle in text.needles for word in words.cut(needle)]
    pairs = [pair for needle in text.needles for pair in words.pairs(needle)]
    singles = list("".join(text.needles).replace(" ", SPACE))
    for speaker in _speakers(text.speaker):
        bigrams, chars = text_fields(speaker)
        yield bigrams, 0.5, pairs
        yield chars, 1.0, singles
