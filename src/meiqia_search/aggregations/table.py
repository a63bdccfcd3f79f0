"""What every chart answers with, whatever its shape."""

from dataclasses import dataclass

from meiqia_search.fields import Value


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; ``None`` in a dimension's column stands for conversations without a value."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value | None, ...], ...]
