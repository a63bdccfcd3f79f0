"""300 conversations of an invented shop, the same every time; every test that needs many shares them."""

from collections.abc import Sequence
from functools import cache
from random import Random

from meiqia_search.acl.principal import Principal
from meiqia_search.aggregations.metrics import measured
from meiqia_search.clock import DAY, SECOND
from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.fields import FIELDS, Value
from meiqia_search.privacy.fingerprint import Key
from meiqia_search.privacy.passage import for_index
from meiqia_search.query.meaning import Subject

COUNT = 300
KEY = Key("k1", b"of the tests, and 32 bytes long  ")
"""Under which personal values are hashed."""
MINUTE = 60 * SECOND
FIRST_DAY = 1_767_196_800 * SECOND  # 2026-01-01 00:00 in Shanghai
AGENTS = {"k1": "小林", "k2": "苗苗", "k3": "陈思远", "k4": "小王", "k5": "刘洋", "k6": "小王"}
GROUPS = {"g1": "售前组", "g2": "售后组", "g3": "投诉组"}
GROUP_OF = {"k1": "g1", "k2": "g1", "k3": "g2", "k4": "g2", "k5": "g3", "k6": "g3"}

PRINCIPALS = (
    Principal("p1", "小林", "agent", agents=("k1",)),
    Principal("p2", "两个账号", "agent", agents=("k3", "k6")),
    Principal("p3", "没有账号", "agent", groups=("g1",)),
    Principal("p4", "别处的人", "agent", agents=("k99",)),
    Principal("p5", "组长", "leader", groups=("g2",)),
    Principal("p6", "两组的组长", "leader", groups=("g1", "g3")),
    Principal("p7", "没有组", "leader", agents=("k1",)),
    Principal("p8", "主管", "supervisor"),
    Principal("p9", "管理员", "administrator"),
    Principal("p10", "不认识的角色", "manager", agents=("k1",), groups=("g1",)),
)
"""Holders of every role, with and without what the role needs."""
AGENT, EVERYONE, NOBODY = PRINCIPALS[0], PRINCIPALS[8], PRINCIPALS[9]

_ASKED = (
    "退款一直没到账，都三天了",
    "我的訂單退款什麼時候能到賬？",
    "请问{thing}还有货吗",
    "{thing}坏了，要怎么退换货",
    "快递显示已签收，可是我没收到{thing}",
    "发票抬头开错了，能重开吗",
    "优惠券用不了，提示“不满足条件”",
    "订单 A-{number} 什么时候发货",
    "ＶＩＰ　会员有什么权益？",
    "催  一下\t物流\n谢谢",
    "手机号是 {phone}，麻烦查一下",
)
_ANSWERED = (
    "您好，请问有什么可以帮您？",
    "已经为您登记，预计 24 小时内退款到账",
    "{thing}现在有货，下单后当天发出",
    "麻烦提供一下订单号",
    "这边帮您催一下物流，请稍等~",
    "抱歉给您带来不便，已转接售后同事处理",
)
_ODD = (
    "嗯", "?", "好", "😀", "👨‍👩‍👧", "cafe\u0301 café CAFÉ",
    "straße ﬁne ½", "a\u200bb", "␣", "前␣后", "\x07响铃\x1f分隔",
    "　　全角空格　　",    " 前后有空格 ", "e\u0301\u0301\u0301", "아직 배송이 안 왔어요", "ÅΩ Å",
    "很很很很很很很好", "\n\n", "转\r\n行", "ｶﾞﾂ ガツ", "乾燥機乾淨", "𠮷野家 㐂",
    '引号 " 与 \\ 反斜杠', "(括号) OR -减 *星* 渠道:微信",
)  # fmt: skip
_THINGS = ("电饭煲", "吹风机", "蓝牙耳机", "机械键盘", "行李箱", "儿童书包")
_TAGS = ("退款", "物流", "质量", "发票", "VIP", "加急")
_LEFT_OUT = 0.15


class _Scene:
    """One conversation in the making."""

    def __init__(self, number: int, random: Random) -> None:
        self.number, self.random = number, random
        self.at = FIRST_DAY + random.randrange(300 * DAY // MINUTE) * MINUTE + random.randrange(MINUTE)
        self.dated = number % 17 != 0
        self.agents = random.sample(sorted(AGENTS), random.choice((0, 1, 1, 1, 1, 2, 3)))

    def text(self, speaker: Speaker) -> str:
        if self.random.random() < 0.2:
            return self.random.choice(_ODD)
        phone = f"1390000{self.random.randrange(10_000):04}"
        said = self.random.choice(_ANSWERED if speaker is Speaker.AGENT else _ASKED)
        return said.format(thing=self.random.choice(_THINGS), number=self.random.randrange(100), phone=phone)

    def message(self, speaker: Speaker) -> Message:
        self.at += self.random.randrange(5, 400) * SECOND
        agent = self.random.choice(self.agents) if speaker is Speaker.AGENT else ""
        at = self.at if self.dated and self.random.random() > 0.05 else None
        return Message(speaker, self.text(speaker), at, agent=agent)

    def messages(self) -> list[Message]:
        some = self.random.randrange(10)
        answering = Speaker.AGENT if self.agents else Speaker.BOT
        speakers = [Speaker.CUSTOMER, answering] * (some // 2) + [Speaker.SYSTEM, Speaker.BOT][: some % 3]
        return [self.message(speaker) for speaker in speakers]

    def one_of(self, name: str, *others: str) -> tuple[Value, ...]:
        values = (*FIELDS[name].labels, *others)
        return () if self.random.random() < _LEFT_OUT else (self.random.choice(values),)

    def facts(self) -> dict[str, tuple[Value, ...]]:
        random = self.random
        begin = self.at
        facts: dict[str, tuple[Value, ...]] = {
            name: self.one_of(name)
            for name in ("channel", "type", "rating", "outcome", "closed_by", "customer_kind", "bot_handover")
        }
        facts |= {
            "agent": tuple(self.agents),
            "owner": tuple(self.agents[-1:]),
            "group": tuple(dict.fromkeys(GROUP_OF[agent] for agent in self.agents)),
            "tag": tuple(random.sample(_TAGS, random.randrange(4))),
            "transfers": (max(len(self.agents) - 1, 0),),
            "category": self.one_of("category", "物流", "售后", "技术支持"),
            "summary": (f"客户咨询{random.choice(_THINGS)}，已处理",) if random.random() < 0.3 else (),
            "customer": (f"c{self.number % 70}",),
            "customer_name": (random.choice(("张三丰", "欧阳娜娜", "李雷")),),
            "phone": (f"1380000{self.number:04}",),
            "email": (f"user{self.number}@example.com",),
        }
        if self.dated:
            facts["started_at"] = (begin,)
            facts["ended_at"] = (begin + random.randrange(60) * MINUTE,)
        return facts

    def conversation(self) -> Conversation:
        facts = self.facts()
        return measured(build(f"h{self.number:04}", facts, self.messages(), {"agent": AGENTS, "group": GROUPS}))


@cache
def corpus() -> tuple[Conversation, ...]:
    """All of them, as the record keeps them."""
    random = Random(20_261_122)
    return tuple(_Scene(number, random).conversation() for number in range(COUNT))


def indexed(conversations: Sequence[Conversation]) -> list[Conversation]:
    """As the index is given them."""
    return [for_index(conversation, KEY) for conversation in conversations]


@cache
def subjects() -> tuple[Subject, ...]:
    """What filters are held against."""
    return tuple(map(Subject, indexed(corpus())))
