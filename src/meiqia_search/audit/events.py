"""The closed catalogue of what leaves a trace. An event never holds message text or unmasked personal values."""

from dataclasses import dataclass
from enum import StrEnum

from meiqia_search.privacy.passage import redacted

IDS = 100
"""An event names at most so many records; of more, the first, their number and a digest of all are kept."""


class Action(StrEnum):
    """What was done."""

    SEARCH = "search"
    COUNT = "count"
    READ = "read"
    EXPLAIN = "explain"
    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_OUT = "sign_out"
    CONFIRM = "confirm"  # the password again, before a change of rights
    LIST_SESSIONS = "list_sessions"
    END_SESSION = "end_session"
    ADD_TOKEN = "add_token"  # noqa: S105 - not one
    LIST_TOKENS = "list_tokens"
    REVOKE_TOKEN = "revoke_token"  # noqa: S105
    TOKEN_REFUSED = "token_refused"  # noqa: S105
    ADD_PERSON = "add_person"
    LIST_PEOPLE = "list_people"
    CHANGE_PERSON = "change_person"
    DISABLE_PERSON = "disable_person"
    ENABLE_PERSON = "enable_person"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - not one
    CHANGE_ROLES = "change_roles"
    COUNT_REACH = "count_reach"  # how many conversations people would see
    REFUSED = "refused"  # something that the role may not do
    INITIALISE = "initialise"
    IMPORT = "import"
    REBUILD = "rebuild"
    ROLL_BACK = "roll_back"
    VERIFY = "verify"
    VERIFY_AUDIT = "verify_audit"
    LIST_ALERTS = "list_alerts"


@dataclass(frozen=True, slots=True)
class Visit:
    """By which way (``web``, ``api`` or ``cli``) and from where.

    ``trace`` is the number of the request, ``session`` what tells this session or token from others.
    """

    surface: str
    address: str = ""
    trace: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the id of a person ('' for nobody known), with the role they have just then."""

    person: str
    role: str
    visit: Visit


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what, under which version of the rules, to what, with what outcome.

    Personal values in ``sentence`` are replaced by their kind, whoever writes it.
    """

    action: Action
    by: Actor
    policy: int
    sentence: str = ""
    ids: tuple[str, ...] = ()
    count: int = 0
    outcome: str = "ok"

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentence", redacted(self.sentence))
