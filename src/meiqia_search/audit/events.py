"""The closed catalogue of what leaves a trace. An event never holds message text or unmasked personal values."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self

from meiqia_search.errors import TITLES
from meiqia_search.fields import KEYWORD_LENGTH
from meiqia_search.privacy.passage import redacted

IDS = 100
"""An event names at most so many records; of more, the first, their number and a digest of all are kept."""


class Action(StrEnum):
    """What was done, and what people call it."""

    label: str

    def __new__(cls, value: str, label: str) -> Self:
        made = str.__new__(cls, value)
        made._value_, made.label = value, label
        return made

    SEARCH = "search", "搜索"
    LOOK_UP = "look_up", "按个人信息查找"  # one exact value; what was found is told by the search that follows
    COUNT = "count", "统计"
    READ = "read", "查看会话"
    REVEAL = "reveal", "查看明文"
    PREVIEW = "preview", "以他人身份预览"  # begun and ended
    EXPLAIN = "explain", "解释查询"
    SIGN_IN = "sign_in", "登录"
    SIGN_IN_FAILED = "sign_in_failed", "登录失败"
    SIGN_OUT = "sign_out", "退出登录"
    CONFIRM = "confirm", "再次输入密码"  # before a change of rights
    LIST_SESSIONS = "list_sessions", "列出登录"
    END_SESSION = "end_session", "结束登录"
    ADD_TOKEN = "add_token", "新增令牌"
    LIST_TOKENS = "list_tokens", "列出令牌"
    REVOKE_TOKEN = "revoke_token", "撤销令牌"
    TOKEN_REFUSED = "token_refused", "令牌被拒"
    ADD_PERSON = "add_person", "新增账号"
    LIST_PEOPLE = "list_people", "列出账号"
    CHANGE_PERSON = "change_person", "修改账号"
    DISABLE_PERSON = "disable_person", "停用账号"
    ENABLE_PERSON = "enable_person", "启用账号"
    RESET_PASSWORD = "reset_password", "重设密码"
    CHANGE_ROLES = "change_roles", "权限变更"
    COUNT_REACH = "count_reach", "估算可见范围"  # how many conversations people would see
    REFUSED = "refused", "越权被拒"  # something that the role may not do
    INITIALISE = "initialise", "建立档案"
    IMPORT = "import", "导入"
    REBUILD = "rebuild", "重建索引"
    ROLL_BACK = "roll_back", "换回旧索引"
    VERIFY = "verify", "核对索引"
    MOVE = "move", "搬迁档案"
    ROTATE_KEY = "rotate_key", "更换查找密钥"
    RETIRE_KEY = "retire_key", "停用查找密钥"
    READ_AUDIT = "read_audit", "查看审计"
    EXPORT_AUDIT = "export_audit", "导出审计"
    VERIFY_AUDIT = "verify_audit", "校验审计"
    LIST_ALERTS = "list_alerts", "列出异常"
    ACKNOWLEDGE = "acknowledge", "确认异常"
    CHANGE_RULES = "change_rules", "修改异常规则"


OK = "ok"
ACTIONS: Mapping[str, Action] = {each.value: each for each in Action}
_OUTCOMES = {OK: "成功", "error": "程序出错"}


def action_label(action: str) -> str:
    """What people call an action; of one that this version does not know, its name."""
    return ACTIONS[action].label if action in ACTIONS else action


def outcome_label(outcome: str) -> str:
    """How something ended: well, or with the code of an error."""
    return _OUTCOMES.get(outcome) or TITLES.get(outcome, outcome)


@dataclass(frozen=True, slots=True)
class Visit:
    """By which way (``web``, ``api`` or ``cli``) and from where.

    ``trace`` is the number of the request, ``session`` what tells this session or token from others.
    """

    surface: str
    address: str = ""
    trace: str = ""
    session: str = ""


class SeenAs(NamedTuple):
    """As whom somebody looks in a preview."""

    person: str
    login: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the id of a person ('' for nobody known), with the role they have just then."""

    person: str
    role: str
    visit: Visit
    seen_as: SeenAs | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what, under which version of the rules, to what, with what outcome.

    Personal values in ``sentence`` are replaced by their kind, whoever writes it; so are those in ``ids`` that came to
    nothing, since anything may have been typed there. In a preview both tell as whom it was.
    """

    action: Action
    by: Actor
    policy: int
    sentence: str = ""
    ids: tuple[str, ...] = ()
    count: int = 0
    outcome: str = OK

    def __post_init__(self) -> None:
        if seen_as := self.by.seen_as:
            told = f"以 {seen_as.login} 的身份预览：{self.sentence}".removesuffix("：")
            object.__setattr__(self, "sentence", told)
            object.__setattr__(self, "ids", (seen_as.person, *self.ids))
        object.__setattr__(self, "sentence", redacted(self.sentence))
        if self.outcome != OK:
            object.__setattr__(self, "ids", tuple(redacted(each[:KEYWORD_LENGTH]) for each in self.ids))
