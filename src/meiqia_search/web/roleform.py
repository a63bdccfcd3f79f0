"""A role as a form shows it and sends it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import msgspec

from meiqia_search import clock, fields
from meiqia_search.acl.role import (
    ABILITY_LABELS,
    COMING,
    FIXED,
    MEASURES,
    REACH_LABELS,
    SHOW_LABELS,
    Ability,
    Measure,
    Role,
    most,
)
from meiqia_search.errors import BadRole
from meiqia_search.fields import CHANNELS, FIELDS, PERSONAL_LABELS, Field, Personal
from meiqia_search.privacy.mask import Show
from meiqia_search.query import wire
from meiqia_search.query.canonical import canonical
from meiqia_search.query.filter import EVERYTHING, And, Filter, Range, Term, both
from meiqia_search.query.names import Names
from meiqia_search.web.typed import listed, worded, words

TIME = "started_at"
KINDS = fields.get("customer_kind").labels
_TERMS = ("channel", "customer_kind", "category")


class Choice(NamedTuple):
    """One value that can be chosen."""

    value: str
    label: str
    chosen: bool


class Offer(NamedTuple):
    """An ability that can be granted; ``coming`` says that nothing asks for it yet."""

    value: str
    label: str
    chosen: bool
    coming: bool


class Amount(NamedTuple):
    """A limit: what is typed, and the most that can be."""

    name: str
    label: str
    value: str
    most: int


class Line(NamedTuple):
    """A field in the table of rights: how it is shown, and for each right whether it can be and is granted."""

    name: str
    label: str
    shows: tuple[Choice, ...]
    rights: tuple[tuple[str, bool, bool], ...]


@dataclass(frozen=True)
class RoleForm:
    """Everything that stands in the form, as it is sent; pairs are written ``phone=masked``."""

    name: str = ""
    label: str = ""
    reach: str = "own"
    groups: str = ""
    channel: Sequence[str] = ()
    customer_kind: Sequence[str] = ()
    category: str = ""
    since: str = ""
    until: str = ""
    extra: str = ""
    personal: Sequence[str] = ()
    show: Sequence[str] = ()
    search: Sequence[str] = ()
    sort: Sequence[str] = ()
    export: Sequence[str] = ()
    ability: Sequence[str] = ()
    export_rows: str = ""
    reveals_a_day: str = ""
    reveal: Sequence[str] = ()
    shown: Mapping[str, str] = field(init=False, repr=False, compare=False)
    forms: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", _pairs(self.show))
        object.__setattr__(self, "forms", _pairs(self.personal))

    @property
    def reaches(self) -> list[Choice]:
        """The reaches to choose from."""
        return [Choice(each, label, each == self.reach) for each, label in REACH_LABELS.items()]

    @property
    def channels(self) -> list[Choice]:
        """The channels to choose from."""
        return [Choice(value, label, value in self.channel) for value, label in CHANNELS.items()]

    @property
    def kinds(self) -> list[Choice]:
        """The kinds of customer to choose from."""
        return [Choice(value, label, value in self.customer_kind) for value, label in KINDS.items()]

    @property
    def abilities(self) -> list[Offer]:
        """The abilities to choose from."""
        return [Offer(each, label, each in self.ability, each in COMING) for each, label in ABILITY_LABELS.items()]

    @property
    def amounts(self) -> list[Amount]:
        """The limits of abilities that have one; where nothing is typed, the usual one."""
        return [
            Amount(each.name, each.label, getattr(self, each.name) or str(each.usual), each.most)
            for each in MEASURES.values()
        ]

    @property
    def personals(self) -> list[tuple[str, str, list[Choice], bool]]:
        """The kinds of personal value, each with the forms to choose from and whether it may be revealed."""
        return [
            (kind, label, [_choice(kind, show, self.forms.get(kind, Show.HIDDEN)) for show in Show],
             kind in self.reveal)
            for kind, label in PERSONAL_LABELS.items()
        ]  # fmt: skip

    @property
    def lines(self) -> dict[str, list[Line]]:
        """The fields whose rights can be chosen, by group."""
        groups: dict[str, list[Line]] = {}
        for declared in FIELDS.values():
            if declared.name not in FIXED:
                groups.setdefault(declared.group, []).append(self._line(declared))
        return groups

    def _line(self, declared: Field) -> Line:
        limit, now = most(declared), self.shown.get(declared.name, "" if declared.personal else Show.CLEAR)
        shows = [_choice(declared.name, show, now) for show in Show if declared.personal or show is not Show.MASKED]
        if declared.personal:
            label = f"随“{PERSONAL_LABELS[declared.personal]}”"
            shows.insert(0, Choice(f"{declared.name}=", label, not now))
        granted = (("search", limit.search), ("sort", limit.sort), ("export", limit.export))
        rights = tuple((right, able, declared.name in getattr(self, right)) for right, able in granted)
        return Line(declared.name, declared.label, tuple(shows), rights)

    def json(self, names: Names) -> dict[str, wire.Json]:
        """The role as its file has it.

        Raises:
            BadRole: the conditions cannot be understood.
        """
        made: dict[str, wire.Json] = {"name": self.name.strip(), "label": self.label.strip(), "reach": self.reach}
        if groups := listed(names, "group", self.groups):
            made["groups"] = list(groups)
        if (where := self._where()) != EVERYTHING:
            made["where"] = wire.to_json(where)
        made["personal"] = {kind: show for kind, show in self.forms.items() if show}
        made["fields"] = {name: _right_json(self, declared) for name, declared in FIELDS.items() if name not in FIXED}
        made["abilities"] = list(self.ability)
        made["limits"] = {
            each.name: _number(text, each)
            for ability, each in MEASURES.items()
            if ability in self.ability and (text := getattr(self, each.name).strip())
        }
        made["reveals"] = list(self.reveal) if Ability.REVEAL in self.ability else []
        return made

    def _where(self) -> Filter:
        chosen = {"channel": self.channel, "customer_kind": self.customer_kind, "category": words(self.category)}
        parts: list[Filter] = [Term(name, tuple(values)) for name, values in chosen.items() if values]
        since, until = _day(self.since, "开始"), _day(self.until, "结束")
        if since or until:
            end = clock.start_of_day(until + timedelta(days=1)) if until else None
            parts.append(Range(TIME, clock.start_of_day(since) if since else None, end))
        if self.extra.strip():
            parts.append(_extra(self.extra))
        return both(*parts)


def of_role(role: Role, names: Names) -> RoleForm:
    """The form of a role."""
    where = canonical(role.where)
    rest = list(where.parts if isinstance(where, And) else (where,))
    terms = {name: _taken_term(rest, name) for name in _TERMS}
    since, until = _taken_days(rest)
    shows = [f"{name}={_own_show(role, FIELDS[name])}" for name in FIELDS if name not in FIXED]
    return RoleForm(
        role.name, role.label, role.reach, worded(names, "group", role.groups), terms["channel"],
        terms["customer_kind"], "、".join(terms["category"]), since, until,
        msgspec.json.encode(wire.to_json(both(*rest))).decode() if rest else "",
        [f"{kind}={role.personal_show(kind)}" for kind in Personal], shows,
        _granted(role, "search"), _granted(role, "sort"), _granted(role, "export"),
        [each for each in Ability if each in role.abilities], _amount(role, Ability.EXPORT),
        _amount(role, Ability.REVEAL), [kind for kind in Personal if kind in role.reveals],
    )  # fmt: skip


def _granted(role: Role, right: str) -> list[str]:
    return [name for name, each in role.rights.items() if getattr(each, right)]


def _amount(role: Role, ability: Ability) -> str:
    """The limit of an ability, '' where the role does not have it."""
    return str(getattr(role.limits, MEASURES[ability].name)) if ability in role.abilities else ""


def _own_show(role: Role, declared: Field) -> str:
    """How the role shows a field, '' where a personal field follows its kind."""
    show = role.rights[declared.name].show
    return "" if declared.personal and show is role.personal_show(declared.personal) else show.value


def _taken_term(rest: list[Filter], name: str) -> list[str]:
    for part in rest:
        if isinstance(part, Term) and part.field == name:
            rest.remove(part)
            return [str(value) for value in part.values]
    return []


def _taken_days(rest: list[Filter]) -> tuple[str, str]:
    """The first and the last day of a range of whole days."""
    for part in rest:
        if isinstance(part, Range) and part.field == TIME:
            bounds = (part.at_least, part.below)
            if all(bound is None or clock.start_of_day(clock.today(bound)) == bound for bound in bounds):
                rest.remove(part)
                since = "" if part.at_least is None else clock.today(part.at_least).isoformat()
                return since, "" if part.below is None else clock.today(part.below - 1).isoformat()
    return "", ""


def _right_json(form: RoleForm, declared: Field) -> dict[str, wire.Json]:
    """What differs from the usual right; what cannot be searched cannot be sorted by, what is hidden neither.

    A handle that is hidden can still be looked up by its exact whole value.
    """
    show = form.shown.get(declared.name, "")
    kind_show = form.forms.get(declared.personal, Show.HIDDEN) if declared.personal else Show.CLEAR
    made: dict[str, wire.Json] = {"show": show} if show else {}
    search = declared.name in form.search and not (declared.by_sound and (show or kind_show) != Show.CLEAR)
    if (show or kind_show) == Show.HIDDEN:
        return made | {"search": search} if declared.exact else made
    return made | {
        "search": search, "sort": search and declared.name in form.sort, "export": declared.name in form.export,
    }  # fmt: skip


def _choice(name: str, show: Show, now: str) -> Choice:
    return Choice(f"{name}={show}", SHOW_LABELS[show], show == now)


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    return {name: value for name, _, value in (text.partition("=") for text in texts)}


def _number(text: str, of: Measure) -> int:
    plain = text.replace(",", "")
    if not (plain.isascii() and plain.isdigit() and len(plain) < 10):
        raise BadRole(f"看不懂“{of.label}”：“{text[:20]}”；请写 0 到 {of.most:,} 的整数。")
    return int(plain)


def _day(text: str, what: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadRole(f"看不懂{what}日期“{text[:20]}”；请写成 2026-11-22。") from None


def _extra(text: str) -> Filter:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        raise BadRole("更多条件不是正确的 JSON。") from None
    return wire.from_json(value)
