"""Names of people in a plain text, where a word beside them says that they are one; best effort."""

import re
from collections.abc import Iterator

from meiqia_search.fields import Personal
from meiqia_search.privacy.found import Found

COMPOUND_SURNAMES = frozenset({
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "夏侯",
})  # fmt: skip
_SINGLE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈姚卢姜崔钟谭"
    "陆汪范石廖贾夏韦方白邹孟熊秦邱江尹薛段雷侯龙史陶贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜"
    "倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻"
    "祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和"
    "仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝金黎赖傅萧阎闫付代习楚闻岳盖敬栗"
)
_SURNAME = f"(?:{'|'.join(sorted(COMPOUND_SURNAMES))}|[{_SINGLE}])"
_AMBIGUOUS = "和于成时方常连项全应向单车游路麻明谢任解计安从师"
"""Inside a sentence rather something else than a surname."""
_NEVER = (
    "我你您他她它的了吗呢吧啊是在有不没想要会能可这那哪个们就都也很请问电手号地址身联邮微订单退货款快递先女老客人好"
)
"""Characters of the sentence around a name rather than of a given name."""
_GIVEN = f"[^\\W\\da-zA-Z_{_NEVER}]"
_LABELLED = re.compile(
    "(?:我叫|我的名字[叫是]|本人叫?|姓名|收件人|收货人|联系人|寄件人|户名|持卡人|开户人|名字[叫是]?|署名)"
    "[ ]?[是为叫：:]?[ ]?"
    f"(?P<own>{_SURNAME}{_GIVEN}{{1,2}})"
)
_TITLE = re.compile("先生|女士|小姐")
_TITLED = re.compile(f"(?:(?<![^\\s\x1e，。,：:！!是])|(?![{_AMBIGUOUS}]))(?P<own>{_SURNAME}{_GIVEN}{{1,2}})$")
_LONGEST = 4
_LABELS = re.compile("我叫|名字|本人|姓名|件人|货人|系人|户名|卡人|户人|署名")
_PROSE = frozenset({
    "高兴", "高级", "文明", "安全", "全部", "应该", "明天", "明白", "时间", "成功", "方便", "常用", "连续", "和平",
    "于是", "解决", "包装", "任何", "任意", "简单", "万一", "单独", "古风", "成年", "安排", "华为",
})  # fmt: skip


def names(text: str) -> Iterator[Found]:
    """Every name that a word beside it gives away."""
    if _LABELS.search(text):
        for match in _LABELLED.finditer(text):
            yield from _name(match)
    for title in _TITLE.finditer(text):
        if named := _TITLED.search(text, max(title.start() - _LONGEST, 0), title.start()):
            yield from _name(named)


def _name(match: re.Match[str]) -> Iterator[Found]:
    if match["own"][:2] not in _PROSE:
        yield Found(match.start("own"), match.end("own"), Personal.NAME, match["own"])
