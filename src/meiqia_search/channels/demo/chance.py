"""Drawing by chance, quickly and repeatably."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")

Chance = Callable[[], float]
"""Gives the next number, 0 ≤ x < 1."""


def pick(options: Sequence[T], chance: Chance) -> T:
    """One of the options, each as likely as the others."""
    return options[int(chance() * len(options))]


def cumulated(weights: Sequence[float]) -> list[float]:
    """The weights summed up to 1, for ``bisect`` on a chance."""
    total = sum(weights)
    return [sum_ / total for sum_ in accumulate(weights)]
