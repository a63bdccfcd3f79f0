"""A second set of lines with personal values, in six parts that share no sentence.

Written from how people spell such values in public, not from the rules that find them. The rules may be repaired by what
they miss in the parts ``TUNING``; the part ``HELD_OUT`` only says how good they are.
"""
# ruff: noqa: E501, SIM905 - lines are read best as they are spoken, words without quotes between them

import datetime as dt
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from meiqia_search.fields import Personal
from tests.labelled import Line

COUNT = 6_000
_ADVERSARIAL = 0.6

Spelling = Callable[[str, Random], str]
Frames = Mapping[Personal, Sequence[str]]


@dataclass(frozen=True)
class Part:
    """Sentences (``{}`` stands for the value), spellings, and sentences that only look as if."""

    seed: int
    frames: Frames
    spellings: Mapping[Personal, Sequence[Spelling]]
    negatives: Sequence[str]


def lines(part: Part, count: int = COUNT, seed: int | None = None) -> Iterator[Line]:
    """Two of three with a personal value, three of five of those in an adversarial spelling where the kind has one."""
    random = Random(part.seed if seed is None else seed)
    kinds = [kind for kind, weight in _WEIGHTS.items() for _ in range(weight)]
    for number in range(count):
        if number % 3 == 1:
            yield Line(_filled(random.choice(part.negatives), random), (), adversarial=False)
        else:
            yield _line(part, random.choice(kinds), random)


def _line(part: Part, kind: Personal, random: Random) -> Line:
    value = _MAKERS[kind](random)
    spellings = part.spellings.get(kind, ())
    adversarial = bool(spellings) and random.random() < _ADVERSARIAL
    written = random.choice(spellings)(value, random) if adversarial else value
    before, after = random.choice(part.frames[kind]).split("{}")
    before, after = _filled(before, random), _filled(after, random)
    return Line(before + written + after, ((len(before), len(before + written), kind, value),), adversarial)


def _filled(sentence: str, random: Random) -> str:
    """Numbers that mean nothing personal stand as ``<9…>``: one random digit for each, 1-9 first."""
    while "<" in sentence:
        before, rest = sentence.split("<", 1)
        pattern, after = rest.split(">", 1)
        sentence = before + random.choice("123456789") + digits(random, len(pattern) - 1) + after
    return sentence


# values


def digits(random: Random, count: int) -> str:
    return "".join(random.choices(string.digits, k=count))


def _mobile(random: Random) -> str:
    return random.choice("130 131 132 133 135 136 137 138 139 145 147 150 151 152 155 156 157 158 159 162 165 166 167 170 171 172 173 175 176 177 178 180 181 182 183 185 186 187 188 189 190 191 192 193 195 196 197 198 199".split()) + digits(random, 8)  # fmt: skip


_REGIONS = "110101 120103 130102 210202 310115 320106 330106 350203 370202 410105 420111 430104 440305 510107 610113 650102".split()


def _id_card(random: Random) -> str:
    born = dt.date(1945, 1, 1) + dt.timedelta(days=random.randrange(25_000))
    body = random.choice(_REGIONS) + born.strftime("%Y%m%d") + digits(random, 3)
    rest = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body)) % 11
    return body + "10X98765432"[rest]


