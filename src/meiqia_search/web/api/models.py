"""What the interface takes and gives; the fields of a conversation are those of ``fields.py``."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, create_model

from meiqia_search.fields import FIELDS, Kind
from meiqia_search.fields import Field as Declared
from meiqia_search.query.filter import TEXT_LENGTH
from meiqia_search.query.request import PAGE_SIZE

CURSOR_LENGTH = 2_000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SortBody(_Strict):
    """Order by a field."""

    field: str = Field("started_at", max_length=40)
    descending: bool = True


class SearchBody(_Strict):
    """A search: a filter as JSON, words as in the search box, or both."""

    where: JsonValue = Field(None, description='条件，例如 {"term": {"field": "channel", "values": ["wechat"]}}')
    q: str = Field("", max_length=TEXT_LENGTH, description="与搜索框相同的写法")
    sort: SortBody | Literal["relevance"] = Field(default_factory=SortBody.model_construct)
    size: int = Field(20, ge=1, le=PAGE_SIZE)
    after: str | None = Field(None, max_length=CURSOR_LENGTH, description="上一次回答中的 next 或 previous")


class Piece(_Strict):
    """A piece of text, found or not."""

    text: str
    hit: bool


class SnippetOut(_Strict):
    """A message cut around its first hit; ``message`` is its id, empty for a note."""

    speaker: str
    name: str
    message: str
    pieces: list[Piece]
    cut_before: bool
    cut_after: bool


class MessageOut(_Strict):
    """One utterance; ``at`` is null where the source gave no time."""

    id: str
    speaker: str
    name: str
    agent: str
    kind: str
    at: str | None
    text: str
    url: str
    hit: bool


def _type(declared: Declared) -> object:
    one: Any = int if declared.kind is Kind.NUMBER else str
    return list[one] if declared.many else one | None


_FACTS: dict[str, Any] = {
    declared.name: (_type(declared), Field(None, description=declared.label))
    for declared in FIELDS.values()
    if declared.name != "id"
}
Facts: type[BaseModel] = create_model("Facts", __base__=_Strict, id=(str, ...), **_FACTS)
Item: type[BaseModel] = create_model("Item", __base__=Facts, hits=(int, ...), snippets=(list[SnippetOut], ...))
ConversationOut: type[BaseModel] = create_model(
    "Conversation", __base__=Facts, reach=(str, ...), messages=(list[MessageOut], ...)
)


class NoticeOut(_Strict):
    """What the question may have got wrong: a value that no visible conversation has, and values that some have."""

    message: str
    field: str
    value: str
    known: list[str]


class Results(_Strict):
    """One page of what was found; ``next`` and ``previous`` go into ``after``."""

    total: int
    items: list[Item]
    next: str | None
    previous: str | None
    sentence: str
    reach: str
    notices: list[NoticeOut]


class RevealBody(_Strict):
    """What shall be clear for five minutes: a kind of personal value, or one field of the customer's card, and why."""

    kind: str = Field("", max_length=40, description="会话里的哪一类个人信息，例如 phone")
    field: str = Field("", max_length=40, description="或客户信息里的哪个字段，例如 wechat_id")
    reason: str = Field("", max_length=1_000, description="理由，4 到 200 个字，写入审计")
    password: str = Field("", max_length=1_000, description="自己的密码；五分钟内输过就不用")


class RevealOut(_Strict):
    """Until when the same session reads it clear."""

    target: str
    until: str


class EntryOut(_Strict):
    """One entry of the audit; ``digest`` is number and SHA-256 of all records where ``ids`` holds only the first."""

    seq: int
    at: str
    action: str
    person: str
    name: str
    role: str
    policy: int
    surface: str
    address: str
    trace: str
    session: str
    sentence: str
    ids: list[str]
    digest: str
    count: int
    outcome: str
    hash: str


class AuditPage(_Strict):
    """One page of the audit; ``newer`` and ``older`` go into ``after``.

    ``uncertain`` counts entries that may be about these records too. ``last`` is the newest number of the log,
    ``signed`` that of the last checkpoint, and ``agrees`` says whether the log still has what was signed.
    """

    total: int
    items: list[EntryOut]
    newer: str | None
    older: str | None
    sentence: str
    uncertain: int
    last: int
    signed: int | None
    agrees: bool


class FaultOut(_Strict):
    """What is wrong with one part of the request."""

    pointer: str
    code: str
    message: str


class ProblemOut(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    trace_id: str
    errors: list[FaultOut]
    retry_after: int | None = None
