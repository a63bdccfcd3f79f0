"""How entries of the audit are put into words for a page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import msgspec
from msgspec.structs import asdict

from meiqia_search.acl.role import Role
from meiqia_search.archive.trail import Standing
from meiqia_search.audit.chain import Kept
from meiqia_search.audit.checkpoint import Checkpoint
from meiqia_search.audit.events import OK, Action, action_label, outcome_label
from meiqia_search.audit.sheet import SURFACES

SHOWN = 1
"""So many records stand in a line; the others open under it."""
_OF_CONVERSATIONS: frozenset[str] = frozenset({Action.SEARCH, Action.READ, Action.REVEAL, Action.EXPLAIN})
_STYLES: Mapping[str, str] = {
    Action.REVEAL: "kind kind-info", Action.EXPORT_AUDIT: "kind kind-info", Action.PREVIEW: "kind kind-info",
    Action.CHANGE_ROLES: "kind kind-warn", Action.CHANGE_PERSON: "kind kind-warn", Action.ADD_PERSON: "kind kind-warn",
    Action.SIGN_IN_FAILED: "kind kind-bad", Action.REFUSED: "kind kind-bad", Action.TOKEN_REFUSED: "kind kind-bad",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """A record that an entry names, what it is called, and where it leads."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """An entry in words; ``unnamed`` is how many records it had beside those that it names."""

    row: Kept
    who: str
    role: str
    style: str
    action: str
    records: tuple[Record, ...]
    unnamed: int
    surface: str
    failed: bool
    outcome: str
    raw: str


def line(row: Kept, names: Mapping[str, str], roles: Mapping[str, Role]) -> Line:
    """An entry as the page shows it."""
    entry = row.entry
    role = roles.get(entry.role)
    total = entry.digest.partition(":")[0]
    return Line(
        row,
        names.get(entry.person, entry.person) or "未登录",
        role.label if role else entry.role,
        _STYLES.get(entry.action, ""),
        action_label(entry.action),
        tuple(_records(row, names)),
        int(total) - len(row.ids) if total.isdigit() else 0,
        SURFACES.get(entry.surface, entry.surface),
        entry.outcome != OK,
        outcome_label(entry.outcome),
        msgspec.json.encode(asdict(entry)).decode(),
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """What vouches for the log: the last checkpoint, and the last verification."""

    seq: int
    signed: Checkpoint | None
    agrees: bool
    verified: Line | None


def checked(standing: Standing, names: Mapping[str, str], roles: Mapping[str, Role]) -> Checked:
    """The standing of the log as the page shows it."""
    verified = line(standing.verified, names, roles) if standing.verified else None
    return Checked(standing.seq, standing.signed, standing.agrees, verified)


def _records(row: Kept, names: Mapping[str, str]) -> Iterator[Record]:
    for each in row.ids:
        if each in names:
            yield Record(names[each], f"/audit?who={quote(each, safe='')}")
        elif row.entry.action in _OF_CONVERSATIONS:
            yield Record(each, f"/conversations/{quote(each, safe='')}")
        else:
            yield Record(each, "")
