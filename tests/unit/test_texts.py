"""Folding, cutting and marking, by example."""

import pytest

from meiqia_search.text import words
from meiqia_search.text.highlight import pieces, spans
from meiqia_search.text.normalise import fold, fold_with_offsets
from meiqia_search.text.written import letters, written


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("退款", "退款"),
        ("訂單的退款還沒有收到", "订单的退款还没有收到"),
        ("ＡＢＣ　ｄｅｆ", "abc def"),
        ("A  b\t\n c", "a b c"),
        ("␣ ␣", " "),
        ("straße ﬁne ½", "strasse fine 1⁄2"),
        ("café", "cafe\u0301"),
        ("cafe\u0301", "cafe\u0301"),
        ("İ", "i\u0307"),
        ("①㈱㊙", "1(株)秘"),
        ("乾燥機", "干燥机"),
        ("𠮷😀", "𠮷😀"),
        ("", ""),
        ("\ud800", "\ud800"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_offsets() -> None:
    assert fold_with_offsets("退款 abc") == ("退款 abc", None)
    assert fold_with_offsets("ﬁ  x") == ("fi x", [0, 0, 1, 3])


@pytest.mark.parametrize(
    ("folded", "expected"),
    [
        ("退款一直没到账", ["退款", "一直", "没到", "账"]),
        ("订单a-1024，已发货!", ["订单", "a", "1024", "已", "发货"]),
        ("好的😀👍", ["好", "的", "😀👍"]),
        ("c++ 和 c#", ["c", "++", "和", "c"]),
        ("，。！", []),
        ("", []),
    ],
)
def test_cut(folded: str, expected: list[str]) -> None:
    assert words.cut(folded) == expected


def test_needles() -> None:
    assert words.needles("退款 退款", most=32) == ("退款",)
    assert words.needles("退款物流", most=1) == ("退款物流",)
    assert words.needles("，。", most=32) == ("，。",)


@pytest.mark.parametrize(
    ("text", "needles", "hits"),
    [
        ("退款和退款", ["退款"], [(0, 2), (3, 5)]),
        ("很很很", ["很很"], [(0, 3)]),
        ("退款", ["退", "款"], [(0, 2)]),
        ("訂單 ＡＢＣ", ["单 a"], [(1, 4)]),
        ("aﬁb", ["i"], [(1, 2)]),
        ("催  一下", ["催 一"], [(0, 4)]),
        ("催  ", [" "], [(1, 3)]),
        ("没有", ["退款", ""], []),
    ],
)
def test_spans(text: str, needles: list[str], hits: list[tuple[int, int]]) -> None:
    assert spans(text, needles) == hits
    assert "".join(piece for piece, _ in pieces(text, spans(text, needles))) == text


def test_what_nobody_sees_is_no_word() -> None:
    for blank in ("\u200b" * 4, "\u3164" * 4, "\u2800" * 4, "\u202e" * 4, "\0" * 4, "\u115f\u1160\uffa0 ", "！？。…"):
        assert letters(blank) == 0
        assert written(f"核\u200b实{blank}").startswith("核实")
    assert letters("已核实 ok") == 5
    assert written("  已核实\n\x00没有问题 ") == "已核实 没有问题"
