"""Who may see what, said a second time: a plain table, written from the design. It imports nothing of the program.

Everybody here is agent ``k1`` of group ``g1``, so that nothing but the role makes a difference; ``unlinked`` is nobody.
"""

from dataclasses import dataclass
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

    ``sees`` with the setting that an agent's own conversations are those taken part in, ``sees_as_owner`` with the one
    that they are those with the agent as owner. ``form`` is that of every personal value.
    """

    role: str
    tied: bool
    sees: frozenset[Relation]
    sees_as_owner: frozenset[Relation]
    form: Form
    manages: bool = False


_IN_GROUP: Final[frozenset[Relation]] = frozenset({"own", "group"})

PEOPLE: Final[dict[str, Row]] = {
    "agent": Row("agent", True, frozenset({"own", "transferred"}), frozenset({"own", "owner"}), "masked"),
    "leader": Row("leader", True, _IN_GROUP, _IN_GROUP, "masked"),
    "supervisor": Row("supervisor", True, EVERYTHING, EVERYTHING, "clear"),
    "administrator": Row("administrator", True, EVERYTHING, EVERYTHING, "clear", manages=True),
    "unlinked-agent": Row("agent", False, NOTHING, NOTHING, "masked"),
    "unlinked-leader": Row("leader", False, NOTHING, NOTHING, "masked"),
    "unknown-role": Row("no-such-role", True, NOTHING, NOTHING, "hidden"),
}

PERSONAL_FIELDS: Final = {
    "customer_name": "name",
    "phone": "phone",
    "email": "email",
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
