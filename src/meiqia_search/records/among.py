"""A column among many values, given as one parameter: a thousand of them are not written into the statement.

Writing a statement with a parameter for each value takes longer than answering it.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, bindparam, func, select

_NAME = "among"


def among(dialect: str, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the column has one of the values, text or whole numbers, that :func:`listed` hands over."""
    if dialect == "postgresql":
        return column == any_(bindparam(_NAME, type_=ARRAY(column.type)))
    return column.in_(select(func.json_each(bindparam(_NAME)).table_valued("value").c.value))


def listed(dialect: str, values: Sequence[Any]) -> dict[str, object]:
    """The parameter of a statement with :func:`among`."""
    return {_NAME: list(values) if dialect == "postgresql" else json.dumps(list(values))}
