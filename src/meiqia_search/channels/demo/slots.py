"""The values that fill a scene's slots: made when first asked for, the same for the rest of the dialogue."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from meiqia_search.channels.demo import personal
from meiqia_search.channels.demo.chance import Chance, pick
from meiqia_search.channels.demo.goods import LINES, yuan
from meiqia_search.channels.demo.people import Person
from meiqia_search.channels.demo.scene import Scene
from meiqia_search.channels.demo.schedule import Start

_COURIERS = (
    ("顺丰", "SF"),
    ("中通", "ZT"),
    ("圆通", "YT"),
    ("韵达", "YD"),
    ("申通", "ST"),
    ("极兔", "JT"),
    ("京东", "JD"),
)
_HUBS = ["杭州", "嘉兴", "义乌", "武汉", "郑州", "广州", "东莞", "长沙", "成都", "合肥", "南京", "无锡", "西安", "济南"]
_COLOURS = ["黑色", "白色", "米白色", "灰色", "藏青色", "咖色", "墨绿色", "雾霾蓝", "奶茶色", "酒红色"]
_COUPONS = ((39, 5), (69, 8), (99, 10), (199, 20), (199, 30), (299, 40), (300, 50))
_BANKS = ["工商银行", "建设银行", "农业银行", "招商银行", "中国银行", "交通银行"]
_COMPANIES = [
    "启明办公设备",
    "云杉文化传媒",
    "恒泰机电",
    "晨曦教育咨询",
    "锦程建筑装饰",
    "绿洲园林",
    "博远信息技术",
    "瑞丰贸易",
]
_HANDSETS = [
    "荣耀90",
    "小米14",
    "华为P60",
    "华为Mate60",
    "苹果15",
    "苹果14",
    "红米K70",
    "vivo X100",
    "OPPO Find X7",
    "一加12",
]


class Slots(dict[str, str]):
    """The values of one dialogue, consistent with each other."""

    def __init__(self, scene: Scene, who: Person, start: Start, chance: Chance) -> None:
        super().__init__()
        self.scene = scene
        self.who = who
        self.start = start
        self.chance = chance

    def __missing__(self, name: str) -> str:
        value = self[name] = MAKERS[name](self)
        return value

    def again(self, start: Start) -> "Slots":
        """The same matter when the customer comes back about it."""
        later = Slots(self.scene, self.who, start, self.chance)
        later.update(self)
        return later

    def number(self, first: int, last: int) -> int:
        """A whole number between the two, inclusive."""
        return first + int(self.chance() * (last - first + 1))

    def digits(self, count: int) -> str:
        """That many digits."""
        return f"{int(self.chance() * 10**count):0{count}}"


def _day(slots: Slots, days: int) -> str:
    day = slots.start.day + timedelta(days=days)
    return f"{day.month}月{day.day}号"


def _bought_days(slots: Slots) -> int:
    return int(slots["days"]) + int(slots["shipping"])


def _product(slots: Slots) -> str:
    product = pick(LINES[pick(slots.scene.lines, slots.chance)], slots.chance)
    slots["piece"] = product.measure
    slots["price"] = yuan(pick(product.prices, slots.chance))
    return product.name


def _of_product(name: str) -> Callable[[Slots], str]:
    def made(slots: Slots) -> str:
        _product_first = slots["product"]
        return slots[name]

    return made


def _tenths(slots: Slots, name: str) -> int:
    return round(float(slots[name]) * 10)


def _low(slots: Slots) -> str:
    price = _tenths(slots, "price")
    diff = min(max(10, round(price * (0.06 + slots.chance() * 0.16) / 10) * 10), price - 10)
    slots["diff"] = yuan(diff)
    return yuan(price - diff)


def _diff(slots: Slots) -> str:
    slots["low"] = _low(slots)
    return slots["diff"]


def _order(slots: Slots) -> str:
    day = slots.start.day - timedelta(days=_bought_days(slots))
    return f"{day.year}{day.month:02}{day.day:02}{slots.digits(7)}{slots['tail']}"


def _courier(slots: Slots) -> str:
    name, code = pick(_COURIERS, slots.chance)
    slots["waybill"] = f"{code}{slots.digits(12)}"
    return name


def _waybill(slots: Slots) -> str:
    _courier_first = slots["courier"]
    return slots["waybill"]


def _coupon(slots: Slots) -> str:
    price = float(slots["price"])
    limit, off = pick([c for c in _COUPONS if c[0] <= price][-3:] or _COUPONS[:1], slots.chance)
    slots["off"] = str(off)
    return f"满{limit}减{off}"


def _off(slots: Slots) -> str:
    _coupon_first = slots["coupon"]
    return slots["off"]


def _shoe(slots: Slots) -> bool:
    return slots["piece"] == "双"


def _size(slots: Slots) -> str:
    if _shoe(slots):
        return str(slots.number(36, 39) if slots.who.gender == "女" else slots.number(40, 43))
    return pick("SML" if slots.who.gender == "女" else ("L", "XL"), slots.chance)


def _size_up(slots: Slots) -> str:
    size = slots["size"]
    return str(int(size) + 1) if size.isdigit() else {"S": "M", "M": "L", "L": "XL", "XL": "XXL"}[size]


def _other_colour(slots: Slots) -> str:
    return pick([colour for colour in _COLOURS if colour != slots["colour"]], slots.chance)


def _hour(slots: Slots) -> str:
    """An hour later on the same day."""
    return f"{max(10, min(slots.start.hour + slots.number(2, 5), 24))}点"


def _id_card(slots: Slots) -> str:
    return personal.id_card(slots.who.gender, slots.who.age, slots.start.day.year, slots.chance)


MAKERS: Mapping[str, Callable[[Slots], str]] = {
    "product": _product,
    "piece": _of_product("piece"),
    "price": _of_product("price"),
    "low": _low,
    "diff": _diff,
    "order": _order,
    "tail": lambda slots: slots.digits(4),
    "courier": _courier,
    "waybill": _waybill,
    "hub": lambda slots: pick(_HUBS, slots.chance),
    "days": lambda slots: str(slots.number(3, 9)),
    "few": lambda slots: str(slots.number(2, 4)),
    "shipping": lambda slots: str(slots.number(2, 5)),
    "when": lambda slots: _day(slots, -int(slots["days"])),
    "bought": lambda slots: _day(slots, -_bought_days(slots)),
    "soon": lambda slots: _day(slots, int(slots["few"])),
    "months": lambda slots: str(slots.number(2, 10)),
    "hour": _hour,
    "minutes": lambda slots: str(slots.number(10, 45)),
    "coupon": _coupon,
    "off": _off,
    "size": _size,
    "size_up": _size_up,
    "colour": lambda slots: pick(_COLOURS, slots.chance),
    "other_colour": _other_colour,
    "height": lambda slots: str(slots.number(155, 170) if slots.who.gender == "女" else slots.number(168, 185)),
    "weight": lambda slots: str(slots.number(92, 132) if slots.who.gender == "女" else slots.number(122, 178)),
    "handset": lambda slots: pick(_HANDSETS, slots.chance),
    "watt": lambda slots: str(slots.number(8, 20) * 100),
    "litre": lambda slots: pick(("3", "4", "4.5", "5", "6"), slots.chance),
    "points": lambda slots: str(slots.number(8, 96) * 50),
    "freight": lambda slots: str(slots.number(10, 23)),
    "repair": lambda slots: str(slots.number(6, 26) * 10),
    "foot": lambda slots: str((int(slots["size"]) + 10) / 2).removesuffix(".0"),
    "colleague": lambda slots: pick(("小王", "周敏", "刘洋", "大鹏", "苗苗", "小林"), slots.chance),
    "code": lambda slots: pick(("E1", "E2", "E3", "E5", "F0", "H3"), slots.chance),
    "percent": lambda slots: str(slots.number(2, 9) * 5),
    "pieces": lambda slots: str(slots.number(30, 200)),
    "bank": lambda slots: pick(_BANKS, slots.chance),
    "company": lambda slots: f"{pick(_HUBS, slots.chance)}{pick(_COMPANIES, slots.chance)}有限公司",
    "tax": lambda slots: f"9133{slots.digits(4)}MA{slots.digits(7)}X",
    "surname": lambda slots: slots.who.surname,
    "sir": lambda slots: slots.who.surname + ("先生" if slots.who.gender == "男" else "女士"),
    "name": lambda slots: slots.who.name,
    "phone": lambda slots: slots.who.phone,
    "typed_phone": lambda slots: personal.as_typed(slots.who.phone, slots.chance),
    "new_phone": lambda slots: f"{pick(personal.PREFIXES, slots.chance)}{slots.digits(8)}",
    "email": lambda slots: slots.who.email,
    "address": lambda slots: slots.who.address,
    "id_card": _id_card,
    "bank_card": lambda slots: personal.bank_card(slots.chance),
    "matter": lambda slots: slots.scene.matter,
}
"""How each slot is made; ``agent`` and ``call`` are set by the dialogue."""
