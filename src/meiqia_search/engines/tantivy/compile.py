"""From a filter to a tantivy query: Query objects only, never tantivy's own query parser."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from tantivy import FieldType, Occur, Query

from meiqia_search import fields
from meiqia_search.acl.scope import Scope
from meiqia_search.conversation import Speaker
from meiqia_search.engines.entry import HAS, ID, WORDS, name_fields, text_fields
from meiqia_search.engines.tantivy.schema import schema
from meiqia_search.fields import Kind, Value
from meiqia_search.query.filter import And, Filter, Has, Name, Not, Or, Range, Term, Text, leaves
from meiqia_search.text import words
from meiqia_search.text.normalise import SPACE

MUST, SHOULD, MUST_NOT = Occur.Must, Occur.Should, Occur.MustNot


def scoped_query(scope: Scope, where: Filter) -> Query:
    """What the scope sees AND what is asked for. The two meet here and nowhere earlier."""
    return all_of([query(scope.sees), query(where)])


def query(where: Filter) -> Query:
    """The query that finds exactly the conversations that satisfy the filter."""
    match where:
        case Term(name, values):
            return _term(name, values)
        case Range(name, at_least, below):
            return between(name, FieldType.Integer, at_least, None if below is None else below - 1)
        case Has(name):
            return Query.all_query() if name == ID else _token(HAS, name)
        case Name(name):
            return _piece(where.needle, *name_fields(name))
        case Text():
            return all_of(_occurs(needle, where.speaker) for needle in where.needles)
        case And(parts):
            return all_of(query(part) for part in parts)
        case Or(parts):
            return any_of(query(part) for part in parts)
        case Not(part):
            return Query.boolean_query([(MUST, Query.all_query()), (MUST_NOT, query(part))])
        case _:
            assert_never(where)


def all_of(queries: Iterable[Query]) -> Query:
    """All of the queries; of none: everything."""
    found = list(queries)
    if not found:
        return Query.all_query()
    return found[0] if len(found) == 1 else Query.boolean_query([(MUST, each) for each in found])


def any_of(queries: Iterable[Query]) -> Query:
    """At least one of the queries; of none: nothing."""
    found = list(queries)
    if not found:
        return Query.empty_query()
    return found[0] if len(found) == 1 else Query.boolean_query([(SHOULD, each) for each in found])


def between(name: str, kind: FieldType, lowest: int | None, highest: int | None) -> Query:
    """Values from ``lowest`` to ``highest``, both included."""
    if lowest is not None and highest is not None and lowest > highest:
        return Query.empty_query()
    return Query.range_query(schema(), name, kind, lower_bound=lowest, upper_bound=highest)


def _token(name: str, token: Value) -> Query:
    return Query.term_query(schema(), name, token, index_option="basic")


def _term(name: str, values: tuple[Value, ...]) -> Query:
    if fields.get(name).kind is Kind.KEYWORD:
        return any_of(_token(name, value) for value in values)
    return any_of(between(name, FieldType.Integer, int(value), int(value)) for value in values)


def _occurs(needle: str, speaker: Speaker | None) -> Query:
    return any_of(_piece(needle, *text_fields(each)) for each in ([speaker] if speaker else Speaker))


def _piece(needle: str, bigrams: str, chars: str) -> Query:
    if len(needle) == 1:
        return _token(chars, needle.replace(" ", SPACE))
    pairs = words.pairs(needle)
    if len(pairs) == 1:
        return Query.term_query(schema(), bigrams, pairs[0], index_option="freq")
    return Query.phrase_query(schema(), bigrams, list(pairs))


def ranked(where: Filter, restricted: Query) -> Query:
    """The restricted query, scored by BM25(words) + 0.5 · BM25(bigrams) + BM25(chars) of what is searched for."""
    scores = [(SHOULD, each) for leaf in leaves(where) if isinstance(leaf, Text) for each in _scores(leaf)]
    return Query.boolean_query([(MUST, Query.const_score_query(restricted, 0.0)), *scores])


def _scores(text: Text) -> Iterator[Query]:
    tokens = [word for needle in text.needles for word in words.cut(needle)]
    pairs = [pair for needle in text.needles for pair in words.pairs(needle)]
    yield from (Query.term_query(schema(), WORDS, token, index_option="freq") for token in tokens)
    for speaker in [text.speaker] if text.speaker else Speaker:
        bigrams, chars = text_fields(speaker)
        for pair in pairs:
            yield Query.boost_query(Query.term_query(schema(), bigrams, pair, index_option="freq"), 0.5)
        yield from (_token(chars, char) for char in dict.fromkeys("".join(text.needles).replace(" ", SPACE)))
