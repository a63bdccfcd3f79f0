"""Every error the program can show, in one tree.

    ArchiveError
    ├── BadRequest                    the question cannot be asked like this
    │   ├── QuerySyntaxError
    │   ├── LimitExceeded
    │   ├── UnknownField
    │   ├── BadValue
    │   ├── ReasonNeeded
    │   ├── BadRole
    │   ├── LastAdministrator
    │   ├── ChangedMeanwhile
    │   ├── KeyInUse
    │   └── BadCursor
    ├── Refused                       the question may not be asked by this person
    │   ├── NotSignedIn
    │   ├── SignInFailed
    │   ├── TooManyAttempts
    │   ├── PasswordNeeded
    │   ├── TokenRefused
    │   ├── CrossSiteRefused
    │   ├── FieldNotAllowed
    │   ├── TooManyLookUps
    │   ├── QuotaUsedUp
    │   ├── ReadOnlyPreview
    │   └── ActionNotAllowed
    ├── NotFound                      absent and forbidden are the same answer
    ├── Unavailable                   try again later
    │   ├── EngineUnavailable
    │   ├── IndexMissing
    │   ├── SearchTimeout
    │   ├── Busy
    │   ├── AuditUnavailable
    │   ├── AuditDamaged
    │   └── RecordUnavailable
    ├── StorageFull
    ├── BadInput                      a file or payload that cannot be taken in
    │   ├── UnreadableFile
    │   ├── UnknownMapping
    │   └── BadConversation
    └── BadConfiguration

Each class has a stable ``code``, an HTTP ``status``, a process ``exit_code`` and a Chinese ``title``; each instance has
a Chinese ``detail`` that says what happened and what to do, and ``data``. None of them ever carries a path of the
server, SQL, message text or the name of an index.
"""

from collections.abc import Iterator
from typing import ClassVar


