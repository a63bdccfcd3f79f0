"""The invented customers: each is computed from its number, so that a crowd of any size takes no memory."""
# ruff: noqa: E501, SIM905 - lists of words and sentences are read best as they are spoken

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TypeVar

from meiqia_search.channels.demo.personal import PREFIXES

T = TypeVar("T")

CHANNELS = ("wechat", "web", "app", "phone", "email")
_FIRST_CHANNEL = ("wechat",) * 8 + ("web",) * 6 + ("app",) * 5 + ("phone",) * 2 + ("email",)
_SECOND_CHANNEL = ("wechat",) * 4 + ("app",) * 3 + ("web",) * 4 + ("phone",) * 4 + ("email",) * 2
_PREFIXES = {"wechat": "wx", "web": "wb", "app": "ap", "phone": "ph", "email": "em"}
_SPREAD = 61_843_217  # coprime with 10**8: different customers get different numbers
_NUMBERS = 10**8

_SURNAMES = (
    "王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 罗 高 郑 梁 谢 宋 唐 许 韩 邓 冯 曹 彭 曾 肖 田 董 潘 袁 蔡 蒋 余 于 杜 叶 程 "
    "魏 苏 吕 丁 任 沈 姚 卢 姜 崔 钟 谭 陆 汪 范 石 廖 贾 夏 韦 方 白 邹 孟 熊 秦 邱 江 尹 薛 段 雷 侯 龙 史 陶 贺 顾 毛 欧阳 上官"
).split()
_MALE = (
    "伟 强 磊 军 洋 勇 杰 涛 超 明 刚 平 辉 鹏 飞 鑫 波 斌 宇 浩 凯 建国 志强 建华 文博 俊杰 子轩 浩然 宇航 博文 天佑 家豪 志远 泽宇 "
    "晓东 海涛 国栋 永刚 立新 嘉诚"
).split()
_FEMALE = (
    "芳 娜 敏 静 丽 艳 娟 霞 燕 玲 婷 雪 慧 莹 倩 佳 琳 颖 欣怡 梓涵 诗涵 秀英 桂兰 雨桐 思琪 晓燕 丽娟 淑珍 雅婷 梦瑶 佳怡 若曦 美玲 "
    "春梅 海燕 晓丽 紫萱 静怡 可欣 文静"
).split()
_PINYIN = (
    "wang li zhang liu chen yang huang zhao wu zhou xu sun lin he gao luo zheng xie tang han deng cao peng xiao tian "
    "dong pan cai jiang yu du ye cheng wei su lv ding shen yao lu"
).split()
_PLACES = (
    ("北京", "北京市", "朝阳区", "建国路 望京西路 广顺北大街 东四环中路"),
    ("北京", "北京市", "海淀区", "中关村大街 学院路 西三旗路"),
    ("上海", "上海市", "浦东新区", "张杨路 锦绣路 浦电路 川沙路"),
    ("上海", "上海市", "闵行区", "莘庄路 七莘路 沪闵路"),
    ("广东", "广东省深圳市", "南山区", "科技园路 南海大道 创业路"),
    ("广东", "广东省广州市", "天河区", "天河北路 体育西路 车陂路"),
    ("广东", "广东省佛山市", "禅城区", "季华五路 祖庙路"),
    ("浙江", "浙江省杭州市", "余杭区", "文一西路 良睦路 五常大道"),
    ("浙江", "浙江省宁波市", "鄞州区", "中兴路 百丈东路"),
    ("江苏", "江苏省南京市", "江宁区", "天元东路 双龙大道 竹山路"),
    ("江苏", "江苏省苏州市", "吴中区", "东吴北路 宝带西路"),
    ("四川", "四川省成都市", "武侯区", "人民南路 科华北路 武侯大道"),
    ("湖北", "湖北省武汉市", "洪山区", "珞喻路 雄楚大道 关山大道"),
    ("湖南", "湖南省长沙市", "岳麓区", "枫林路 桐梓坡路"),
    ("山东", "山东省青岛市", "市南区", "香港中路 江西路"),
    ("山东", "山东省济南市", "历下区", "经十路 解放路"),
    ("河南", "河南省郑州市", "金水区", "花园路 农业路 东风路"),
    ("陕西", "陕西省西安市", "雁塔区", "小寨东路 科技路 长安南路"),
    ("福建", "福建省厦门市", "思明区", "湖滨南路 莲前西路"),
    ("安徽", "安徽省合肥市", "蜀山区", "黄山路 长江西路"),
    ("重庆", "重庆市", "渝北区", "新南路 龙山路"),
    ("辽宁", "辽宁省沈阳市", "和平区", "南京南街 三好街"),
)
_STREETS = {streets: streets.split() for *_, streets in _PLACES}
_GARDENS = (
    "阳光花园 翡翠城 金色家园 锦绣华庭 万和苑 滨江一号 书香门第 幸福里 盛世名都 绿地新城 和谐小区 春江花月".split()
)
_ENDINGS = ("", "", "", "", "", "", "。", "。", "~", "…", "！", "😂", "哈")
_TAGS = ("高价值客户", "企业采购", "老带新", "易投诉", "价格敏感", "宝妈")


