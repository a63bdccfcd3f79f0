"""A signed-in person or token, with one role."""

from dataclasses import dataclass
from typing import Final

LOCAL_LOGIN: Final = "local"
"""Whoever may run commands on the machine of the archive, and the program itself."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. ``agents`` are the agent ids that are this person, ``groups`` the groups this person leads or is in."""

    id: str
    name: str
    role: str
    agents: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
