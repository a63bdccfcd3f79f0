"""Words of a question that were read as text and most likely meant as a sign or a label."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from meiqia_search.archive.answers import Notice
from meiqia_search.fields import WORDS
from meiqia_search.query.box import render
from meiqia_search.query.filter import And, Filter, Has, Not, Or, Text, both, leaves, replaced

_OR: dict[str, Filter] = {word: Text(word) for word in ("or", "Or", "或", "或者")}
_LACKS = frozenset({"没有", "没", "缺", "缺少", "不含", "非", "no", "not", "without"})
_LABEL = re.compile(r"([^\W\d]\w{0,11})[:：](?!//)(\S.*)")


def misread(where: Filter, total: int) -> Iterator[Notice]:
    """A notice for each; ``total`` is what was found with them as text."""
    parts = where.parts if isinstance(where, And) else ()
    if said := next((word for word, sign in _OR.items() if sign in parts[1:-1]), ""):
        yield _or(said, parts)
    for leaf in dict.fromkeys(leaves(where)):
        if isinstance(leaf, Text) and not leaf.exact and (label := _LABEL.fullmatch(leaf.words)):
            yield from _label(where, leaf, label[1], label[2], total)


def _or(said: str, parts: Sequence[Filter]) -> Notice:
    sides = (both(*side) for sign, side in groupby(parts, lambda part: part in _OR.values()) if not sign)
    text = f"“{said}”被当作要找的文字；要表示“任何一个”，请写 | 或者大写的 OR"
    way = Or(tuple(sides))
    return Notice(text, "", said, ((render(way), way),), "按这个意思查")


def _label(where: Filter, leaf: Text, label: str, value: str, total: int) -> Iterator[Notice]:
    """What means that a field has no value; or, where nothing was found, what only looks like a label."""
    text = f"“{label}”不是字段名，所以“{leaf.words}”整个当作文字来找"
    field = WORDS.get(value.casefold()) if label in _LACKS else None
    if field is not None:
        way = replaced(where, leaf, Not(Has(field.name)))
        yield Notice(f"{text}；没有某个字段写作“无:字段”", field.name, leaf.words, ((render(way), way),), "请改为")
    elif not total:
        yield Notice(text, "", leaf.words)