@dataclass(frozen=True, slots=True)
class Person:
    """One customer; ``accounts`` maps each channel they use to the id they are known by there."""

    name: str
    surname: str
    gender: str
    age: int
    phone: str
    email: str
    user_id: str
    wechat_id: str
    region: str
    address: str
    ip: str
    kind: str
    tag: str
    ending: str
    patience: int
    accounts: dict[str, str]

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels they use; the first one most."""
        return tuple(self.accounts)


class _Draw:
    """Small numbers taken one after the other from the digest of a seed and a customer's number."""

    def __init__(self, seed: int, number: int) -> None:
        self._bits = int.from_bytes(blake2b(b"%d:%d" % (seed, number), digest_size=32).digest(), "big")

    def below(self, limit: int) -> int:
        self._bits, drawn = divmod(self._bits, limit)
        return drawn

    def of(self, options: Sequence[T]) -> T:
        self._bits, drawn = divmod(self._bits, len(options))
        return options[drawn]


@lru_cache(maxsize=8192)
def person(seed: int, number: int) -> Person:
    """The customer of that number in the crowd of that seed."""
    draw = _Draw(seed, number)
    unique = (number * _SPREAD + 20_260_101) % _NUMBERS
    gender = draw.of(("男", "女", "女"))
    surname = draw.of(_SURNAMES)
    region, city, district, streets = draw.of(_PLACES)
    block = f"{1 + draw.below(28)}号楼{1 + draw.below(4)}单元{1 + draw.below(26)}0{1 + draw.below(4)}室"
    return Person(
        name=surname + draw.of(_MALE if gender == "男" else _FEMALE),
        surname=surname,
        gender=gender,
        age=19 + draw.below(46),
        phone=f"{draw.of(PREFIXES)}{unique:08}",
        email=f"{draw.of(_PINYIN)}{draw.of(('', '.', '_'))}{unique}@{draw.of(('example.com', 'example.cn'))}",
        user_id=f"U{unique:08}",
        wechat_id=f"wx_{draw.of(_PINYIN)}{unique * 7 % _NUMBERS:08}",
        region=region,
        address=f"{city}{district}{draw.of(_STREETS[streets])}{1 + draw.below(560)}号{draw.of(_GARDENS)}{block}",
        ip=f"{draw.of(('192.0.2', '198.51.100', '203.0.113'))}.{1 + draw.below(254)}",
        kind=draw.of(("vip", "regular", "regular", "regular", "new", "new", "new")),
        tag=draw.of(_TAGS) if draw.below(100) < 30 else "",
        ending=draw.of(_ENDINGS),
        patience=draw.below(10),
        accounts=_accounts(draw, unique),
    )


def _accounts(draw: _Draw, unique: int) -> dict[str, str]:
    channels = [draw.of(_FIRST_CHANNEL)]
    if draw.below(100) < 85:
        channels += [draw.of(_SECOND_CHANNEL), draw.of(_SECOND_CHANNEL)]
    return {channel: f"{_PREFIXES[channel]}{unique * 31 % _NUMBERS:08}" for channel in channels}
