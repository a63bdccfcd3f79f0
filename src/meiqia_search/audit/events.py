"""The closed catalogue of what leaves a trace. An event never holds message text or unmasked personal values."""

from dataclasses import dataclass
from enum import StrEnum

IDS = 100
"""An event names at most so many conversations."""


class Action(StrEnum):
    """What was done."""

    SEARCH = "search"
    COUNT = "count"
    READ = "read"
    EXPLAIN = "explain"
    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_OUT = "sign_out"
    ADD_PERSON = "add_person"
    LIST_PEOPLE = "list_people"
    DISABLE_PERSON = "disable_person"
    INITIALISE = "initialise"
    IMPORT = "import"
    REBUILD = "rebuild"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what, under which rules, from where, to which conversations, with what outcome."""

    action: Action
    person: str
    role: str
    policy: int
    surface: str
    address: str
    trace: str
    sentence: str = ""
    ids: tuple[str, ...] = ()
    count: int = 0
    outcome: str = "ok"
