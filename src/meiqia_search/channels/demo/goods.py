"""What the shop sells."""
# ruff: noqa: E501 - lists of words and sentences are read best as they are spoken

from typing import NamedTuple


class Product(NamedTuple):
    """One thing on sale: as people call it, its measure word, prices in tenths of a yuan."""

    name: str
    measure: str
    prices: tuple[int, ...]


def _line(measure: str, listed: str) -> tuple[Product, ...]:
    entries = (entry.split(":") for entry in listed.split())
    return tuple(
        Product(name, measure, tuple(int(float(p) * 10) for p in prices.split(","))) for name, prices in entries
    )


LINES: dict[str, tuple[Product, ...]] = {
    "appliance": _line(
        "台",
        "空气炸锅:269,329,399 破壁机:359,459,599 电饭煲:199,289,369 加湿器:99,149,189 吸尘器:499,699,899 养生壶:89,129,159 "
        "电吹风:79,139,259 挂烫机:129,199,239 扫地机器人:1299,1799,2199 电煮锅:69,99,119 除螨仪:159,239 早餐机:89,119",
    ),
    "kitchen": _line("台", "空气炸锅:269,329,399 破壁机:359,459,599 电饭煲:199,289,369 养生壶:89,129,159 电煮锅:69,99,119 早餐机:89,119"),
    "clothes": _line(
        "件",
        "羽绒服:399,469,599 卫衣:89,129,159 针织衫:99,139,169 冲锋衣:299,369,459 连衣裙:129,159,219 衬衫:79,109,139 "
        "毛呢大衣:359,499 防晒衣:79,99,129 睡衣:69,99 马甲:89,119",
    ),
    "shoes": _line("双", "跑鞋:199,259,329 帆布鞋:79,99,129 马丁靴:229,289 老爹鞋:159,199,239 凉鞋:69,99 雪地靴:169,219 小白鞋:119,149,179"),
    "food": _line(
        "份",
        "坚果礼盒:79.9,99,128 螺蛳粉:39.9,59.9 冻干咖啡:49.9,69,89 牛肉干:45.8,69.9 鲜花饼:29.9,39.9 车厘子:89,139,169 "
        "燕麦片:35.9,49.9 蛋黄酥:32.8,42.8 芒果干:19.9,29.9 粽子礼盒:59.9,88,118",
    ),
    "phone": _line(
        "个",
        "手机壳:19.9,29.9,39 充电宝:79,99,129 快充头:39,59,79 无线充电器:69,99 手机支架:25.9,35.9 自拍杆:49,69 车载充电器:45,59",
    ),
    "power": _line("个", "充电宝:79,99,129 快充头:39,59,79 无线充电器:69,99 车载充电器:45,59"),
    "fitted": _line("台", "净水器:899,1299 智能门锁:799,1099 电动晾衣机:599,899 投影仪:1599,1999 浴霸:399,499"),
    "smart": _line("个", "扫地机器人:1299,1799,2199 智能台灯:129,169,199 体脂秤:69,99,129 智能音箱:199,269 智能插座:39.9,59 摄像头:129,179,229"),
    "buds": _line("副", "蓝牙耳机:99,159,229 降噪耳机:299,399 运动耳机:129,189"),
}  # fmt: skip

ANY = ("appliance", "clothes", "shoes", "food", "phone", "buds")
HARD = ("appliance", "phone", "buds", "smart")
WORN = ("clothes", "shoes")


def yuan(tenths: int) -> str:
    """A price as people write it: ``129``, ``89.9``."""
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest}" if rest else str(whole)
