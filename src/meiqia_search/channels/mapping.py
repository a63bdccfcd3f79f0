"""Which column of a table holds what."""

import re
from collections.abc import Iterator, Mapping, Sequence

from meiqia_search.errors import UnknownMapping
from meiqia_search.fields import FIELDS, WORDS

CONVERSATION_ID = "conversation_id"
SPEAKER = "speaker"
TEXT = "text"
AT = "at"
AGENT_NAME = "agent_name"
GROUP_NAME = "group_name"
KIND = "kind"
MESSAGE_TARGETS = (CONVERSATION_ID, SPEAKER, TEXT, AT, AGENT_NAME, GROUP_NAME, KIND)
TARGETS = frozenset(MESSAGE_TARGETS) | FIELDS.keys() - {"id"}
LEFT_OUT = ("", "-")
"""As targets these say that a column is not wanted."""

_BRACKETS = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]$")
_CALLED = re.compile(r"(?<=.)名称$")
_BLANKS = re.compile(r"[\s_\-]+")

_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    CONVERSATION_ID: (
        "编号", "会话编号", "会话id", "会话号", "会话标识", "对话编号", "对话id", "对话号", "对话标识", "id",
        "conversation", "conv_id", "chat_id", "session_id", "dialog_id", "dialogue_id", "ticket_id", "工单编号",
    ),
    SPEAKER: (
        "发送方", "发送人", "发送者", "发言人", "发言方", "说话人", "消息来源", "角色", "发送人类型", "发送者类型",
        "sender", "from", "role", "author", "sender_type", "speaker_type",
    ),
    TEXT: (
        "内容", "消息内容", "消息", "文字", "文本", "聊天内容", "聊天记录", "会话内容", "会话记录", "对话内容",
        "对话记录", "对话详情", "消息记录", "发言", "发言内容", "content", "message", "body", "msg", "transcript",
        "conv_content", "utterance",
    ),
    AT: (
        "发送时间", "消息时间", "发言时间", "时间戳", "timestamp", "sent_at", "send_time", "sent_time", "message_time",
        "msg_time",
    ),
    AGENT_NAME: (
        "客服", "客服昵称", "客服姓名", "客服名字", "客服名称", "坐席", "座席", "坐席姓名", "接待客服", "接待人",
        "agent", "agent_nick_name", "agent_nickname", "staff",
    ),
    GROUP_NAME: ("客服组", "组", "客服组名称", "分组", "技能组", "客服分组", "group", "team"),
    KIND: ("消息类型", "内容类型", "content_type", "message_type", "msg_type"),
    "owner": ("客服编号", "客服id", "坐席编号", "坐席id", "工号", "客服工号"),
    "group": ("客服组编号", "客服组id"),
    "started_at": (
        "会话开始时间", "对话开始时间", "对话时间", "会话时间", "创建时间", "日期", "start_time", "created_at", "date",
    ),
    "ended_at": ("会话结束时间", "对话结束时间", "end_time", "closed_at"),
    "customer": ("客户id", "顾客编号", "顾客id", "访客编号", "访客id", "customer_id", "visitor_id", "用户id"),
    "customer_name": (
        "客户", "顾客", "访客", "姓名", "客户名称", "客户昵称", "顾客名称", "顾客姓名", "访客名称", "访客昵称",
        "用户名称", "用户昵称", "visitor",
    ),
    "phone": ("电话", "手机号", "手机号码", "联系电话", "联系方式", "客户电话", "mobile"),
    "email": ("电子邮箱", "邮件", "邮箱地址", "mail", "e-mail"),
    "tag": ("对话标签", "会话标签", "tags"),
    "customer_tag": ("顾客标签", "访客标签"),
    "summary": ("对话小结", "会话小结", "小结内容", "摘要"),
    "subject": ("标题", "title"),
    "rating": ("顾客评价", "客户评价", "满意度评价", "satisfaction", "evaluation"),
    "rating_comment": ("评价内容", "客户留言"),
    "customer_note": ("备注", "顾客备注"),
    "region": ("地理位置", "省市", "城市", "location"),
    "channel": ("来源渠道", "对话渠道", "会话渠道", "平台"),
    "outcome": ("是否解决",),
    "category": ("问题类型",),
}  # fmt: skip

