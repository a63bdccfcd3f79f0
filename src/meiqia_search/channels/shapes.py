"""Which of the known shapes of a conversation a JSON object has, and the conversation it holds."""

from collections.abc import Mapping

from meiqia_search.channels import meiqia, own, simple
from meiqia_search.conversation import Conversation
from meiqia_search.errors import BadConversation

IDS = frozenset({"conversation_id", "conv_id", "id"})
"""Under one of these keys a conversation carries its id."""


def parse(payload: Mapping[str, object]) -> Conversation:
    """The conversation in a JSON object of any known shape.

    Raises:
        BadConversation: no known shape, no id, or a message that cannot be read.
        BadValue: a fact does not fit its field.
        UnknownField: our own shape names a fact that is not declared.
    """
    if "conversation_id" in payload:
        return simple.parse(payload)
    if not meiqia.KEYS.isdisjoint(payload):
        return meiqia.parse(payload)
    if "id" in payload:
        return own.parse(payload)
    raise BadConversation("这里没有会话编号：应有 conversation_id、conv_id 或 id。")
