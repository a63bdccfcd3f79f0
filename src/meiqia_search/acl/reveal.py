"""What can be seen clear for a while: a field of the customer's card, or every value of a kind in one conversation."""

from collections.abc import Iterator
from dataclasses import dataclass

from meiqia_search.errors import BadValue, ReasonNeeded
from meiqia_search.fields import FIELDS, PERSONAL_LABELS, WORDS, Personal
from meiqia_search.text.written import letters

REASONS = ("客户要求回电", "核对客户身份", "核对收货信息", "办理退款或赔付", "处理投诉升级")
"""What is offered as a reason; anything else can be written."""
REASON_SHORTEST, REASON_LONGEST = 4, 200


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of personal value; with ``field`` only this field of the card, else all of it in card and texts.

    Written ``phone`` for the kind and ``field:wechat_id`` for the field.
    """

    kind: Personal
    field: str = ""

    def __str__(self) -> str:
        return f"field:{self.field}" if self.field else self.kind.value

    @property
    def label(self) -> str:
        """As people call it."""
        return f"客户信息“{FIELDS[self.field].label}”" if self.field else f"会话里的{self.kind_label}"

    @property
    def kind_label(self) -> str:
        """What people call the kind."""
        return PERSONAL_LABELS[self.kind]

    @property
    def fields(self) -> frozenset[str]:
        """The fields of the card that this is about."""
        return frozenset({self.field}) if self.field else _FIELDS_OF[self.kind]


_FIELDS_OF = {
    kind: frozenset(name for name, each in FIELDS.items() if each.personal is kind) for kind in Personal
}  # fmt: skip


def of_field(name: str) -> Target:
    """A personal field of the card.

    Raises:
        BadValue: there is no such personal field.
    """
    declared = WORDS.get(name.casefold())
    if declared is None or declared.personal is None:
        raise BadValue(f"客户信息里没有“{name[:40]}”；可以是 {'、'.join(_personal())}。", field="field")
    return Target(declared.personal, declared.name)


def _personal() -> Iterator[str]:
    yield from (f"{name}（{each.label}）" for name, each in FIELDS.items() if each.personal is not None)


def of_kind(word: str) -> Target:
    """A kind of personal value, by its name or label.

    Raises:
        BadValue: there is no such kind.
    """
    for kind, label in PERSONAL_LABELS.items():
        if word in {kind.value, label}:
            return Target(kind)
    known = "、".join(f"{kind}（{label}）" for kind, label in PERSONAL_LABELS.items())
    raise BadValue(f"没有名为“{word[:40]}”的个人信息；可以是 {known}。", field="kind")


def read(text: str) -> Target:
    """What somebody wrote, ``phone`` or ``field:wechat_id``.

    Raises:
        BadValue
    """
    scheme, found, name = text.partition(":")
    return of_field(name) if found and scheme == "field" else of_kind(text)


def require_reason(reason: str) -> None:
    """Refuse what is no reason.

    Raises:
        ReasonNeeded: it is too short or too long.
    """
    if letters(reason) < REASON_SHORTEST or len(reason) > REASON_LONGEST:
        raise ReasonNeeded(f"请写 {REASON_SHORTEST} 到 {REASON_LONGEST} 个字，例如“{REASONS[0]}”。", field="reason")
