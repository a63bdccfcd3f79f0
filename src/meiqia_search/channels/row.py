"""A row of a table, whatever the kind of file it stands in."""

from typing import NamedTuple


class Row(NamedTuple):
    """The cells of a row that begins at ``line``, and its own text; ``trouble`` says why it cannot be read."""

    line: int
    cells: tuple[str, ...]
    original: str
    trouble: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing stands in it."""
        return not self.trouble and not any(cell.strip() for cell in self.cells)
