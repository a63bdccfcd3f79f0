"""The roles in force, and the company's choice of what an agent's own conversations are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from meiqia_search.acl.role import BUILT_IN, Role


@dataclass(frozen=True, slots=True)
class Policy:
    """``version`` goes into cursors and the audit, so that both say under which rules they were made."""

    roles: Mapping[str, Role]
    own: Literal["participant", "owner"] = "participant"
    version: int = 1


def built_in(own: Literal["participant", "owner"]) -> Policy:
    """The policy of the four built-in roles."""
    return Policy(BUILT_IN, own)
