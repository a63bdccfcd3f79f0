"""From where something is done: what the audit keeps beside the person."""

from dataclasses import dataclass

from meiqia_search.audit.events import Action, Event


@dataclass(frozen=True, slots=True)
class Visit:
    """By which way (``web``, ``api`` or ``cli``) and from where; ``trace`` is the number of the request."""

    surface: str
    address: str = ""
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts on accounts: a person, or ``local`` for whoever may run commands on this machine."""

    person: str
    role: str
    visit: Visit


def event(  # noqa: PLR0913 - the columns of an event
    action: Action,
    who: str,
    role: str,
    policy: int,
    visit: Visit,
    sentence: str = "",
    count: int = 0,
    outcome: str = "ok",
) -> Event:
    """What the audit keeps."""
    return Event(
        action, who, role, policy, visit.surface, visit.address, visit.trace, sentence, (), count=count, outcome=outcome
    )