class ArchiveError(Exception):
    """Base of all errors that are meant for people."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    title: ClassVar[str] = "程序出错"
    remedy: ClassVar[str] = "请稍后重试；若反复出现，请把请求编号发给管理员。"

    def __init__(self, detail: str = "", **data: str | int) -> None:
        self.detail = detail or self.remedy
        self.data = data
        super().__init__(self.detail)


class BadRequest(ArchiveError):
    code, status, exit_code = "bad-request", 422, 2
    title = "请求有误"
    remedy = "请检查输入后重试。"


class QuerySyntaxError(BadRequest):
    code = "query-syntax"
    title = "看不懂这个查询"
    remedy = "请检查引号和括号是否成对。"


class LimitExceeded(BadRequest):
    code = "limit-exceeded"
    title = "超出上限"
    remedy = "请缩小范围后重试。"


class UnknownField(BadRequest):
    code = "unknown-field"
    title = "没有这个字段"
    remedy = "请使用筛选栏里列出的字段名。"


class BadValue(BadRequest):
    code = "bad-value"
    title = "字段的值不对"
    remedy = "请按字段要求的格式填写。"


class ReasonNeeded(BadRequest):
    code = "reason-needed"
    title = "请写明查看明文的理由"
    remedy = "例如“客户要求回电”。"


class BadRole(BadRequest):
    code = "bad-role"
    title = "角色的定义不对"
    remedy = "没有任何改动。请按提示修改后重试。"


class LastAdministrator(BadRequest):
    code, status = "last-administrator", 409
    title = "至少要留一位管理员"
    remedy = "没有任何改动。这样改之后，再没有能登录的人可以管理人员和角色；请先让另一个账号具有这项功能。"


class ChangedMeanwhile(BadRequest):
    code, status = "changed-meanwhile", 409
    title = "刚刚有人改过"
    remedy = "没有任何改动。请刷新后在新的内容上再改。"


class KeyInUse(BadRequest):
    code, status = "key-in-use", 409
    title = "密钥仍在使用"
    remedy = "没有任何改动。索引里还有用它计算的指纹；请先运行 meiqia-search rebuild。"


class BadCursor(BadRequest):
    code, status = "cursor-invalid", 400
    title = "翻页位置已失效"
    remedy = "请回到第一页重新开始。"


class Refused(ArchiveError):
    code, status, exit_code = "refused", 403, 3
    title = "没有权限"
    remedy = "如需使用，请联系管理员。"


class NotSignedIn(Refused):
    code, status = "not-signed-in", 401
    title = "请先登录"
    remedy = "登录后再试。"


class SignInFailed(Refused):
    code, status = "sign-in-failed", 401
    title = "登录失败"
    remedy = "账号或密码不对。忘记密码请联系管理员。"


class TooManyAttempts(Refused):
    code, status = "too-many-attempts", 429
    title = "尝试次数过多"
    remedy = "请稍后再试。"


class PasswordNeeded(Refused):
    code = "password-needed"
    title = "请再输一次密码"
    remedy = "没有任何改动。改变权限或查看明文之前，请再输一次您自己的密码；五分钟内有效。"


class TokenRefused(Refused):
    code, status = "token-refused", 401
    title = "令牌无效"
    remedy = "这个令牌不存在、已过期或已撤销。请在“我的账号”里新建一个。"


class CrossSiteRefused(Refused):
    code = "cross-site"
    title = "请求来源不对"
    remedy = "请从本系统的页面重新提交。"


class FieldNotAllowed(Refused):
    code = "field-not-allowed"
    title = "不能使用这个字段"
    remedy = "您的角色不能按这个字段查找或排序；如需使用，请联系管理员。"


class TooManyLookUps(Refused):
    code, status = "too-many-look-ups", 429
    title = "按个人信息查找得太频繁"
    remedy = "请稍后再试。"


class QuotaUsedUp(Refused):
    code = "quota-used-up"
    title = "今天的次数已用完"
    remedy = "请明天再试；如需更多次数，请联系管理员。"


class ReadOnlyPreview(Refused):
    code = "read-only-preview"
    title = "预览时只能查看"
    remedy = "没有任何改动。您正在以别人的身份预览；请先点页面上方的“结束预览”。"


class ActionNotAllowed(Refused):
    code = "action-not-allowed"
    title = "不能执行这个操作"
    remedy = "您的角色没有这项功能；如需使用，请联系管理员。"


class NotFound(ArchiveError):
    code, status, exit_code = "not-found", 404, 4
    title = "找不到"
    remedy = "它可能已删除，或不在您的可见范围。"


class Unavailable(ArchiveError):
    code, status, exit_code = "unavailable", 503, 5
    title = "暂时不可用"
    remedy = "数据没有丢失，请稍后重试。"


class EngineUnavailable(Unavailable):
    code = "engine-unavailable"
    title = "搜索引擎暂时不可用"
    remedy = "会话都在，只是现在查不了；请稍后重试。"


class IndexMissing(Unavailable):
    code = "index-missing"
    title = "索引尚未建立"
    remedy = "请管理员运行 meiqia-search rebuild。会话都在档案里，没有丢失。"


class SearchTimeout(Unavailable):
    code = "search-timeout"
    title = "查询太宽，已停止"
    remedy = "您的条件都还在。请缩小时间范围，或去掉过于常见的词。"


class Busy(Unavailable):
    code = "busy"
    title = "同时进行的查询太多"
    remedy = "请等前面的查询结束后再试。"


class AuditUnavailable(Unavailable):
    code = "audit-unavailable"
    title = "审计日志写不进去，因此不能显示数据"
    remedy = "请管理员检查审计日志所在的磁盘。"


class AuditDamaged(Unavailable):
    code, status, exit_code = "audit-damaged", 500, 9
    title = "审计日志被改动或已损坏"
    remedy = "请运行 meiqia-search audit verify 查看从哪一条起，保留现场，并与备份和检查点核对。"


class RecordUnavailable(Unavailable):
    code = "record-unavailable"
    title = "档案数据库暂时不可用"
    remedy = "请管理员检查数据库是否在运行；已确认的数据没有丢失。"


class StorageFull(ArchiveError):
    code, status, exit_code = "storage-full", 507, 6
    title = "磁盘已满"
    remedy = "已确认的数据没有丢失；请腾出空间后重新运行同一命令，会从中断处继续。"


class BadInput(ArchiveError):
    code, status, exit_code = "bad-input", 422, 7
    title = "无法导入"
    remedy = "请检查文件内容。"


class UnreadableFile(BadInput):
    code = "unreadable-file"
    title = "读不了这个文件"
    remedy = "请检查文件是否存在、是否完整、格式是否正确。"


class UnknownMapping(BadInput):
    code = "unknown-mapping"
    title = "认不出表格的列"
    remedy = "请用 --map 列名=字段 指定对应关系。"


class BadConversation(BadInput):
    code = "bad-conversation"
    title = "这条会话的内容不对"
    remedy = "请修正后重新导入。"


class BadConfiguration(ArchiveError):
    code, exit_code = "bad-configuration", 8
    title = "配置有误"
    remedy = "请检查配置后重新启动。"


def _tree(kind: type[ArchiveError]) -> Iterator[type[ArchiveError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _tree(each)


TREE = tuple(_tree(ArchiveError))
"""Every error, parents first."""
TITLES = {kind.code: kind.title for kind in TREE}
"""What happened, by code."""
