"""A name is found by any part of it, as it is written, as it sounds, and by its initials."""

import pytest

from meiqia_search.errors import BadValue, LimitExceeded
from meiqia_search.query.filter import Name
from meiqia_search.text.sounds import MOST, spellings


@pytest.mark.parametrize(
    ("name", "found", "absent"),
    [
        ("张三丰", ["张", "三丰", "张三丰", "zhang", "sanfeng", "zsf", "ZS", "Zhang San"], ["丰三", "zf", "李"]),
        ("歐陽娜娜", ["欧阳", "歐", "ouyang", "oynn", "yang na"], ["yo"]),
        ("曾先生", ["zeng", "ceng", "zxs", "cxs"], ["tseng"]),
        ("单雄信", ["shan", "dan", "sxx"], []),
        ("Lily Chen", ["lily", "chen", "lilychen", "lc", "ＬＩＬＹ"], ["cl"]),
        ("小王 wx88", ["xiaowang", "小王wx88", "xww"], []),
        ("🙂", ["🙂"], ["smile"]),
        ("吕布", ["lv", "lvbu", "lb"], []),
    ],
)  # fmt: skip
def test_what_a_name_is_found_by(name: str, found: list[str], absent: list[str]) -> None:
    def has(words: str) -> bool:
        return any(Name("customer_name", words).needle in each for each in spellings(name))

    assert [words for words in found if not has(words)] == []
    assert [words for words in absent if has(words)] == []


def test_a_name_has_a_bounded_number_of_spellings() -> None:
    assert len(spellings("单曾解仇盖朴" * 20)) <= 2 * MOST + 1


@pytest.mark.parametrize("words", ["", "  ", "\ud800"])
def test_nothing_is_no_name(words: str) -> None:
    with pytest.raises(BadValue):
        Name("customer_name", words)


def test_what_is_no_name_is_not_found_by_its_sound() -> None:
    with pytest.raises(BadValue, match="不是姓名"):
        Name("channel", "wei")
    with pytest.raises(LimitExceeded):
        Name("customer_name", "张" * 300)
