"""What counts as a personal value in a text, and what only looks like one."""

import time

import pytest

from meiqia_search.fields import Personal
from meiqia_search.privacy.detect import find, find_each
from tests.labelled import Line, Score, lines, negatives, scores

SURE = (Personal.PHONE, Personal.ID_CARD, Personal.BANK_CARD, Personal.EMAIL)


@pytest.fixture(scope="module")
def labelled() -> list[Line]:
    return list(lines())


@pytest.fixture(scope="module")
def scored(labelled: list[Line]) -> dict[Personal, Score]:
    return scores(labelled, find)


def test_the_labelled_set_is_large_and_hard_enough(labelled: list[Line]) -> None:
    assert len(labelled) >= 5_000
    assert sum(line.adversarial for line in labelled) >= 0.3 * len(labelled)
    assert sum(not line.spans for line in labelled) >= 0.3 * len(labelled)


@pytest.mark.parametrize("kind", SURE)
def test_sure_kinds_are_found(scored: dict[Personal, Score], kind: Personal) -> None:
    assert scored[kind].recall >= 0.995
    assert scored[kind].precision >= 0.99


def test_names_in_context_are_mostly_found(scored: dict[Personal, Score]) -> None:
    assert scored[Personal.NAME].recall >= 0.85
    assert scored[Personal.NAME].precision >= 0.9


@pytest.mark.parametrize(
    "kind", [Personal.LANDLINE, Personal.ADDRESS, Personal.PLATE, Personal.PASSPORT, Personal.ACCOUNT, Personal.IP]
)
def test_other_kinds_are_found(scored: dict[Personal, Score], kind: Personal) -> None:
    assert scored[kind].recall >= 0.95
    assert scored[kind].precision >= 0.95


def test_hardly_anything_is_found_where_nothing_is() -> None:
    wrong = [text for text in negatives(4_000) if find(text)]
    assert len(wrong) <= 8, wrong


def test_values_come_in_their_plain_spelling(labelled: list[Line]) -> None:
    for line in labelled:
        for start, end, kind, value in line.spans:
            plain = [found.value.upper() for found in find(line.text) if found[:3] == (start, end, kind)]
            assert plain in ([value.upper()], []), line.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1\u200b38-1234-5678。", [(0, 14, Personal.PHONE, "13812345678")]),
        ("１️⃣３️⃣８️⃣12345678", [(0, 17, Personal.PHONE, "13812345678")]),
        ("½ 13812345678", [(2, 13, Personal.PHONE, "13812345678")]),
        ("㈱😀13812345678ﬁ", [(2, 13, Personal.PHONE, "13812345678")]),
        ("13812345678 13912345678", [(0, 11, Personal.PHONE, "13812345678"), (12, 23, Personal.PHONE, "13912345678")]),
        ("13812345678@example.com", [(0, 23, Personal.EMAIL, "13812345678@example.com")]),
        (
            "z@example.com13812345678",
            [(0, 13, Personal.EMAIL, "z@example.com"), (13, 24, Personal.PHONE, "13812345678")],
        ),
        ("+852 9123 4567", [(0, 14, Personal.PHONE, "+85291234567")]),
        ("123456#qq.com", [(0, 13, Personal.EMAIL, "123456@qq.com")]),
        ("身份证110105491231002", [(3, 18, Personal.ID_CARD, "110105491231002")]),
        ("13812345678万达广场", [(0, 11, Personal.PHONE, "13812345678")]),
        ("请打(010)66778899转8", [(2, 15, Personal.LANDLINE, "010-66778899")]),
    ],
)
def test_where_a_value_stands_in_the_original(text: str, expected: list[tuple[int, int, Personal, str]]) -> None:
    assert [tuple(each) for each in find(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "订单号20260113812345678901",
        "15800000000元",
        "15800000000 元",
        "￥15800000000",
        "13812345678.50",
        "13812345678万",
        "11010519491231002Y",
        "110105194913310021",
        "订单6222021234567890128",
        "版本10.0.1.2",
        "400-820-8820",
        "01234567-1386-4381-0013-800013800138",
        "138-0013-800-1",
        "13:80:01:38:00:01",
    ],
)
def test_what_only_looks_personal(text: str) -> None:
    assert find(text) == []


def test_an_id_card_needs_its_checksum_unless_a_word_says_what_it_is() -> None:
    assert [each.kind for each in find("11010519491231002X")] == [Personal.ID_CARD]
    assert find("110105194912310021") == []
    assert [each.kind for each in find("身份证110105194912310021")] == [Personal.ID_CARD]


def test_the_same_number_is_a_card_or_an_order_by_the_nearer_word() -> None:
    number = "6222021234567890123"
    assert [each.kind for each in find(f"卡号{number}")] == [Personal.BANK_CARD]
    assert [each.kind for each in find(f"订单的退款卡号{number}")] == [Personal.BANK_CARD]
    assert find(f"银行卡付款，订单号{number}") == []


def test_many_texts_at_once_give_the_same(labelled: list[Line]) -> None:
    texts = {line.text for line in labelled[:900]} | {"", "a\x1eb 13812345678", "a\x1eb"}
    assert find_each(texts) == {text: found for text in texts if (found := find(text))}
    assert find_each(set()) == {}


def test_no_value_goes_across_two_texts() -> None:
    assert find_each({"1381234", "5678", "13812", "345678"}) == {}
    assert find_each({"卡号", "6222021234567890123"}) == {}
    assert find("6222021234567890123") == []
    assert find("卡号6222021234567890123") != []


@pytest.mark.parametrize(
    "piece",
    [
        "1", "1 ", "1-", "一 ", "a@", "a@a.", "a-", "@a-", "路一", "路一一一一号", "省市区", "我叫王", "先生王",
        "（+86", "+1 2", "6222 ", "⑩", "\u200b1", "é", "1.1.1.1.", "微信a", "号1",
        " at a", "浙江省杭州市余杭区",
        "13812345678 ",
    ],
)  # fmt: skip
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * 200_000)[:200_000]
    began = time.process_time()
    find(text)
    assert time.process_time() - began < 10  # about a tenth of that; a pattern that is not linear takes hours
