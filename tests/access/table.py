"""Who may see what, said a second time: a plain table, written from the design. It imports nothing of the program.

Everybody here is agent ``k1`` of group ``g1``, so that nothing but the role makes a difference; ``unlinked`` is nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Final, Literal

Relation = Literal["own", "owner", "transferred", "group", "lookalike", "foreign", "nobody"]
Form = Literal["clear", "masked", "hidden"]

RELATIONS: Final[dict[Relation, dict[str, tuple[str, ...]]]] = {
    "own": {"agent": ("k1",), "owner": ("k1",), "group": ("g1",)},
    "owner": {"agent": ("k2",), "owner": ("k1",), "group": ("g2",)},
    "transferred": {"agent": ("k1", "k2"), "owner": ("k2",), "group": ("g2",)},
    "group": {"agent": ("k3",), "owner": ("k3",), "group": ("g2", "g1")},
    "lookalike": {"agent": ("k1-2", "K1", "ｋ１", "k11"), "owner": ("k1 ",), "group": ("g1-2", "G1", "ｇ１", "g11")},
    "foreign": {"agent": ("k2",), "owner": ("k2",), "group": ("g2",)},
    "nobody": {},
}
"""What a conversation can be to a person, and the ids that make it so."""

EVERYTHING: Final = frozenset(RELATIONS)
NOTHING: Final[frozenset[Relation]] = frozenset()


@dataclass(frozen=True)
class Row:
    """A person: the role, whether the account is tied to k1 and g1, and what follows from that.

    ``form`` is that of every personal value but those of ``forms`` (by kind) and ``fields`` (by field); ``gone`` are
    the fields that do not leave. ``reveals`` are the kinds that may be seen clear for five minutes, ``finds`` the
    fields by which an exact whole value may be looked up, and ``names`` whether customers are found by their names.
    """

    role: str
    tied: bool
    sees: frozenset[Relation]
    form: Form
    manages: bool = False
    audits: bool = False
    forms: Mapping[str, Form] = default(default_factory=dict)
    fields: Mapping[str, Form] = default(default_factory=dict)
    gone: frozenset[str] = frozenset()
    reveals: frozenset[str] = frozenset()
    finds: frozenset[str] = frozenset()
    names: bool = False

    def may_reveal(self, relation: Relation, place: str, kind: str) -> bool:
        """Whether a field (or, with place '', a kind in texts) can be seen clear for a while."""
        covered = (self.fields.get(place) or self.forms.get(kind, self.form)) != "clear"
        return relation in self.sees and kind in self.reveals and covered

    def form_of(self, place: str, kind: str) -> Form | None:
        """In which form a value leaves; None where it does not leave at all."""
        if place.split("+", maxsplit=1)[0] in self.gone:
            return None
        if not kind:
            return "clear"
        return self.fields.get(place) or self.forms.get(kind, self.form)


HANDLES: Final = frozenset({"phone", "email", "id_card", "user_id", "track_id", "wechat_id", "weibo_id", "qq"})
"""By these a customer can be looked up, by who may."""
LOOKED_UP_AS: Final = {"phone": "phone", "landline": "phone", "email": "email", "id_card": "id_card"}
"""By which field a value of a kind is looked up that stands in a text."""

_IN_GROUP: Final[frozenset[Relation]] = frozenset({"own", "group"})

DESIGNED: Final = [
    {
        "name": "owner", "label": "主接待", "reach": "owner",
        "personal": {"name": "clear", "address": "hidden", "bank_card": "hidden", "id_card": "masked",
                     "phone": "masked"},
        "fields": {
            "region": {"show": "hidden"}, "duration": {"show": "hidden"}, "rating": {"show": "hidden"},
            "customer": {"show": "hidden"}, "tag": {"search": False}, "messages": {"sort": False},
            "wechat_id": {"show": "clear"}, "customer_name": {"show": "hidden"}, "phone": {"search": True},
        },
        "abilities": ["reveal"], "reveals": ["address", "phone", "account", "name"], "limits": {"reveals_a_day": 40},
    },
    {
        "name": "named", "label": "二组专员", "reach": "named", "groups": ["g2"],
        "where": {"range": {"field": "started_at", "at_least": "2013-01-01T00:00:00+08:00"}},
        "personal": {"phone": "clear", "landline": "clear", "url": "masked"},
    },
    {"name": "auditor", "label": "审计员", "reach": "all", "where": {"or": []}, "personal": {"phone": "clear"},
     "abilities": ["read_audit"]},
    {"name": "dialogue", "label": "只看对话", "reach": "own", "fields": {"email": {"search": True}}},
]  # fmt: skip
"""Roles that an administrator designed, as the file of roles has them."""

PEOPLE: Final[dict[str, Row]] = {
    "agent": Row("agent", True, frozenset({"own", "transferred"}), "masked"),
    "leader": Row("leader", True, _IN_GROUP, "masked", reveals=frozenset({"phone", "email", "name"})),
    "supervisor": Row("supervisor", True, EVERYTHING, "clear", finds=HANDLES, names=True),
    "administrator": Row(
        "administrator", True, EVERYTHING, "clear", manages=True, audits=True, finds=HANDLES, names=True,
    ),
    "owner": Row(
        "owner", True, frozenset({"own", "owner"}), "hidden",
        forms={"name": "clear", "id_card": "masked", "phone": "masked"},
        fields={"wechat_id": "clear", "customer_name": "hidden"},
        gone=frozenset({"region", "duration", "rating", "customer"}),
        reveals=frozenset({"address", "phone", "account", "name"}), finds=frozenset({"phone"}),
    ),
    "named": Row(
        "named", False, frozenset({"transferred", "group", "foreign"}), "hidden",
        forms={"phone": "clear", "landline": "clear", "url": "masked"}, finds=frozenset({"phone"}),
    ),
    "dialogue": Row(
        "dialogue", True, frozenset({"own", "transferred"}), "hidden",
        gone=frozenset({"from_url", "land_url", "conversation_url", "customer_note", "leads"}),  # only in the card
        finds=frozenset({"email"}),
    ),
    "auditor": Row(
        "auditor", True, NOTHING, "hidden", audits=True, forms={"phone": "clear"}, finds=frozenset({"phone"}),
    ),
    "unlinked-agent": Row("agent", False, NOTHING, "masked"),
    "unlinked-leader": Row("leader", False, NOTHING, "masked"),
    "unknown-role": Row("no-such-role", True, NOTHING, "hidden"),
}  # fmt: skip

PERSONAL_FIELDS: Final = {
    "customer_name": "name",
    "phone": "phone",
    "email": "email",
    "id_card": "id_card",
    "user_id": "user_id",
    "track_id": "user_id",
    "wechat_id": "account",
    "weibo_id": "account",
    "qq": "account",
    "address": "address",
    "ip": "ip",
    "customer_note": "free",
    "leads": "free",
    "from_url": "url",
    "land_url": "url",
    "conversation_url": "url",
}
"""The fields that are personal data, and of which kind."""

OPEN_FIELDS: Final = frozenset({
    "id", "channel", "sub_channel", "type", "category", "topic", "tag", "summary", "subject", "agent", "owner", "group",
    "agent_account", "rating", "rating_comment", "outcome", "closed_by", "bot_handover", "reopened", "effective",
    "missed", "quality_grade", "inspection_level", "started_at", "ended_at", "summary_updated_at", "duration",
    "first_response",
    "source_first_response", "average_response", "source_average_response", "messages", "customer_messages",
    "agent_messages", "bot_messages", "transfers", "attachments", "customer", "gender", "age", "customer_tag",
    "customer_kind", "region", "os", "browser", "source_type", "source_value", "search_engine", "search_keyword",
    "land_title", "conversation_title", "advertiser", "campaign", "creative", "enterprise",
})  # fmt: skip
"""The fields that everybody reads who sees the conversation; a personal value in them is still covered."""

IN_TEXT: Final = (
    "phone", "landline", "email", "account", "ip", "address", "id_card", "bank_card", "passport", "plate", "name",
)  # fmt: skip
"""The kinds of personal value that are recognised in a text."""

WORDS: Final = {
    "name": "姓名", "phone": "手机", "landline": "座机", "email": "邮箱", "user_id": "用户编号", "account": "账号",
    "ip": "IP", "address": "地址", "url": "网址", "id_card": "身份证", "bank_card": "银行卡", "passport": "护照",
    "plate": "车牌", "free": "个人信息",
}  # fmt: skip
"""What stands for a hidden value, in brackets."""