def _bank_card(random: Random) -> str:
    start, length = random.choice(
        [("622202", 19), ("621700", 19), ("622848", 19), ("621661", 19), ("622588", 16), ("622155", 16), ("436742", 16),
         ("524094", 16), ("356885", 16), ("625188", 16), ("621483", 16), ("620058", 19)]
    )  # fmt: skip
    body = start + digits(random, length - 7)
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    return body + str(-sum(part // 10 + part % 10 for part in doubled) % 10)


def _email(random: Random) -> str:
    word = random.choice("lily zhang.wei wangfang88 x_liu service chen-min tony2020 support a.b.c hr info li_lei jack y2k".split())  # fmt: skip
    local = random.choice([word, digits(random, random.randint(6, 10)).lstrip("0") or "17", word + digits(random, 3)])
    host = random.choice("qq.com 163.com 126.com gmail.com outlook.com sina.cn foxmail.com vip.qq.com mail.example.com.cn hotmail.com yeah.net tsinghua.edu.cn example.org".split())  # fmt: skip
    return f"{local}@{host}"


def _landline(random: Random) -> str:
    area = random.choice("010 020 021 0755 0571 028 0512 0411 0592 0871".split())
    return f"{area}-{random.choice('2345678')}{digits(random, 7 if area != '0871' else 6)}"


_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
_GIVEN = "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀英 霞 平 刚 桂英 玉兰 子涵 浩然 欣怡 梓轩 雨桐 思远 嘉怡 建国 志强 晓红 海燕 文博 诗琪 一诺 宇航 佳琪 俊杰".split()  # fmt: skip


def _name(random: Random) -> str:
    return random.choice(_FAMILY) + random.choice(_GIVEN)


def _address(random: Random) -> str:
    place = random.choice(["浙江省杭州市西湖区文三路", "北京市朝阳区建国路", "上海市浦东新区张江路", "广东省深圳市南山区科技园南路", "四川省成都市武侯区天府大道", "江苏省苏州市工业园区星湖街", "湖北省武汉市洪山区珞喻路", "福建省厦门市思明区湖滨南路", "陕西省西安市雁塔区小寨西路", "重庆市渝北区金开大道"])  # fmt: skip
    tail = random.choice([f"{random.randint(1, 999)}号", f"{random.randint(1, 999)}号{random.randint(1, 30)}栋{random.randint(101, 3304)}室", f"{random.randint(1, 99)}弄{random.randint(1, 60)}号{random.randint(101, 999)}室", f"{random.randint(1, 999)}号{random.randint(1, 9)}单元{random.randint(101, 2904)}"])  # fmt: skip
    return place + tail


def _plate(random: Random) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    return random.choice("京沪粤浙苏川渝鄂湘闽鲁豫陕津") + random.choice("ABCDE") + random.choice(letters) + digits(random, 4)  # fmt: skip


def _passport(random: Random) -> str:
    return random.choice("EG") + digits(random, 8)


def _wechat(random: Random) -> str:
    return random.choice(["wxid_" + digits(random, 8), "lili_" + digits(random, 4), "zhang-" + digits(random, 5), "Tom" + digits(random, 5)])  # fmt: skip


_MAKERS: Mapping[Personal, Callable[[Random], str]] = {
    Personal.PHONE: _mobile,
    Personal.ID_CARD: _id_card,
    Personal.BANK_CARD: _bank_card,
    Personal.EMAIL: _email,
    Personal.LANDLINE: _landline,
    Personal.NAME: _name,
    Personal.ADDRESS: _address,
    Personal.PLATE: _plate,
    Personal.PASSPORT: _passport,
    Personal.ACCOUNT: _wechat,
}
_WEIGHTS = {
    Personal.PHONE: 8, Personal.ID_CARD: 5, Personal.BANK_CARD: 5, Personal.EMAIL: 6, Personal.LANDLINE: 1,
    Personal.NAME: 2, Personal.ADDRESS: 1, Personal.PLATE: 1, Personal.PASSPORT: 1, Personal.ACCOUNT: 1,
}  # fmt: skip


# spellings


def _other_digits(forms: str) -> Spelling:
    """Every digit in another script."""
    table = str.maketrans(string.digits, forms)
    return lambda value, _: value.translate(table)


def _some_digits(forms: str) -> Spelling:
    """Some digits in another script, as somebody does who wants to get past a filter."""
    table = str.maketrans(string.digits, forms)
    return lambda value, random: "".join(c.translate(table) if random.random() < 0.4 else c for c in value)


def _cut(value: str, sizes: Sequence[int], between: str) -> str:
    pieces, start = [], 0
    for size in sizes:
        pieces.append(value[start : start + size])
        start += size
    return between.join(piece for piece in [*pieces, value[start:]] if piece)


def _grouped(cuts: Sequence[Sequence[int]], separators: Sequence[str]) -> Spelling:
    return lambda value, random: _cut(value, random.choice(cuts), random.choice(separators))


def _spread(separators: Sequence[str]) -> Spelling:
    """The same between any two characters."""
    return lambda value, random: random.choice(separators).join(value)


def _sprinkled(invisible: Sequence[str]) -> Spelling:
    """Characters that are not seen, here and there."""

    def spelled(value: str, random: Random) -> str:
        places = set(random.sample(range(1, len(value)), 3))
        return "".join(random.choice(invisible) + c if place in places else c for place, c in enumerate(value))

    return spelled


def _keycaps(value: str, _: Random) -> str:
    return "".join(digit + "\ufe0f\u20e3" if digit.isdigit() else digit for digit in value)


def _written(**changes: str) -> Spelling:
    table = {ord(_SIGNS[name]): form for name, form in changes.items()}
    return lambda value, _: value.translate(table)


_SIGNS = {"at": "@", "dot": "."}
_WIDE = "０１２３４５６７８９"
_HAN, _HAN_ROUND, _PHONE_HAN = "零一二三四五六七八九", "〇一二三四五六七八九", "零幺二三四五六七八九"
_BANKERS, _BANKERS_TRADITIONAL = "零壹贰叁肆伍陆柒捌玖", "零壹貳參肆伍陸柒捌玖"
_RINGS, _BRACKETS = "⓪①②③④⑤⑥⑦⑧⑨", "⓪⑴⑵⑶⑷⑸⑹⑺⑻⑼"
_RAISED, _LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉"
_DOUBLE, _TYPED = "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡", "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿"

_EMAIL_FIRST: Sequence[Spelling] = (
    _written(at="＠"),
    _written(at=" @ "),
    _written(at="[at]"),
    _written(at="(at)", dot="(dot)"),
    _written(at=" at ", dot=" dot "),
    _written(dot="。"),
    _written(at="艾特", dot="点"),
    lambda value, _: value.upper(),
    _sprinkled("\u200b\u2060\ufeff"),
    lambda value, _: value.translate({ord(c): chr(ord(c) + 0xFEE0) for c in string.ascii_letters + string.digits}),
    lambda value, random: value.replace("@", f"+shop{random.randint(1, 99)}@"),
)
_EMAIL_SECOND: Sequence[Spelling] = (
    _written(at="﹫"),
    _written(at="@ "),
    _written(at="（at）"),
    _written(at="{at}", dot="{dot}"),
    _written(at=" AT ", dot=" DOT "),
    _written(at=" @", dot="．"),
    _written(at="圈a", dot="点"),
    lambda value, _: value.title(),
    _sprinkled("\u200c\u200d\u00ad"),
    lambda value, _: value.translate({ord(c): chr(ord(c) + 0xFEE0) for c in string.printable[:94] if c in value}),
    _written(dot=" . "),
)


def _with_cross(spelling: Spelling, cross: str) -> Spelling:
    return lambda value, random: spelling(value, random).replace("X", cross)


_FIRST = Part(
    seed=41,
    frames={
        Personal.PHONE: (
            "{}", "打我手机{}就行", "有事call我 {} 谢谢", "之前登记的号码是{}，现在停用了", "收货电话：{}", "帮我查下{}名下的订单",
            "我老公的号{}也能收到短信", "tel:{}", "Tel {} (白天)", "联系人填我，手机填{}，别写错", "<99>号到的货，电话{}没人打", "你记一下哈\n{}\n就这个",
            "{}这个号码加微信", "【系统】来电号码{}，时长<99>秒", "手机号{}改绑成新的", "a{}", "号码{}/备用的没有", "订单<99999999>，手机{}，麻烦核实", "“{}”",
        ),
        Personal.ID_CARD: (
            "身份证号{}", "{}", "实名认证用的{}不对吗", "证件号码是{}，姓名没填", "护照没有，只有身份证：{}", "我身份证{}，帮我解绑",
            "开发票要证件，{}，这样可以吗？", "报关要身份证 {} 谢谢", "ID:{}", "海关提示{}与收件人不符", "（{}）", "号码如下\n{}",
        ),
        Personal.BANK_CARD: (
            "退到这张卡{}", "卡号：{}", "{}", "招行{}，请尽快打款", "银行卡号是{}开户行杭州分行", "我的储蓄卡 {} 还没收到退款",
            "账号{}，户名没变", "打款到{}吧", "工商银行 {}", "card no. {}", "上次退款的卡是{}，已经注销了", "“{}”",
        ),
        Personal.EMAIL: (
            "{}", "发票发到{}谢谢", "我的邮箱是{}", "email: {}", "mail to {} please", "资料请发{}，抄送不用", "注册邮箱{}收不到验证码",
            "<{}>".replace("<", "＜").replace(">", "＞"), "邮箱填错了，应该是{}", "联系 {} 或者直接打电话", "账号就是邮箱{}啊", "（{}）",
        ),
        Personal.LANDLINE: ("办公室座机{}", "固话：{}", "打{}找前台", "传真{}", "单位电话是{}，上班时间都有人"),
        Personal.NAME: ("我叫{}", "收件人：{}", "姓名：{}，其他不变", "我是{}，昨天来过电话", "联系人：{}", "户名是{}", "本人{}，申请退货"),
        Personal.ADDRESS: ("寄到{}", "收货地址：{}", "我家在{}，能送上门吗", "改成{}谢谢", "地址错了，是{}"),
        Personal.PLATE: ("车牌{}", "我的车{}进不去停车场", "车牌号：{}", "{}这辆车的保险"),
        Personal.PASSPORT: ("护照号{}", "护照：{}", "我的护照号码是{}，去日本"),
        Personal.ACCOUNT: ("加我微信{}", "微信号：{}", "wx: {}", "我的微信是{}，备注售后"),
    },
    spellings={
        Personal.PHONE: (
            _other_digits(_WIDE), _other_digits(_HAN), _other_digits(_PHONE_HAN), _other_digits(_BANKERS), _other_digits(_RINGS),
            _other_digits(_RAISED), _other_digits(_DOUBLE), _some_digits(_WIDE), _some_digits(_HAN), _some_digits(_RINGS),
            _grouped([(3, 4), (3, 4), (4, 4), (3, 3)], [" ", "-", ".", "\u3000", "–", "/", "_"]),
            _grouped([(3, 4)], ["\n", "\t", " - ", "，"]), _spread([" ", "-", "."]), _sprinkled("\u200b\u2060\ufeff"), _keycaps,
            lambda value, random: random.choice(["+86", "+86 ", "86-", "0086", "+86-"]) + value,
            lambda value, _: f"({value[:3]}){value[3:7]}-{value[7:]}",
            lambda value, _: value[:3] + value[3:].replace("0", "o"),
        ),
        Personal.ID_CARD: (
            _other_digits(_WIDE), _with_cross(_other_digits(_WIDE), "Ｘ"), _with_cross(_other_digits(_HAN), "x"), _other_digits(_BANKERS),
            _grouped([(6, 8), (6, 4, 4), (3, 3, 4, 4), (4, 4, 4, 4)], [" ", "-", "\u3000", "."]), _spread([" ", "-"]),
            _sprinkled("\u200b\u2060\ufeff"), lambda value, _: value.lower(), _with_cross(_grouped([(6, 8)], [" "]), "×"), _some_digits(_WIDE),
            _other_digits(_RINGS), _other_digits(_DOUBLE),
        ),
        Personal.BANK_CARD: (
            _other_digits(_WIDE), _other_digits(_HAN), _other_digits(_BANKERS), _grouped([(4, 4, 4, 4)], [" ", "-", "\u3000", ".", "  "]),
            _grouped([(6,), (6, 6)], [" ", "-"]), _spread([" ", "-"]), _sprinkled("\u200b\u2060\ufeff"), _some_digits(_WIDE), _other_digits(_RINGS),
            _other_digits(_DOUBLE),
        ),
        Personal.EMAIL: _EMAIL_FIRST,
        Personal.LANDLINE: (_other_digits(_WIDE), lambda value, _: value.replace("-", " "), lambda value, _: value.replace("-", ""), lambda value, _: "(" + value.replace("-", ")")),
    },
    negatives=(
        "订单号<99999999999999999999>怎么还没发货", "运单YT<9999999999999>显示签收了", "SF<999999999999>到哪了", "验证码<999999>失效了", "付了<9999>.00元，只到账<999>元",
        "时间戳17<99999999>", "17<99999999999>毫秒", "条码69<99999999999>扫不出来", "IMEI 86<9999999999999>", "序列号SN<9999999999>A", "版本v<9>.<99>.<9>装不上",
        "2026-<9>-1<9> 1<9>:3<9>下单的", "客服热线400-<999>-<9999>打不通", "拨了955<99>没人接", "10086发短信说流量用完", "预算15800000000元的项目", "销量1380<9999999>件",
        "logo@2x.png模糊", "装的是react@18.<9>.0", "@客服小<9>号 在吗", "微博@美食家<99> 推荐的", "工单<999999>-<99>处理到哪了", "税号9133<99999999>MA<9999999>", "型号GT-<9999>和X<99>Pro哪个好",
        "尺寸<999>x<999>x<99>mm", "坐标<99>.<999999>, <99>.<999999>", "在A座<99>楼等", "满<999>减<99>，能叠加吗", "三天两头坏，一万个不满意", "五六百块钱的东西", "一共十二件，少了两件",
        "群里<999>个人都在等", "流水号2026<99999999999999>", "单号：75<9999999999999>", "交易号4200<999999999999999999999999>", "电量<99>%，温度<99>℃", "比例<9>:<9>:<9>", "好的，谢谢", "亲，在的哦",
        "https://shop.example.com/item/<999999999>?sku=<9999999999>", "商品编号 1<99999999999>", "库存<99999999>件", "快递柜取件码<9>-<9>-<9999>", "会员等级V<9>，积分<99999>",
    ),
)  # fmt: skip

_SECOND = Part(
    seed=97,
    frames={
        Personal.PHONE: (
            "{}", "我换号了，新号{}", "方便的话回电{}", "顺丰师傅说打{}打不通", "留个电话 {} ，等你们消息", "手机尾号不记得，全号{}", "phone={}", "mobile：{}，下午在家",
            "麻烦改成{}收货", "用{}注册的账号登不上", "客户来电{}要求退款", "我妈的电话{}，她不会用微信", "【{}】", "号码:{};姓名不用填", "下单手机{}\n订单<9999999999>", "{}，快点打过来！",
            "买了<9>件，电话是{}", "对，就是{}", "微信同号{}",
        ),
        Personal.ID_CARD: (
            "{}", "我的身份证是{}", "清关要填{}", "身份证号码：{}，请保密", "这是证件{}", "住客身份证{}", "办卡的时候填的{}，你查查", "id card {}", "身份证 {} 实名不通过",
            "【{}】", "孩子的身份证号{}能买票吗", "我报一下：{}。",
        ),
        Personal.BANK_CARD: (
            "{}", "麻烦转到{}", "银行卡{}", "建设银行卡号{}，本人的", "收款账户 {} ，谢谢", "卡：{}", "我用{}付的款", "你们扣的是{}这张", "【{}】", "提现到{}失败了", "农行卡 {} 退款",
            "绑定的卡{}要换",
        ),
        Personal.EMAIL: (
            "{}", "电子发票寄{}", "邮箱：{}", "你给我发{}吧", "E-mail {}", "用{}登录提示密码错误", "合同扫描件发送至{}，谢谢", "【{}】", "这是我邮箱{}，不要群发", "客户留了{}", "改邮箱为{}",
            "联系方式：{}（工作日）",
        ),
        Personal.LANDLINE: ("公司座机：{}", "家里电话{}", "请致电{}", "固定电话 {}", "座机号{}没人接"),
        Personal.NAME: ("我的名字叫{}", "收货人：{}", "我姓名{}", "联系人是{}", "持卡人：{}", "本人{}，要求赔偿", "收件人{}"),
        Personal.ADDRESS: ("送到{}", "地址：{}", "住址是{}，麻烦派人来", "请寄{}，谢谢", "发货到{}"),
        Personal.PLATE: ("车牌号{}", "车牌是{}", "{}停在地库", "爱车{}需要年检"),
        Personal.PASSPORT: ("护照号码：{}", "护照{}", "护照号是{}，签证用"),
        Personal.ACCOUNT: ("微信：{}", "我微信号{}", "加微信 {} 聊", "vx：{}"),
    },
    spellings={
        Personal.PHONE: (
            _other_digits(_WIDE), _other_digits(_HAN_ROUND), _other_digits(_PHONE_HAN), _other_digits(_BANKERS_TRADITIONAL), _other_digits(_BRACKETS),
            _other_digits(_LOWERED), _other_digits(_TYPED), _some_digits(_DOUBLE), _some_digits(_PHONE_HAN), _some_digits(_BANKERS),
            _grouped([(3, 4), (3, 4), (4, 4), (5,), (7,)], [" ", "-", "·", "—", "\u00a0", "‑", "・"]),
            _grouped([(3, 4)], ["\n", "  ", "--", "、"]), _spread([" ", "·", "_"]), _sprinkled("\u200c\u200d\u00ad"), _keycaps,
            lambda value, random: random.choice(["+86", "＋86 ", "(+86)", "86 ", "+86 - "]) + value,
            lambda value, _: f"（{value[:3]}）{value[3:7]} {value[7:]}",
            lambda value, _: value[:3] + value[3:].replace("1", "l"),
        ),
        Personal.ID_CARD: (
            _other_digits(_WIDE), _with_cross(_other_digits(_WIDE), "ｘ"), _with_cross(_other_digits(_HAN_ROUND), "X"), _other_digits(_BANKERS_TRADITIONAL),
            _grouped([(6, 8), (6, 6), (2, 2, 2, 8), (3, 3, 4, 4)], [" ", "-", "\u00a0", "—"]), _spread([" ", "·"]),
            _sprinkled("\u200c\u200d\u00ad"), lambda value, _: value.lower(), _with_cross(_grouped([(6, 8)], ["-"]), "Ⅹ"), _some_digits(_TYPED),
            _other_digits(_BRACKETS), _other_digits(_TYPED),
        ),
        Personal.BANK_CARD: (
            _other_digits(_WIDE), _other_digits(_HAN_ROUND), _other_digits(_BANKERS_TRADITIONAL), _grouped([(4, 4, 4, 4)], [" ", "-", "\u00a0", "—", "·"]),
            _grouped([(8,), (5, 5, 5)], [" ", "-"]), _spread([" ", "·"]), _sprinkled("\u200c\u200d\u00ad"), _some_digits(_TYPED), _other_digits(_BRACKETS),
            _other_digits(_TYPED),
        ),
        Personal.EMAIL: _EMAIL_SECOND,
        Personal.LANDLINE: (_other_digits(_TYPED), lambda value, _: value.replace("-", "—"), lambda value, _: value.replace("-", " - "), lambda value, _: "（" + value.replace("-", "）")),
    },
    negatives=(
        "单子<999999999999999999999>还在仓库", "中通7<99999999999999>没动静", "圆通单号YT<9999999999999>", "短信码是<9999>", "退我<99999>.<99>元", "ts=16<99999999>", "nonce 16<99999999999>",
        "EAN 69<99999999999>", "设备号35<9999999999999>", "S/N: <99999999>-<9999>", "固件<9>.<9>.<99>.<999>版", "1<9>日1<9>点<99>分付的款", "打800-<999>-<9999>也没用", "95588说要找你们", "1069<99999999>发来的短信",
        "总价13900000000円吗", "播放量15000<999999>次", "banner@3x.jpg打不开", "包名vue@3.<9>.<99>", "@小助手<99>帮忙", "小红书@旅行日记<9> 说的", "案件编号〔2026〕<999>号", "信用代码9144<99999999>MA<9999999>",
        "显卡RTX<9999>多少钱", "<99>寸屏幕，<9999>x<9999>分辨率", "经度1<99>.<999999>", "<9>栋<9>单元门口有快递柜", "每满<999>返<99>", "七八个人等了三四个小时", "一来二去都五天了", "两千五百块", "关注了<9999>天",
        "支付流水10<99999999999999999999999999>", "凭证号：2026<9999999999>", "批次20261<999>-<99>", "折扣<9>.<9>折", "<9>/<9>的人满意", "嗯嗯好的", "请稍等，我看一下", "http://example.cn/p?id=<99999999>&t=<9999999999>",
        "货号 2<99999999999>", "排队<999>号", "柜号<99>-<9>", "经验值<999999>，等级<99>", "房间<999>，<9>位客人",
    ),
)  # fmt: skip

_THIRD = Part(
    seed=158,
    frames={
        Personal.PHONE: (
            "{}", "我手机号是{}", "派送前打{}", "收货人电话写的{}对吧", "给{}发短信", "麻烦联系下{}，急", "Mobile {}", "号码给你：{}", "手机（{}）停机了", "绑定的是{}还是别的",
            "昨天{}打过来的是你们吗", "客户{}，投诉两次了", "会员手机号{}，查积分", "备用电话：{}。", "快递写{}收", "「{}」", "{}-这是我姐的", "回访{}无人接听", "电话\n{}",
        ),
        Personal.ID_CARD: (
            "{}", "身份证号是{}", "登机用{}", "证件：{}", "麻烦核对{}", "投保人身份证{}", "ID card number {}", "补充身份信息{}", "用{}实名的", "「{}」", "身份证号发你：{}，查一下", "{}，就是这个证",
        ),
        Personal.BANK_CARD: (
            "{}", "卡号{}", "打到{}里", "我的卡是{}", "交通银行{}", "信用卡{}被扣了两次", "退款账户：{}", "请退回 {}", "绑卡{}提示失败", "「{}」", "工资卡 {} 可以吗", "中国银行卡号 {}，快点",
        ),
        Personal.EMAIL: (
            "{}", "请回复到{}", "邮箱地址{}", "我邮箱：{}", "mailbox: {}", "mailto:{}", "发{}就行", "报价单发我{}", "「{}」", "找回密码用的{}", "邮件抄送{}和财务", "客户邮箱是{}。", "写信给{}吧",
        ),
        Personal.LANDLINE: ("座机是{}", "电话：{}", "公司总机{}", "请打{}转802", "固话{}"),
        Personal.NAME: ("姓名{}", "寄件人：{}", "我叫{}，退货的", "收货人是{}", "户名：{}", "联系人{}", "署名{}"),
        Personal.ADDRESS: ("住在{}", "收货地址是{}", "寄往{}", "配送到{}", "地址写{}"),
        Personal.PLATE: ("车牌：{}", "车牌号是{}", "我车{}", "{}要开发票"),
        Personal.PASSPORT: ("护照是{}", "护照号为{}", "passport no. {}"),
        Personal.ACCOUNT: ("微信号是{}", "wechat: {}", "微信 {}", "加我vx {}"),
    },
    spellings={
        Personal.PHONE: (
            _other_digits(_WIDE), _other_digits(_HAN), _other_digits("〇幺两三四五六七八九"), _other_digits(_BANKERS), _other_digits("⓪➀➁➂➃➄➅➆➇➈"),
            _other_digits("𝟢𝟣𝟤𝟥𝟦𝟧𝟨𝟩𝟪𝟫"), _other_digits("٠١٢٣٤٥٦٧٨٩"), _some_digits(_PHONE_HAN), _some_digits(_WIDE), _some_digits(_RAISED),
            _grouped([(3, 4), (3, 4), (3, 2, 2, 2), (4, 3), (3, 3, 3)], [" ", "-", "~", "―", "\u2009", "•", "|"]),
            _grouped([(3, 4)], ["\n", " – ", "\u3000", ". "]), _spread([" ", "-", "\u3000", "、"]), _sprinkled("\u200b\u2063\u200e"), _keycaps,
            lambda value, random: random.choice(["+86", "+86-", "(86)", "0086-", "86"]) + value,
            lambda value, _: f"({value[:3]}) {value[3:7]} {value[7:]}",
            lambda value, _: value[:3] + value[3:].replace("0", "O"),
        ),
        Personal.ID_CARD: (
            _other_digits(_WIDE), _with_cross(_other_digits(_HAN), "X"), _other_digits(_BANKERS), _with_cross(_some_digits(_RAISED), "x"),
            _grouped([(6, 8), (6, 4, 2, 2), (3, 3, 8), (6, 4, 4)], [" ", "-", "\u2009", "·"]), _spread([" ", "\u3000"]), _sprinkled("\u200b\u2063\u200e"),
            lambda value, _: value.lower(), _with_cross(_grouped([(6, 8)], [" "]), "ⅹ"), _other_digits("➀➁➂➃➄➅➆➇➈⓪"[9] + "➀➁➂➃➄➅➆➇➈"), _other_digits("٠١٢٣٤٥٦٧٨٩"),
        ),
        Personal.BANK_CARD: (
            _other_digits(_WIDE), _other_digits(_HAN), _other_digits(_BANKERS), _grouped([(4, 4, 4, 4)], [" ", "-", "\u2009", "―", "•"]), _grouped([(6,), (4, 4, 4)], [" ", "-"]),
            _spread([" ", "-"]), _sprinkled("\u200b\u2063\u200e"), _some_digits(_RAISED), _other_digits("⓪➀➁➂➃➄➅➆➇➈"), _other_digits("٠١٢٣٤٥٦٧٨٩"),
        ),
        Personal.EMAIL: (
            _written(at="＠", dot="。"), _written(at=" @"), _written(at="【at】"), _written(at=" (at) ", dot=" (dot) "), _written(at="[AT]", dot="[DOT]"),
            _written(at=" 艾特 ", dot=" 点 "), _written(at="(@)"), lambda value, _: value.swapcase(), _sprinkled("\u200b\u2063\u200e"),
            lambda value, _: value.translate({ord(c): chr(ord(c) + 0xFEE0) for c in string.ascii_lowercase}), _written(at="\u3000@\u3000"),
        ),
        Personal.LANDLINE: (_other_digits(_WIDE), lambda value, _: value.replace("-", "–"), lambda value, _: value.replace("-", ""), lambda value, _: "(" + value.replace("-", ") ")),
    },
    negatives=(
        "订单尾号<9999>", "订单编号：<999999999999999999>", "运单号<999999999999999>", "极兔JT<9999999999999>", "韵达46<99999999999>显示拒收", "动态密码<999999>，别告诉别人", "实付￥<9999>.<99>", "1.<9>亿播放", "合计12800000000韩元",
        "人口13900000000人", "阅读量18600<999999>", "毫秒数15<99999999999>", "trace_id=<9999999999999999>", "错误码0x<99999999>", "MAC 00:1A:2B:<99>:<99>:<99>", "ISBN 978-7-<999>-<99999>-<9>", "条形码：69<99999999999>", "批号<99999999>", "2026年<9>月1<9>日", "<99>:<99>:<99>发的",
        "拨打12315投诉", "12306买的票", "发票号码<99999999>", "发票代码<999999999999>", "纳税人识别号9111<99999999>MA<9999999>", "统一码U+<9999>", "K<9999>次列车", "航班CA<9999>", "合同号HT-2026<9999>-<999>", "@所有人 明天放假", "@客服<99>", "关注公众号@好物推荐", "icon@3x.webp", "npm i lodash@4.<99>.<99>",
        "at last, dot by dot", "look at this.item", "面积<999>平方米", "<9>室<9>厅<9>卫", "<99>号楼电梯坏了", "下午<9>点<99>分", "一个月两次，三个月六次", "一五一十地说", "三十六计走为上", "千万别一错再错二次伤害", "0.<99999999>", "<999>,<999>,<999>元", "第<9999>期", "QQ音乐不能放", "微信支付失败", "卡顿<99>次", "卡在<99>%不动",
        "优惠码ABCD<9999>", "S<99>码偏大", "高<999>宽<999>深<999>", "差评<99>条", "重量<9>.<9>kg", "<9999>-<9999>-<9999>哪款好",
    ),
)  # fmt: skip

_FOURTH = Part(
    seed=233,
    frames={
        Personal.PHONE: (
            "{}", "收件信息：{}", "我这边电话{}，随时可以打", "换绑手机{}失败", "小票上印的{}", "请帮我把{}拉黑", "验证码没发到{}", "号主是{}", "这个人{}骚扰我", "家属电话{}（女儿）", "登录名{}",
            "他留的是{}，打不通", "紧急联系人{}", "phone number: {}", "Cell:{}", "用户{}已经等了半小时", "*{}", "{}帮我充50话费", "呼叫{}三次未接\n已转短信", "<<{}>>".replace("<<", "《").replace(">>", "》"),
        ),
        Personal.ID_CARD: (
            "{}", "证号{}", "我的身份证件号{}", "身份证：{}（已过期）", "麻烦用{}查下档案", "被保险人证件号码{}", "ID Card: {}", "老人身份证是{}，不会操作", "《{}》", "乘客{}改签", "身份证后面几位忘了，{}应该对", "旧身份证{}",
        ),
        Personal.BANK_CARD: (
            "{}", "卡号 {}", "转账给{}", "赔付款打{}", "浦发银行{}", "这是我银行卡{}", "扣款卡号：{}", "《{}》", "我的信用卡{}没有积分", "储蓄卡{}，邮储的", "付款账号{}", "麻烦退这张：{}",
        ),
        Personal.EMAIL: (
            "{}", "抬头发到{}", "联系邮箱{}", "Email: {}", "我用{}注册过", "把{}改掉", "附件发我邮箱{}，谢谢", "《{}》", "收不到邮件，地址{}", "对接人{}", "客服邮箱不是{}吗", "or write to {} please",
        ),
        Personal.LANDLINE: ("座机{}转2", "店里电话{}", "固话是{}", "致电{}", "前台：{}"),
        Personal.NAME: ("我叫{}，我要投诉", "收货人{}", "姓名为{}", "联系人 {}", "持卡人{}", "寄件人{}", "户名{}，农行"),
        Personal.ADDRESS: ("送货地址：{}", "请发到{}", "上门地址{}", "我住{}", "派件到{}"),
        Personal.PLATE: ("车牌号为{}", "我开的{}", "违停车{}", "车牌{}，停在门口"),
        Personal.PASSPORT: ("护照号码是{}", "我的护照{}", "Passport {}"),
        Personal.ACCOUNT: ("微信加{}", "我的微信号{}", "WX：{}", "微信号为{}"),
    },
    spellings={
        Personal.PHONE: (
            _other_digits(_WIDE), _other_digits(_HAN_ROUND), _other_digits(_PHONE_HAN), _other_digits(_BANKERS_TRADITIONAL), _other_digits("〇㊀㊁㊂㊃㊄㊅㊆㊇㊈"),
            _other_digits("𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"), _other_digits("۰۱۲۳۴۵۶۷۸۹"), _some_digits(_HAN_ROUND), _some_digits(_BRACKETS), _some_digits(_TYPED),
            _grouped([(3, 4), (3, 4), (4, 4), (2, 3, 3)], [" ", "-", "/", "‒", "＿", "﹣", ","]),
            _grouped([(3, 4)], ["\n", " / ", "\u2003", "、"]), _spread([" ", "-", "/", "，"]), _sprinkled("\u200b\u2061\u202c"), _keycaps,
            lambda value, random: random.choice(["+86 ", "0086 ", "86-", "(+86)", "＋86-"]) + value,
            lambda value, _: f"（{value[:3]}）-{value[3:7]}-{value[7:]}",
            lambda value, _: value[:3] + value[3:].replace("1", "I"),
        ),
        Personal.ID_CARD: (
            _other_digits(_WIDE), _with_cross(_other_digits(_HAN_ROUND), "Ｘ"), _other_digits(_BANKERS_TRADITIONAL), _with_cross(_some_digits(_TYPED), "×"),
            _grouped([(6, 8), (6, 4, 2, 2), (4, 4, 4, 4), (9,)], [" ", "-", "\u2003", "_"]), _spread([" ", "-"]), _sprinkled("\u200b\u2061\u202c"),
            lambda value, _: value.lower(), _other_digits("۰۱۲۳۴۵۶۷۸۹"), _some_digits(_WIDE), _other_digits("𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"),
        ),
        Personal.BANK_CARD: (
            _other_digits(_WIDE), _other_digits(_HAN_ROUND), _other_digits(_BANKERS_TRADITIONAL), _grouped([(4, 4, 4, 4)], [" ", "-", "\u2003", "/", "_"]), _grouped([(8,), (6,), (3, 4, 4)], [" ", "-"]),
            _spread([" ", "-"]), _sprinkled("\u200b\u2061\u202c"), _some_digits(_TYPED), _other_digits("۰۱۲۳۴۵۶۷۸۹"), _other_digits("𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"),
        ),
        Personal.EMAIL: (
            _written(at="＠", dot="．"), _written(at="@ "), _written(at="[@]"), _written(at="（at）", dot="（dot）"), _written(at=" At ", dot=" Dot "), _written(at="(艾特)"),
            _written(at=" 艾特", dot="点"), _written(at=" [at] ", dot=" [dot] "), lambda value, _: value.upper(), _sprinkled("\u200b\u2061\u202c"), _written(at=" @ ", dot=" . "),
            lambda value, _: value.translate({ord(c): chr(ord(c) + 0xFEE0) for c in string.printable[:94] if c in value}), _written(dot="。"), lambda value, _: value.replace("@", "#") if "@qq" in value or "@163" in value else value.upper(),
        ),
        Personal.LANDLINE: (_other_digits(_HAN), lambda value, _: value.replace("-", "‒"), lambda value, _: value.replace("-", ""), lambda value, _: "(" + value.replace("-", ")-")),
    },
    negatives=(
        "批次<9999999999>", "订单 <9999999999999999999>", "运单<99999999999999>", "丰巢<999999>", "德邦DPK<999999999999>到货慢", "口令<99999999>", "共计￥<999>,<999>.<99>", "点击量15900<999999>", "余额13800000000津巴布韦元", "总量19900000000吨", "微秒16<99999999999999>", "session=<99999999999999999999>", "SKU<99999999999>", "errno=<9999>",
        "IPv4<99>", "ISSN <9999>-<9999>", "EAN码69<99999999999>", "出厂编号<999999999999>", "2026/<9>/1<9> <9>:<99>", "截图<99>张", "95338不接", "96<999>热线", "114查的号", "12345投诉了", "增值税票<99999999>", "组织代码<99999999>-<9>", "charset=utf-8", "G<9999>次晚点", "MU<9999>延误", "协议编号[2026]第<999>号", "@老板 在吗", "@官方旗舰店<9>号客服", "抖音@吃货<99>", "bg@1x.gif", "pip install rich==<99>.<9>.<9>", "git@版本<9>",
        "look at dot com boom", "see you at six. thanks", "使用面积<99>平", "两室一厅一卫", "<9>号线<9>号口", "早上<9>点<99>到的", "一百二十三块四毛五", "一二三，走你", "九九八十一难", "二〇二六年一月三日", "-0.<9999999999>", "<99>,<999>,<999>人次", "第<9>章第<9>节", "qq群里说的", "微信公众号推送", "卡片丢了", "银行几点关门", "<999>%", "券码<9999>-<9999>", "L码偏小", "长<9999>米",
        "点赞<9999>", "净重<999>g", "<99>/<99>/<99>三档", "尾号<9999>的快递", "手机<9999>元", "邮箱满了", "身份证过期了怎么办", "电话打不通",
    ),
)  # fmt: skip

_FIFTH = Part(
    seed=311,
    frames={
        Personal.PHONE: (
            "{}", "打{}一个都没人接", "电话{}两遍了都是忙音", "换成这个手机{}，谢谢亲", "{}是我的", "下单填的{}，不是这个收不到货", "帮忙转给{}的主人", "回拨{}，客户要求今天内处理", "二维码扫不了，你直接加{}",
            "单号忘了，手机{}能查吗", "手机：{} 姓名：先不写", "预留号码{}", "Phone {}", "手机号{}十一月就注销了", "代收人电话{}", "我{}等你们电话", "@小王 {} 这个客户跟一下", "原号{}不用了", "售后请拨{}",
            "【短信】{}：您好", "投诉人{}三天内已来电两次", "号码{}\t姓名略",
        ),
        Personal.ID_CARD: (
            "{}", "身份证{}帮我看看实名了没", "入住登记{}", "证件号：{}", "查询{}的保单", "身份证号码为{}", "身份证两面都传了，号是{}", "ID {}", "户口本上是{}", "〔{}〕", "购票人{}三张票", "报备信息{}",
        ),
        Personal.BANK_CARD: (
            "{}", "卡号是{}", "理赔到{}一直没到", "广发{}", "我绑的卡号{}", "光大银行卡号：{}。", "转进{}两次都失败", "〔{}〕", "退到信用卡{}", "借记卡{}还能用吗", "打款卡号 {}，户名没变", "账户{}被冻结",
        ),
        Personal.EMAIL: (
            "{}", "电子保单发{}", "邮箱就是{}", "E-MAIL：{}", "之前{}收过一次", "登录邮箱{}忘了密码", "请把明细发给{}吧", "〔{}〕", "邮箱{}一直提示错误", "通知我 {} 就好", "我的{}能改吗", "contact: {}",
        ),
        Personal.LANDLINE: ("固定电话{}", "公司{}，找小刘", "座机号码是{}", "拨{}转人工", "办公电话{}"),
        Personal.NAME: ("姓名是{}", "收件人是{}", "我叫{}。", "寄件人{}", "联系人：{}，其余不变", "本人{}", "开户人{}"),
        Personal.ADDRESS: ("地址在{}", "寄{}", "送货到{}", "现住址：{}", "安装地址{}"),
        Personal.PLATE: ("车牌{}的车主", "车牌号码{}", "我的{}被贴条", "{}停了三天"),
        Personal.PASSPORT: ("护照号：{}", "护照 {} 快过期", "passport: {}"),
        Personal.ACCOUNT: ("加我微信：{}", "微信 id {}", "vx号{}", "我微信{}"),
    },
    spellings={
        Personal.PHONE: (
            _other_digits(_WIDE), _other_digits(_PHONE_HAN), _other_digits("〇一二三四五六七八九"), _other_digits(_BANKERS), _other_digits("⓿❶❷❸❹❺❻❼❽❾"),
            _other_digits("𝟬𝟭𝟮𝟯𝟰𝟱𝟲𝟳𝟴𝟵"), _other_digits("०१२३४५६७८९"), _some_digits(_BANKERS), _some_digits("𝟬𝟭𝟮𝟯𝟰𝟱𝟲𝟳𝟴𝟵"), _some_digits(_PHONE_HAN),
            _grouped([(3, 4), (3, 4), (4, 4), (3, 3, 3), (6,)], [" ", "-", ".", "—", "\u2002", "·", "−"]),
            _grouped([(3, 4)], ["  ", "\n", "——", " · "]), _spread([" ", "-", ".", "\u2002"]), _sprinkled("\u200d\u200f\u2062"), _keycaps,
            lambda value, random: random.choice(["+86", "+86—", "0086 ", "（86）", "86 "]) + value,
            lambda value, _: f"({value[:3]})-{value[3:7]}-{value[7:]}",
            lambda value, _: value[:3] + value[3:].replace("0", "o"), lambda value, _: value[:3] + " - " + value[3:7] + " - " + value[7:],
        ),
        Personal.ID_CARD: (
            _other_digits(_WIDE), _with_cross(_other_digits(_HAN), "X"), _other_digits(_BANKERS), _with_cross(_other_digits("𝟬𝟭𝟮𝟯𝟰𝟱𝟲𝟳𝟴𝟵"), "X"),
            _grouped([(6, 8), (6, 4, 4), (3, 3, 4, 2, 2), (10,)], [" ", "-", "\u2002", "."]), _spread([" ", "."]), _sprinkled("\u200d\u200f\u2062"),
            lambda value, _: value.lower(), _other_digits("०१२३४५६७८९"), _some_digits("𝟬𝟭𝟮𝟯𝟰𝟱𝟲𝟳𝟴𝟵"), _other_digits("⓿❶❷❸❹❺❻❼❽❾"), _with_cross(_grouped([(6, 8)], ["-"]), "Ｘ"),
        ),
        Personal.BANK_CARD: (
            _other_digits(_WIDE), _other_digits(_HAN), _other_digits(_BANKERS), _grouped([(4, 4, 4, 4)], [" ", "-", "\u2002", ".", "−"]), _grouped([(10,), (6, 4, 4), (6, 6)], [" ", "-"]),
            _spread([" ", "."]), _sprinkled("\u200d\u200f\u2062"), _some_digits("𝟬𝟭𝟮𝟯𝟰𝟱𝟲𝟳𝟴𝟵"), _other_digits("⓿❶❷❸❹❺❻❼❽❾"), _other_digits("०१२३४५६७८९"),
        ),
        Personal.EMAIL: (
            _written(at="＠"), _written(at="﹫", dot="。"), _written(at="{at}"), _written(at="(AT)", dot="(DOT)"), _written(at=" at ", dot="."), _written(at="艾特"),
            _written(at=" @ ", dot="点"), _written(at="圈A"), lambda value, _: value.capitalize(), _sprinkled("\u200d\u200f\u2062"), _written(at="\u2002@\u2002"),
            lambda value, _: value.translate({ord(c): chr(ord(c) + 0xFEE0) for c in string.ascii_letters + "@."}), _written(at=" [at] ", dot="[dot]"), _written(dot=" dot "),
        ),
        Personal.LANDLINE: (_other_digits("𝟬𝟭𝟮𝟯𝟰𝟱𝟲𝟳𝟴𝟵"), lambda value, _: value.replace("-", "—"), lambda value, _: value.replace("-", "  "), lambda value, _: "（" + value.replace("-", "） ")),
    },
    negatives=(
        "订单好<9999999999999999>", "商户单号：<9999999999999999999999>", "邮政<9999999999999>在中转", "通达76<9999999999999>", "取件<99>-<9>-<9999>", "一次性密码<9999>", "到手价￥<999>", "访问量17700<999999>", "成交额13300000000新台币", "载重18800000000吨", "现在时间17<99999999999>", "request id <99999999999999999999>", "EAN: <9999999999999>", "返回码<99999>",
        "GPU占用<99>%", "书号9787<999999999>", "仪器号<9999999999>-<9>", "2026年1<9>月<9>号下午", "<99>点<99>分<99>秒", "发了<9>遍了", "12333咨询过", "95<999>打来的", "110都报了", "96315说不归他们管", "电子票号<9999999999>", "许可证<999999999>", "D<9999>次改签", "HU<9999>取消", "案号（2026）京<99>民初<9999>号", "@全体成员", "@店小二<9> 发货没", "知乎@数码控<99>", "cover@2x.jpeg", "gem install rails@<9>.<9>.<9>", "user@localhost连不上",
        "arrived at the shop. great", "meet me at noon. bye", "套内<99>.<99>平米", "四室两厅", "<99>路公交", "第一天第二天第三天都没人", "一千零一夜", "七上八下的", "二零二六年十一月二十二日", "三万五千六百七十八块九毛", "±<9>.<99999999>", "<9>,<999>,<999>次", "P<999>页", "qq农场还能玩吗", "微信不能登录了", "卡死了", "银行转账要几天", "打<9>.<9>折", "兑换码<9999><9999>XY", "均码", "宽<999>厘米",
        "转发<9999>", "含糖<9>.<9>g", "<9>/<99>到货", "尾号<999>的车", "手机卡<99>元套餐", "邮箱收不到", "身份证照片糊了", "电话忙音", "手机充值<999>", "卡号不记得了",
    ),
)  # fmt: skip
TUNING = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH)


def _all_spellings() -> dict[Personal, list[Spelling]]:
    kinds = {kind for part in TUNING for kind in part.spellings}
    return {kind: [spelling for part in TUNING for spelling in part.spellings[kind]] for kind in sorted(kinds)}


HELD_OUT = Part(
    seed=419,
    frames={
        Personal.PHONE: (
            "{}", "师傅说联系不上{}，让我问问", "取货人{}到店", "昨晚用{}下的单", "二胎妈妈群里有人发了{}", "我现在人在外地，{}是我爸，让他签", "问一下{}有没有登记", "补发请寄给{}本人", "这台机器登记在{}名下", "退款短信发去{}了",
            "注册时手机写错了，多了一位，正确{}", "前天{}来电，没接到", "{}加V", "短信模板里是{}，要改", "物业{}二十四小时值班", "订餐人{}三人位", "麻烦外呼{}，下午两点后", "家里老人{}不识字", "[{}]", "新号{}旧号作废", "尾款联系{}第二天结",
        ),
        Personal.ID_CARD: (
            "{}", "体检人{}", "学籍上的身份证{}", "驾驶证号{}", "我证件{}没带", "快递实名{}", "开户用的身份证件{}", "办退税{}", "请核验{}", "身份证{}第一次用", "[{}]", "监护人{}",
        ),
        Personal.BANK_CARD: (
            "{}", "奖金发到{}", "兴业银行卡{}", "我那张{}已挂失", "还款卡{}", "请代扣{}", "卡{}余额不足", "平安信用卡{}年费", "民生卡号:{}", "[{}]", "二类卡{}", "付到这里 {}",
        ),
        Personal.EMAIL: (
            "{}", "简历投{}", "物流通知发{}", "对账单邮箱{}", "麻烦将{}解绑", "订阅用的是{}", "[{}]", "邮件来自{}", "我换成{}了", "备用邮箱:{}", "附件太大{}收不了", "cc {} thanks",
        ),
        Personal.LANDLINE: ("办事处{}", "联系座机{}", "单位固话{}", "店电话：{}", "总台{}"),
        Personal.NAME: ("收货人：{}，谢谢", "我的名字是{}", "持卡人是{}", "联系人为{}", "户名{}", "寄件人是{}", "姓名：{}"),
        Personal.ADDRESS: ("家住{}", "送到{}楼下", "地址是{}", "寄到{}就行", "公司在{}"),
        Personal.PLATE: ("车牌为{}", "我车牌{}", "{}已入场", "这辆{}是我的"),
        Personal.PASSPORT: ("护照号码：{}", "护照是{}的", "passport number {}"),
        Personal.ACCOUNT: ("微信：{}，备注退货", "加微信{}", "微信账号{}", "VX：{}"),
    },
    spellings=_all_spellings(),
    negatives=(
        "订单<999999999999999999>显示异常", "交易单4200<999999999999999999999999>", "圆通YT<9999999999999>", "百世55<999999999999>", "提货码<99999999>", "校验码<999999>", "补差价<99>.<9>元", "播放15500<999999>次了", "市值17600000000美元", "产量13100000000斤", "时间戳1<999999999>", "日志id=<9999999999999999999>", "69<99999999999>这个条码", "状态<999>",
        "内存<99>G", "S/N<99999999999>", "机身码86<9999999999999>", "20<99>年度账单", "2026-1<9>-<99>T1<9>:<99>:<99>Z", "约了<9>次师傅", "拨打96<999>", "955<99>客服说的", "110120都打过", "400<9999999>没人", "00<999999999>海外号码", "保单<9999999999999999>", "发票<99999999>作废", "K<999>次", "ZH<9999>", "文号[2026]<99>",
        "@群主 管管", "@设计师<9>号", "微博@追剧少女<999>", "avatar@2x.png", "yarn add vue@<9>.<9>.<99>", "root@127连不上", "stay at home. ok", "look at it dot it", "建筑面积<999>", "三房两厅", "坐<9>号线", "前三天后两天", "三三两两", "九九乘法表", "二零二五年度", "四千八百元整", "1e<9>", "<999>万人次",
        "page <99>", "QQ飞车", "微信步数<9999>", "卡片机", "银行卡丢了", "打八折", "券<99999999>", "S<9>款", "厚<9>毫米", "收藏<9999>", "热量<999>千卡", "<9>/<9>/20<99>", "短号<999>", "手机壳<99>元", "邮箱格式不对", "身份证复印件", "电话会议", "充值卡<99999999>", "卡号看不清",
    ),
)  # fmt: skip
