"""What an administrator sets of the rules for alerts: what is understood, kept, and said of a change."""

import json

import pytest

from meiqia_search.audit.rules import DEFAULTS, adjusted, differences, from_json, to_json
from meiqia_search.audit.setting import read, written
from meiqia_search.clock import Instant
from meiqia_search.errors import BadRequest, BadValue, RecordUnavailable
from meiqia_search.query.filter import Or, Term
from meiqia_search.query.names import NoNames

NOW = Instant(1_795_000_000_000_000)


def test_the_rules_in_words() -> None:
    words = {name: rule.words for name, rule in DEFAULTS.items()}
    assert words["many_customers"] == "60 分钟内超过 100 位非本人接待的客户"
    assert words["night_export"] == "22 点到 6 点之间，60 分钟内超过 0 次导出"
    assert words["large_export"] == "一天内超过 5,000 行导出，并且超过此人以往各天中位数的 5 倍"
    assert words["special_records"].endswith("（客户类型是VIP）")
    assert len({rule.label for rule in DEFAULTS.values()}) == len(DEFAULTS)


@pytest.mark.parametrize("name", DEFAULTS)
def test_what_is_written_is_read_back(name: str) -> None:
    rule = DEFAULTS[name]
    assert adjusted(rule, read(written(rule), NoNames(), NOW)) == rule
    assert set(written(rule)) == {*rule.settable, "enabled"}


def test_settings_as_people_write_them() -> None:
    typed = {"most": " 1,000 ", "hours": "22 至 6", "where": "客户类型:VIP | 标签:重点", "enabled": "off"}
    assert read(typed, NoNames(), NOW) == {
        "most": 1_000, "hours": (22, 6), "enabled": False,
        "where": Or((Term("customer_kind", ("vip",)), Term("tag", ("重点",)))),
    }  # fmt: skip


@pytest.mark.parametrize(
    "typed",
    [{"most": "x"}, {"most": "-1"}, {"most": ""}, {"window": "1.5"}, {"hours": "22"}, {"enabled": "yes"}, {"x": "1"},
     {"where": "无此字段:1("}, {"most": "9" * 12}],
)  # fmt: skip
def test_what_cannot_be_understood(typed: dict[str, str]) -> None:
    with pytest.raises(BadRequest):
        read(typed, NoNames(), NOW)


@pytest.mark.parametrize(
    ("name", "values"),
    [("refusals", {"window": 0}), ("refusals", {"window": 1441}), ("refusals", {"most": 10_000_001}),
     ("refusals", {"hours": (0, 5)}), ("refusals", {"where": Term("tag", ("x",))}), ("night_export", {"hours": (5, 5)}),
     ("night_export", {"hours": (0, 25)}), ("large_export", {"factor": 0}), ("large_export", {"factor": True}),
     ("refusals", {"name": "other"})],
)  # fmt: skip
def test_what_makes_no_sense(name: str, values: dict[str, object]) -> None:
    with pytest.raises(BadValue):
        adjusted(DEFAULTS[name], values)


def test_hours_may_pass_midnight() -> None:
    night, morning = DEFAULTS["night_export"], DEFAULTS["night_reading"]
    assert [hour for hour in range(24) if night.at_hour(hour)] == [0, 1, 2, 3, 4, 5, 22, 23]
    assert [hour for hour in range(24) if morning.at_hour(hour)] == [0, 1, 2, 3, 4]


def test_rules_are_kept_and_come_back() -> None:
    changed = {
        **DEFAULTS,
        "night_export": adjusted(DEFAULTS["night_export"], {"hours": (20, 7), "most": 2}),
        "special_records": adjusted(DEFAULTS["special_records"], {"where": Term("tag", ("重点",))}),
        "refusals": adjusted(DEFAULTS["refusals"], {"enabled": False}),
    }
    kept, special = json.loads(json.dumps(to_json(changed))), "60 分钟内超过 20 条符合条件的会话"
    assert from_json(kept) == changed
    assert from_json({}) == DEFAULTS
    assert from_json({**kept, "later": {"most": 1}, "refusals": {"enabled": False, "later": 1}}) == changed
    assert list(differences(DEFAULTS, changed)) == [
        "夜间导出：22 点到 6 点之间，60 分钟内超过 0 次导出 → 20 点到 7 点之间，60 分钟内超过 2 次导出",
        "多次被拒绝：10 分钟内超过 10 次被拒绝的操作 → 停用（10 分钟内超过 10 次被拒绝的操作）",
        f"集中阅读重点客户：{special}（客户类型是VIP） → {special}（标签是重点）",
    ]


@pytest.mark.parametrize(
    "kept",
    [[], None, {"refusals": 1}, {"refusals": {"most": "x"}}, {"night_export": {"hours": 3}},
     {"night_export": {"hours": [1]}}, {"special_records": {"where": {"x": 1}}}],
)  # fmt: skip
def test_what_was_never_kept_is_said(kept: object) -> None:
    with pytest.raises(RecordUnavailable):
        from_json(kept)
