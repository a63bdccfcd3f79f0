"""Every field of a conversation, declared once.

Index schemas, validation, labels, the search box, filters, sort keys, exports and the role matrix derive from
:data:`FIELDS`. Values are strings or whole numbers; times are whole microseconds since 1970 UTC (see ``clock``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from enum import StrEnum

from meiqia_search.errors import BadValue, UnknownField

Value = str | int

SECOND = 1_000_000
SORT_LIMIT = 1 << 34
"""Sort values are 0 ≤ v < SORT_LIMIT - 1: seconds until the year 2514, or any count that occurs."""
KEYWORD_LENGTH = 1_000
NUMBER_LIMIT = 1 << 62
LATEST = 7_258_118_400 * SECOND
"""The first instant that is no longer taken, 2200-01-01 UTC; the first one taken is 0, 1970-01-01 UTC."""


def in_calendar(instant: int) -> bool:
    """Whether an instant is one that is taken, in 1970 to 2199."""
    return 0 <= instant < LATEST


class Kind(StrEnum):
    """What the values of a field are."""

    KEYWORD = "keyword"  # compared as a whole
    NUMBER = "number"  # whole, with a unit
    TIME = "time"  # microseconds since 1970 UTC
    TEXT = "text"  # searched like what was said, by the speaker NOTE


class Personal(StrEnum):
    """The kinds of personal data, each shown, masked or hidden by role."""

    NAME = "name"
    PHONE = "phone"
    LANDLINE = "landline"
    EMAIL = "email"
    USER_ID = "user_id"
    ACCOUNT = "account"  # WeChat, Weibo, QQ
    IP = "ip"
    ADDRESS = "address"
    URL = "url"
    ID_CARD = "id_card"
    BANK_CARD = "bank_card"
    PASSPORT = "passport"
    PLATE = "plate"
    FREE = "free"  # free text about the person


PERSONAL_LABELS: Mapping[Personal, str] = {
    Personal.NAME: "姓名",
    Personal.PHONE: "手机",
    Personal.LANDLINE: "座机",
    Personal.EMAIL: "邮箱",
    Personal.USER_ID: "用户编号",
    Personal.ACCOUNT: "账号",
    Personal.IP: "IP",
    Personal.ADDRESS: "地址",
    Personal.URL: "网址",
    Personal.ID_CARD: "身份证",
    Personal.BANK_CARD: "银行卡",
    Personal.PASSPORT: "护照",
    Personal.PLATE: "车牌",
    Personal.FREE: "个人信息",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what it is called, what it holds and what may be done with it.

    A field that is ``exact`` is not searched but by its whole value, of which the index keeps a keyed hash; one that is
    found ``by_sound``, by any part of it, in pinyin and by its initials. ``source`` names the keys under which Meiqia's API sends it, ``labels`` the Chinese words of known values, in their order of size where
    they have one.
    """

    name: str
    kind: Kind
    label: str
    group: str
    pinyin: str
    personal: Personal | None = None
    many: bool = False
    searchable: bool = False
    sortable: bool = False
    chartable: bool = False
    exact: bool = False
    by_sound: bool = False
    exported: bool = True
    unit: str = ""
    labels: Mapping[str, str] = default(default_factory=dict)
    source: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def quantum(self) -> int:
        """The step in which a sort sees the values."""
        return SECOND if self.kind is Kind.TIME else 1

    def show(self, value: Value) -> str:
        """The value's Chinese word, or the value itself."""
        return self.labels.get(str(value), str(value))

    def sort_value(self, value: Value | None) -> int | None:
        """The value as a sort sees it, 0 ≤ v < SORT_LIMIT - 1; ``None`` (which comes last) for nothing."""
        if value is None:
            return None
        if isinstance(value, str):
            ranks = list(self.labels)
            return ranks.index(value) if value in ranks else None
        return min(max(value // self.quantum, 0), SORT_LIMIT - 2)

    def check(self, value: object) -> Value:
        """The value, if this field can hold it.

        Raises:
            BadValue: wrong type, empty, too long or out of range.
        """
        if self.kind in {Kind.KEYWORD, Kind.TEXT}:
            if not isinstance(value, str) or not value:
                raise BadValue(f"“{self.label}”应为非空文字。")
            if self.kind is Kind.KEYWORD and len(value) > KEYWORD_LENGTH:
                raise BadValue(f"“{self.label}”超过 {KEYWORD_LENGTH} 字。")
            return value
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadValue(f"“{self.label}”应为整数。")
        if not -NUMBER_LIMIT < value < NUMBER_LIMIT:
            raise BadValue(f"“{self.label}”的数字太大。")
        return value


CHANNELS = {
    "web": "网页",
    "wechat": "微信",
    "weibo": "微博",
    "app": "App",
    "email": "邮件",
    "phone": "电话",
}
YES_NO = {"yes": "是", "no": "否"}


def _keyword(name: str, label: str, pinyin: str, group: str, **more: object) -> Field:
    return Field(name, Kind.KEYWORD, label, group, pinyin, **more)  # type: ignore[arg-type]


def _handle(name: str, label: str, pinyin: str, personal: Personal, **more: object) -> Field:
    """By what a customer is known elsewhere."""
    return _keyword(name, label, pinyin, "客户", personal=personal, exact=True, **more)


def _number(name: str, label: str, pinyin: str, group: str, unit: str, **more: object) -> Field:
    return Field(name, Kind.NUMBER, label, group, pinyin, unit=unit, searchable=True, **more)  # type: ignore[arg-type]


def _time(name: str, label: str, pinyin: str, **more: object) -> Field:
    return Field(name, Kind.TIME, label, "时间", pinyin, searchable=True, **more)  # type: ignore[arg-type]


_DECLARED = (
    _keyword("id", "编号", "bianhao", "会话", searchable=True, source=("conv_id",)),
    _keyword(
        "channel", "渠道", "qudao", "会话", searchable=True, chartable=True, labels=CHANNELS,
        source=("main_channel", "platform"),
    ),
    _keyword("sub_channel", "子渠道", "ziqudao", "会话", searchable=True, chartable=True, source=("sub_channel",)),
    _keyword(
        "type", "聊天类型", "leixing", "会话", searchable=True, chartable=True, also=("类型",),
        labels={"inquiry": "咨询", "complaint": "投诉", "feedback": "反馈", "suggestion": "建议", "service": "售后"},
    ),
    _keyword("category", "问题分类", "fenlei", "会话", searchable=True, chartable=True, also=("分类",)),
    _keyword("topic", "具体问题", "wenti", "会话", searchable=True, chartable=True, also=("问题",)),
    _keyword("tag", "标签", "biaoqian", "会话", many=True, searchable=True, chartable=True, source=("conv_tags",)),
    Field("summary", Kind.TEXT, "小结", "会话", "xiaojie", source=("summary_content",)),
    Field("subject", Kind.TEXT, "主题", "会话", "zhuti"),
    # who answered
    _keyword("agent", "客服", "kefu", "客服", many=True, searchable=True, chartable=True),
    _keyword("owner", "主接待", "zhujiedai", "客服", searchable=True, chartable=True, source=("agent_ID", "agent_id")),
    _keyword(
        "group", "客服组", "zu", "客服", many=True, searchable=True, chartable=True, also=("组",), source=("group_id",),
    ),
    _keyword("agent_account", "客服账号", "kefuzhanghao", "客服", source=("agent_account",)),
    # how it went
    _keyword(
        "rating", "满意度", "manyidu", "结果", searchable=True, sortable=True, chartable=True, also=("评价",),
        labels={"poor": "差评", "fair": "中评", "good": "好评"},
    ),
    Field("rating_comment", Kind.TEXT, "评价留言", "结果", "pingjialiuyan"),
    _keyword(
        "outcome", "解决状态", "jiejue", "结果", searchable=True, chartable=True, also=("状态", "结果"),
        labels={"resolved": "已解决", "unresolved": "未解决"},
    ),
    _keyword(
        "closed_by", "结束方式", "jieshufangshi", "结果", searchable=True, chartable=True,
        labels={"agent": "客服结束", "customer": "客户结束", "timeout": "超时结束"},
    ),
    _keyword("bot_handover", "机器人转人工", "zhuanrengong", "结果", searchable=True, chartable=True, labels=YES_NO),
    _keyword("reopened", "重新打开", "chongxindakai", "结果", searchable=True, chartable=True, labels=YES_NO),
    _keyword(
        "effective", "有效会话", "youxiao", "结果", searchable=True, chartable=True, labels=YES_NO, source=("effective",),
    ),
    _keyword("missed", "未接会话", "weijie", "结果", searchable=True, chartable=True, labels=YES_NO, source=("missed",)),
    _keyword(
        "quality_grade", "对话评级", "pingji", "结果", searchable=True, chartable=True, source=("conv_quality_grade",),
    ),
    _keyword("inspection_level", "质检等级", "zhijian", "结果", searchable=True, chartable=True, source=("comment_level",)),
    # when
    _time("started_at", "开始时间", "shijian", sortable=True, chartable=True, also=("时间",), source=("conv_start_tm",)),
    _time("ended_at", "结束时间", "jieshushijian", sortable=True, source=("conv_end_tm",)),
    _time("summary_updated_at", "小结更新时间", "xiaojiegengxin", source=("summary_update_at",)),
    # how much, how fast
    _number("duration", "会话时长", "shichang", "用时", "秒", sortable=True, chartable=True, also=("时长",)),
    _number("first_response", "首次响应", "shouxiang", "用时", "秒", sortable=True, chartable=True, also=("首响",)),
    _number(
        "source_first_response", "首次响应（源）", "yuanshouxiang", "用时", "秒", source=("conv_first_resp_wait_in_secs",),
    ),
    _number("average_response", "平均响应", "pingjunxiangying", "用时", "秒", sortable=True, chartable=True),
    _number("source_average_response", "平均响应（源）", "yuanpingjun", "用时", "秒", source=("agent_resp_duration",)),
    _number("messages", "消息数", "xiaoxishu", "数量", "条", sortable=True, chartable=True),
    _number("customer_messages", "客户消息数", "kehuxiaoxishu", "数量", "条", source=("conv_visitor_msg_count",)),
    _number("agent_messages", "客服消息数", "kefuxiaoxishu", "数量", "条", source=("conv_agent_msg_count",)),
    _number("bot_messages", "机器人消息数", "jiqirenxiaoxishu", "数量", "条"),
    _number("transfers", "转接次数", "zhuanjie", "数量", "次", chartable=True, also=("转接",)),
    _number("attachments", "附件数", "fujian", "数量", "个", also=("附件",)),
    # the customer: a card of its own, each field with its own right
    _keyword("customer", "客户编号", "kehubianhao", "客户", searchable=True, source=("client_id",)),
    _keyword(
        "customer_name", "客户姓名", "xingming", "客户", personal=Personal.NAME, by_sound=True, also=("姓名",),
        source=("visitor_name",),
    ),
    _handle("phone", "手机", "shouji", Personal.PHONE, many=True, also=("电话号码",), source=("tel",)),
    _handle("email", "邮箱", "youxiang", Personal.EMAIL, many=True, source=("email",)),
    _handle("id_card", "身份证", "shenfenzheng", Personal.ID_CARD, also=("身份证号",)),
    _handle("user_id", "用户编号", "yonghubianhao", Personal.USER_ID, source=("dev_client_id",)),
    _handle("track_id", "访客标识", "fangke", Personal.USER_ID, source=("_m_track_id",)),
    _handle("wechat_id", "微信号", "weixinhao", Personal.ACCOUNT, source=("weixin",)),
    _handle("weibo_id", "微博账号", "weibozhanghao", Personal.ACCOUNT, source=("weibo",)),
    _handle("qq", "QQ", "qq", Personal.ACCOUNT, source=("qq",)),
    _keyword("address", "地址", "dizhi", "客户", personal=Personal.ADDRESS, source=("address",)),
    _keyword("gender", "性别", "xingbie", "客户", source=("gender",)),
    _keyword("age", "年龄", "nianling", "客户", source=("age",)),
    Field("customer_note", Kind.TEXT, "客户备注", "客户", "kehubeizhu", personal=Personal.FREE, source=("comment",)),
    Field("leads", Kind.TEXT, "线索", "客户", "xiansuo", personal=Personal.FREE, source=("conv_leads",)),
    _keyword(
        "customer_tag", "客户标签", "kehubiaoqian", "客户", many=True, searchable=True, chartable=True,
        source=("visitor_tags",),
    ),
    _keyword(
        "customer_kind", "客户类型", "kehuleixing", "客户", searchable=True, chartable=True,
        labels={"vip": "VIP", "regular": "老客户", "new": "新客户"},
    ),
    _keyword("region", "地区", "diqu", "客户", searchable=True, chartable=True, source=("visitor_location",)),
    # where they came from
    _keyword("ip", "IP", "ip", "来源", personal=Personal.IP, source=("visitor_ip",)),
    _keyword("os", "操作系统", "xitong", "来源", searchable=True, chartable=True, source=("visitor_os",)),
    _keyword("browser", "浏览器", "liulanqi", "来源", searchable=True, chartable=True, source=("visitor_browser",)),
    _keyword("source_type", "来源类型", "laiyuan", "来源", searchable=True, chartable=True, source=("source_type",)),
    _keyword("source_value", "来源", "laiyuanzhi", "来源", searchable=True, chartable=True, source=("source_field",)),
    _keyword(
        "search_engine", "搜索引擎", "sousuoyinqing", "来源", searchable=True, chartable=True,
        source=("search_engine_name",),
    ),
    _keyword("search_keyword", "搜索词", "sousuoci", "来源", source=("search_engine_kw",)),
    Field("from_url", Kind.TEXT, "来源页", "来源", "laiyuanye", personal=Personal.URL, source=("page_from_url",)),
    Field("land_url", Kind.TEXT, "着陆页", "来源", "zhuoluye", personal=Personal.URL, source=("page_land_url",)),
    _keyword("land_title", "着陆页标题", "zhuoluyebiaoti", "来源", source=("page_land_title",)),
    Field("conversation_url", Kind.TEXT, "对话页", "来源", "duihuaye", personal=Personal.URL, source=("page_conv_url",)),
    _keyword("conversation_title", "对话页标题", "duihuayebiaoti", "来源", source=("page_conv_title",)),
    _keyword("advertiser", "广告主", "guanggaozhu", "来源", searchable=True, source=("advertiser_name", "advertiser_id")),
    _keyword("campaign", "广告计划", "guanggaojihua", "来源", searchable=True, source=("campaign_name", "campaign_id")),
    _keyword("creative", "广告创意", "chuangyi", "来源", searchable=True, source=("creativity_name", "creativity_id")),
    _keyword("enterprise", "企业编号", "qiye", "来源", exported=False, source=("enterprise_id",)),
)  # fmt: skip

FIELDS: Mapping[str, Field] = {field.name: field for field in _DECLARED}
EXACT: Mapping[str, Personal] = {field.name: field.personal for field in _DECLARED if field.exact and field.personal}
"""The fields that are found by their exact whole value alone, and of which kind of personal data they are."""
NAMES = tuple(field.name for field in _DECLARED if field.by_sound)
TEXT_FIELDS = tuple(f.name for f in _DECLARED if f.kind is Kind.TEXT and f.personal is None)
"""Texts about the conversation that are searched like what was said."""


def _words() -> dict[str, Field]:
    words: dict[str, Field] = {}
    for field in _DECLARED:
        for word in (field.name, field.label, field.pinyin, *field.also):
            if words.setdefault(word.casefold(), field) is not field:
                raise AssertionError(f"{word} names two fields")
    return words


WORDS: Mapping[str, Field] = _words()
"""What a person may call a field in the search box: its name, label, pinyin or another word for it."""


def get(name: str) -> Field:
    """The field of exactly this name.

    Raises:
        UnknownField: there is none; nothing is trimmed, folded or guessed.
    """
    try:
        return FIELDS[name]
    except KeyError:
        raise UnknownField(f"没有名为“{name[:40]}”的字段。", field=name[:40]) from None