_MESSAGE_TIME = ("时间", "time", "shijian", "datetime")
"""Beside a column that says who spoke, this is when; else when the conversation began."""


def _key(header: str) -> str:
    return _BLANKS.sub("", header).casefold()


def _known() -> dict[str, str]:
    """Every way to write a header → target; what is listed above goes before the words of the fields."""
    known = {_key(target): target for target in TARGETS}
    known |= {_key(word): target for target, words in _SYNONYMS.items() for word in words}
    for word, field in WORDS.items():
        known.setdefault(_key(word), CONVERSATION_ID if field.name == "id" else field.name)
    for field in FIELDS.values():
        for source in field.source:
            known.setdefault(_key(source), CONVERSATION_ID if field.name == "id" else field.name)
    return known


_KNOWN = _known()


def target_of(header: str) -> str | None:
    """What a column of this name holds, or ``None``; ``渠道名称`` is 渠道, ``标签（多个）`` is 标签."""
    bare = _BRACKETS.sub("", header.strip())
    ways = (header, bare, _CALLED.sub("", bare.strip()))
    return next((target for way in ways if (target := _KNOWN.get(_key(way)))), None)


def detect(headers: Sequence[str], given: Mapping[str, str] | None = None) -> tuple[str | None, ...]:
    """For each column its target; what is given goes before what is recognised, an earlier column before a later one.

    Raises:
        UnknownMapping: a given column or target does not exist, or one target is given twice.
    """
    wanted = _wanted(headers, given or {})
    taken = {target for target in wanted.values() if target}
    found: list[str | None] = []
    for header, target in _recognised(headers):
        if header in wanted:
            found.append(wanted[header])
        elif target in taken:
            found.append(None)
        else:
            found.append(target)
            taken |= {target} if target else set()
    return tuple(found)


def _recognised(headers: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    targets = [target_of(header) for header in headers]
    per_message = SPEAKER in targets and AT not in targets
    for header, target in zip(headers, targets, strict=True):
        yield header, AT if per_message and _key(header) in _MESSAGE_TIME else target


def _wanted(headers: Sequence[str], given: Mapping[str, str]) -> dict[str, str | None]:
    wanted = {header: _target(target) for header, target in given.items()}
    if missing := [header for header in wanted if header not in headers]:
        raise UnknownMapping(f"表格里没有名为“{missing[0][:40]}”的列；表头是：{_listed(headers)}。")
    targets = [target for target in wanted.values() if target]
    if twice := next((target for target in targets if targets.count(target) > 1), None):
        raise UnknownMapping(f"有两列都指定为 {twice}；请只指定一列。")
    return wanted


def _target(word: str) -> str | None:
    if word in LEFT_OUT:
        return None
    target = word if word in TARGETS else target_of(word)
    if target is None:
        raise UnknownMapping(
            f"没有名为“{word[:40]}”的字段；可用：{'、'.join(MESSAGE_TARGETS)}，"
            f"以及 {'、'.join(sorted(TARGETS - set(MESSAGE_TARGETS)))}。"
        )
    return target


def is_header(targets: Sequence[str | None]) -> bool:
    """Whether these columns are enough to make conversations of."""
    return CONVERSATION_ID in targets and not {TEXT, "summary"}.isdisjoint(targets)


def missing(headers: Sequence[str], targets: Sequence[str | None]) -> UnknownMapping:
    """What to say when they are not."""
    lacks = [
        f"{what}（--map 列名={target}）"
        for target, what in ((CONVERSATION_ID, "会话编号"), (TEXT, "消息内容"))
        if target not in targets
    ]
    return UnknownMapping(f"表格里认不出{'和'.join(lacks)}这一列；请指定。前几行里看到的表头是：{_listed(headers)}。")


def _listed(headers: Sequence[str]) -> str:
    shown = "、".join(header[:40] for header in headers[:40])
    return shown + ("……" if len(headers) > 40 else "")
