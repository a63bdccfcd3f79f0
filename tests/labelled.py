"""Lines as customers write them, each with the personal values in it and where: made up, the same every time."""
# ruff: noqa: E501 - lines are read best as they are spoken

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from meiqia_search.fields import Personal
from meiqia_search.privacy.found import Found

COUNT = 6_000
_ADVERSARIAL = 0.3
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_FULL_WIDTH = str.maketrans("0123456789.@Xx", "０１２３４５６７８９．＠Ｘｘ")
_HAN = str.maketrans("0123456789", "零一二三四五六七八九")
_FORMAL = str.maketrans("0123456789", "零壹贰叁肆伍陆柒捌玖")
_SPOKEN = str.maketrans("0123456789", "〇幺二三四五六七八九")
_CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
_FILLED = str.maketrans("0123456789", "⓿❶❷❸❹❺❻❼❽❾")
_BOLD = str.maketrans("0123456789", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗")


@dataclass(frozen=True)
class Line:
    """A text and its personal values: start, end, kind, and the value in its plain spelling."""

    text: str
    spans: tuple[tuple[int, int, Personal, str], ...]
    adversarial: bool


def mobile(random: Random) -> str:
    return f"1{random.choice('3456789')}{random.randrange(10**9):09}"


def landline(random: Random) -> str:
    area = random.choice(("010", "021", "0755", "0571", "0592", "028"))
    return f"{area}-{random.choice('2345678')}{random.randrange(10**7):07}"


def id_card(random: Random) -> str:
    born = f"{random.randrange(1940, 2012)}{random.randrange(1, 13):02}{random.randrange(1, 29):02}"
    first = f"{random.choice(('110105', '310112', '440305', '510107', '330106', '650102'))}{born}{random.randrange(1000):03}"
    total = sum(int(digit) * weight for digit, weight in zip(first, _ID_WEIGHTS, strict=True))
    return first + "10X98765432"[total % 11]


def bank_card(random: Random) -> str:
    prefix, length = random.choice((("622848", 19), ("621700", 19), ("622202", 19), ("622588", 16), ("436742", 16)))
    first = f"{prefix}{random.randrange(10 ** (length - 7)):0{length - 7}}"
    return first + next(last for last in "0123456789" if is_luhn(first + last))


def is_luhn(number: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def email(random: Random) -> str:
    local = random.choice(("li.wei", "zhang_san", "wang", "z", "chen-yu", "Sun")) + random.choice(
        ("", "88", "1990", ".cn")
    )
    return f"{local}@{random.choice(('example.com', 'mail.example.cn', 'example.com.cn', 'qq.example', 'example.org'))}"


def name(random: Random) -> str:
    surname = random.choice("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾欧")
    surname = "欧阳" if surname == "欧" else surname
    return surname + random.choice(
        ("伟", "芳", "娜", "建国", "子轩", "雨桐", "志强", "晓燕", "浩然", "梦瑶", "静", "磊")
    )


def address(random: Random) -> str:
    place = random.choice(("广东省深圳市南山区科技园路", "北京市朝阳区建国路", "浙江省杭州市余杭区文一西路", "上海市闵行区七莘路",
                           "四川省成都市武侯区科华北路", "江苏省南京市江宁区天元东路", "重庆市渝北区龙山大道"))  # fmt: skip
    estate = random.choice(("阳光花园", "翡翠城", "", "和谐小区", "滨江一号"))
    number, block, room = random.randrange(1, 560), random.randrange(1, 28), random.randrange(101, 2604)
    return f"{place}{number}号{estate}{block}号楼{random.randrange(1, 5)}单元{room}室"


def plate(random: Random) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    return f"{random.choice('京沪粤浙苏川鲁闽')}{random.choice(letters)}{random.choice(letters)}{random.randrange(10_000):04}"


def passport(random: Random) -> str:
    return f"E{random.choice('ABCDEFGH')}{random.randrange(10**7):07}"


def wechat(random: Random) -> str:
    return f"{random.choice(('wx', 'abc', 'lily', 'sun'))}_{random.randrange(10**6):06}"


def address_of_machine(random: Random) -> str:
    return f"203.0.113.{random.randrange(1, 255)}"


_MAKERS: dict[Personal, tuple[Callable[[Random], str], tuple[str, ...]]] = {
    Personal.PHONE: (mobile, (
        "我的手机号是{}谢谢", "{}", "打我电话{}吧", "收件电话：{}，尽快发货", "联系方式{}（白天打）", "手机{}元旦前联系我",
        "1.{}", "tel:{}", "发到{}这个号上", "订单20260113812345678901的电话{}", "https://shop.example.com/u?tel={}&from=im",
        "电话 {} 备用", "麻烦拨打{}。", "<b>{}</b>", "{}/王", "账号{}登录不上", "{},尽快", "短信发{}了吗？",
    )),
    Personal.LANDLINE: (landline, ("座机{}", "公司电话是{}，上班时间打", "请打{}", "传真：{}")),
    Personal.ID_CARD: (id_card, (
        "身份证{}", "{}", "实名用的是{}，帮我改一下", "证件号码：{}。", "我的身份证号码是{}谢谢", "id:{}", "({})", "开户人{}"
    )),
    Personal.BANK_CARD: (bank_card, (
        "卡号{}", "{}", "退到{}这张卡", "招商银行{}", "银行卡：{}，户名是我妈", "开户行工商，{}", "打款到{}谢谢", "建行 {} 收到请回复",
    )),
    Personal.EMAIL: (email, (
        "邮箱{}", "{}", "发票发到{}谢谢", "请发至：{}。", "我的邮箱是{}，抬头个人", "<{}>", "mailto:{}", "{}收不到验证码", "({})",
        "用{}注册的",
    )),
    Personal.NAME: (name, (
        "我叫{}，昨天下的单", "收件人：{}，电话不变", "{}先生您好", "姓名：{}。", "收货人是{} 地址没变", "请问是{}女士吗", "户名{}。",
        "联系人：{}",
    )),
    Personal.ADDRESS: (address, ("地址：{}", "{}", "寄到{}谢谢", "新地址是{}，麻烦改一下", "我住在{}。", "收货地址改成{}，别发错了")),
    Personal.PLATE: (plate, ("车牌{}", "我的车是{}，白色", "车牌号：{}。")),
    Personal.PASSPORT: (passport, ("护照号{}", "护照号码：{}。", "护照是{}谢谢")),
    Personal.ACCOUNT: (wechat, ("微信号：{}", "加我微信{}", "我的微信号是{}，通过一下", "vx:{}")),
    Personal.IP: (address_of_machine, ("IP：{}", "登录IP {} 不是我本人", "ip地址是{}。")),
}  # fmt: skip
_WEIGHTS = {Personal.PHONE: 8, Personal.ID_CARD: 5, Personal.BANK_CARD: 5, Personal.EMAIL: 5}


def _grouped(value: str, sizes: tuple[int, ...], gap: str) -> str:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(value[at : at + size])
        at += size
    return gap.join(piece for piece in (*pieces, value[at:]) if piece)


def _with_nothing_between(value: str, random: Random) -> str:
    nothing = random.choice("\u200b\u200c\u200d\u2060\ufeff\u00ad")
    at = random.randrange(1, len(value))
    return nothing.join((value[:at], value[at:]))


def _keycaps(value: str, _: Random) -> str:
    return "".join(f"{char}\ufe0f\u20e3" if char.isdigit() else char for char in value)


def _phone_spellings(value: str, random: Random) -> str:
    gap = random.choice((" ", "-", ".", " - ", "·", "_", "—", "\u3000", "\u00a0", "–"))
    groups = random.choice(((3, 4, 4), (3, 3, 5), (7, 4), (3, 8), (4, 4, 3)))
    return random.choice((
        _grouped(value, groups, gap), value.translate(_FULL_WIDTH), value.translate(_HAN), value.translate(_SPOKEN),
        value.translate(_FORMAL), value.translate(_CIRCLED), value.translate(_FILLED), value.translate(_BOLD),
        f"+86{value}", f"+86 {value}", f"0086-{value}", f"86-{value}", f"（+86）{value}", f"+86 {_grouped(value, groups, gap)}",
        _with_nothing_between(value, random), _keycaps(value, random), " ".join(value), _grouped(value.translate(_HAN), groups, gap),
        value[:3] + value[3:7].translate(_HAN) + value[7:], _grouped(value.translate(_FULL_WIDTH), (3, 4), gap),
    ))  # fmt: skip


def _id_spellings(value: str, random: Random) -> str:
    gap = random.choice((" ", "-", ".", "\u3000"))
    return random.choice((
        value.lower(), value.translate(_FULL_WIDTH), _grouped(value, (6, 8), gap), _grouped(value, (6, 4, 4), gap),
        _grouped(value, (3, 3, 4, 4), gap), _with_nothing_between(value, random), value.translate(_HAN), value.translate(_BOLD),
        " ".join(value),
    ))  # fmt: skip


def _card_spellings(value: str, random: Random) -> str:
    gap = random.choice((" ", "-", "\u3000", "  "))
    return random.choice((
        _grouped(value, (4, 4, 4, 4), gap), _grouped(value, (6,), gap), value.translate(_FULL_WIDTH),
        _with_nothing_between(value, random), value.translate(_BOLD), value.translate(_HAN),
    ))  # fmt: skip


def _email_spellings(value: str, random: Random) -> str:
    local, _, domain = value.partition("@")
    dotted = domain.replace(".", " dot ")
    return random.choice((
        value.translate(_FULL_WIDTH), f"{local} at {domain}", f"{local}(at){domain}", f"{local}[at]{domain.replace('.', '[dot]')}",
        f"{local} @ {domain}", f"{local}艾特{domain}", f"{local} at {dotted}", value.upper(), _with_nothing_between(value, random),
        value.replace("@", "＠"), f"{local}艾特{domain.replace('.', '点')}", value.replace("@", "%40"),
    ))  # fmt: skip


_SPELLINGS: dict[Personal, Callable[[str, Random], str]] = {
    Personal.PHONE: _phone_spellings,
    Personal.ID_CARD: _id_spellings,
    Personal.BANK_CARD: _card_spellings,
    Personal.EMAIL: _email_spellings,
}
_NEGATIVES: tuple[Callable[[Random], str], ...] = (
    lambda r: f"订单20260{r.randrange(100, 999)}{r.randrange(10**12):012}什么时候发货",
    lambda r: f"订单号：{r.randrange(10**18, 10**19)}",
    lambda r: f"订单编号 {r.randrange(10**15, 10**16)} 查一下",
    lambda r: f"{r.randrange(10**11, 10**12)}这单帮我催一下",
    lambda r: f"运单号SF{r.randrange(10**12, 10**13)}到哪了",
    lambda r: f"圆通YT{r.randrange(10**12, 10**13)}",
    lambda r: f"快递单号 7{r.randrange(10**13):013}",
    lambda r: f"单号SF0{r.randrange(10**11):011}，停在成都",
    lambda r: f"一共{r.randrange(13 * 10**9, 2 * 10**10)}元，太贵了",
    lambda r: f"价格 ¥1{r.randrange(3, 10)}{r.randrange(10**9):09}.00",
    lambda r: f"原价{r.randrange(10, 9999)}.{r.randrange(100):02}，现价{r.randrange(10, 999)}元",
    lambda r: (
        f"2026-{r.randrange(1, 13):02}-{r.randrange(1, 29):02} {r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02} 下单"
    ),
    lambda r: f"2026年{r.randrange(1, 13)}月{r.randrange(1, 29)}日到{r.randrange(1, 13)}月{r.randrange(1, 29)}日",
    lambda r: f"2026-01-{r.randrange(10, 29)}至2026-12-{r.randrange(10, 29)}都可以用",
    lambda r: f"App版本{r.randrange(1, 20)}.{r.randrange(10)}.{r.randrange(100)}.{r.randrange(1000)}闪退",
    lambda r: f"固件 v{r.randrange(9)}.{r.randrange(9)}.{r.randrange(9)}.{r.randrange(99)}",
    lambda _: "客服电话400-820-8820或者95588、800-810-1234",
    lambda r: f"69{r.randrange(10**11):011}这个条码扫不出来",
    lambda r: f"IMEI：86{r.randrange(10**13):013}",
    lambda r: f"时间戳1{r.randrange(7 * 10**8, 8 * 10**8)}和1{r.randrange(7 * 10**11, 8 * 10**11)}",
    lambda r: (
        f"尺寸{r.randrange(10, 99)}*{r.randrange(10, 99)}*{r.randrange(100, 199)}cm，型号A{r.randrange(1000, 9999)}-{r.randrange(10, 99)}"
    ),
    lambda r: f"流水号{r.randrange(10**27, 10**28)}已退款",
    lambda r: f"15 16 17 18 19 20 {r.randrange(21, 40)}号都行",
    lambda r: f"图片icon@2x.png和{r.randrange(99)}@3x.jpg打不开",
    lambda r: f"@小王 帮忙看下，@客服{r.randrange(9)} 也行",
    lambda _: "look at this, we meet at 10.30",
    lambda r: f"一千三百{r.choice('一二三四五六七八九')}十五块八毛，十一点二十",
    lambda r: f"优惠码 {r.randrange(10**7, 10**8)}，满{r.randrange(100, 900)}减{r.randrange(10, 90)}",
    lambda r: f"取件码 {r.randrange(1, 30)}-{r.randrange(1, 9)}-{r.randrange(1000, 9999)}，菜鸟驿站",
    lambda r: f"验证码{r.randrange(10**5, 10**6)}，尾号{r.randrange(1000, 9999)}",
    lambda r: f"https://shop.example.com/item/{r.randrange(10**12, 10**13)}?sku={r.randrange(10**8, 10**9)}",
    lambda r: (
        f"{r.randrange(10**8):08x}-{r.randrange(10**4):04x}-4{r.randrange(10**3):03x}-a{r.randrange(10**3):03x}-{r.randrange(10**11, 10**12):012x}"
    ),
    lambda _: "好的谢谢先生，女士优先，小姐姐帮忙看看",
    lambda _: "我是老顾客了，姓名和地址都没变，联系人也没变",
    lambda _: "微信支付还是支付宝？微信小程序iPhone打不开，QQ也不行",
    lambda _: "这条路一直堵车，小区门口的快递柜满了",
    lambda _: "地铁二号线换乘三号线，第二代产品，五号电池",
    lambda _: "退款一直没到账，都三天了",
    lambda _: "您好，请问有什么可以帮您？",
    lambda _: "一二三四五六七八九十",
)


def lines(count: int = COUNT, seed: int = 20_261_122) -> Iterator[Line]:
    """Two of three with a personal value, one of three of them written so that it is not found easily."""
    random = Random(seed)
    kinds = [kind for kind in _MAKERS for _ in range(_WEIGHTS.get(kind, 1))]
    for number in range(count):
        if number % 3 == 2:
            yield Line(random.choice(_NEGATIVES)(random), (), adversarial=False)
        else:
            yield _line(random.choice(kinds), random)


def _line(kind: Personal, random: Random) -> Line:
    make, frames = _MAKERS[kind]
    value = make(random)
    adversarial = kind in _SPELLINGS and random.random() < 2 * _ADVERSARIAL
    written = _SPELLINGS[kind](value, random) if adversarial else value
    before, after = random.choice(frames).split("{}")
    start = len(before)
    return Line(before + written + after, ((start, start + len(written), kind, value),), adversarial)


def negatives(count: int, seed: int = 7) -> Iterator[str]:
    random = Random(seed)
    return (random.choice(_NEGATIVES)(random) for _ in range(count))


def values(kind: Personal, random: Random) -> tuple[str, str]:
    """A value of the kind, and one of its spellings."""
    value = _MAKERS[kind][0](random)
    return value, _SPELLINGS[kind](value, random) if kind in _SPELLINGS else value


KINDS = tuple(_MAKERS)


@dataclass(frozen=True)
class Score:
    """How well values of a kind were found."""

    wanted: int
    found: int
    right: int

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0


def scores(of: list[Line], find: Callable[[str], list[Found]]) -> dict[Personal, Score]:
    """Recall and precision per kind; right is what has the right kind and covers every character of the value."""
    wanted, found, right = (dict.fromkeys(Personal, 0) for _ in range(3))
    for line in of:
        answers = find(line.text)
        for _, _, kind, _ in answers:
            found[kind] += 1
        for start, end, kind, _ in line.spans:
            wanted[kind] += 1
            right[kind] += any(a <= start and e >= end and k is kind for a, e, k, _ in answers)
    return {kind: Score(wanted[kind], found[kind], right[kind]) for kind in Personal if wanted[kind] or found[kind]}
