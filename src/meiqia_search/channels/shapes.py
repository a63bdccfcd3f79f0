"""Which of the known shapes of a conversation a JSON object has, and the conversation it holds."""

import re
from collections.abc import Mapping

import msgspec

from meiqia_search.channels import meiqia, own, simple
from meiqia_search.channels.values import text_of
from meiqia_search.conversation import Conversation
from meiqia_search.errors import ArchiveError, BadConversation

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


class _Ids(msgspec.Struct):
    """The keys that may hold an id, in the order in which :func:`parse` asks for them."""

    conversation_id: object = msgspec.UNSET
    conv_id: object = msgspec.UNSET
    id: object = msgspec.UNSET


_OWN_ID = re.compile(rb'\{"id":"([^"\\]+)","facts":').match
"""How a line begins that this program wrote."""
_IDS_ONLY = msgspec.json.Decoder(_Ids)


def id_of(data: bytes | str) -> str:
    """The id of the conversation in a JSON text, without reading the rest; '' where there is none to be seen."""
    if isinstance(data, bytes) and (own := _OWN_ID(data)):
        return own[1].decode(errors="replace")
    try:
        ids = _IDS_ONLY.decode(data)
        given = (ids.conversation_id, ids.conv_id, ids.id)
        return text_of(next((each for each in given if each is not msgspec.UNSET), None))
    except (msgspec.MsgspecError, RecursionError, ArchiveError):
        return ""
