"""What detection answers with."""

from typing import NamedTuple

from meiqia_search.fields import Personal


class Found(NamedTuple):
    """A personal value in a text: where (half-open offsets), of which kind, and the value in its plain spelling."""

    start: int
    end: int
    kind: Personal
    value: str
