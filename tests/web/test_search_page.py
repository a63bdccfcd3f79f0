"""The search page: what it counts is what it finds, and everything it offers is a link that works."""

import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from meiqia_search import clock
from meiqia_search.errors import EngineUnavailable, SearchTimeout
from meiqia_search.fields import FIELDS
from meiqia_search.query.filter import EVERYTHING, And, Filter, Has, Not, Range, Term, Text
from meiqia_search.query.meaning import Subject, matches
from meiqia_search.web.asked import address
from meiqia_search.web.frame import Frame
from meiqia_search.wiring import Services
from tests.corpus import corpus, indexed
from tests.web.page import Page, get
from tests.web.world import EVIL_ID, special

SUBJECTS = [Subject(each) for each in indexed([*corpus(), *special()])]
OWN = Term("agent", ("k1",))


def count(where: Filter, sees: Filter = EVERYTHING) -> int:
    return sum(matches(And((sees, where)), subject) for subject in SUBJECTS)


def link(page: Page, text: str) -> str:
    return next(tag["href"] for tag in page.all("a") if text in " ".join(tag.text.split()))


def test_without_a_query_everything_visible_is_there_newest_first(admin: TestClient, agent: TestClient) -> None:
    assert get(admin, "/search").total == len(SUBJECTS)
    page = get(agent, "/search")
    assert page.total == count(EVERYTHING, OWN)
    times = [tag["datetime"] for tag in page.all("time") if "title" in tag.attributes]
    assert times == sorted(times, reverse=True)
    assert len(times) == len(page.ids) == 20


def test_the_box_keeps_what_was_typed(admin: TestClient) -> None:
    typed = '退款 渠道:微信 "到账"'
    assert get(admin, "/search", q=typed).one("input", id="q")["value"] == typed


@pytest.mark.parametrize("name", ["channel", "rating", "outcome", "agent"])
def test_every_count_of_a_facet_is_the_total_after_ticking_it(admin: TestClient, name: str) -> None:
    page = get(admin, "/search", q="退款")
    prefix = f"f-{name}-"
    ticks = [tag for tag in page.all("input") if tag.attributes.get("id", "").startswith(prefix)]
    counts = [tag.text for tag in page.all("label") if tag.text]
    assert ticks
    for tick in ticks:
        label = page.tags[page.tags.index(tick) - 1]
        assert label.text in counts
        shown = int(page.tags[page.tags.index(tick) + 2].text.replace(",", ""))
        assert get(admin, f"/search?q=退款&{tick['name']}={tick['value']}").total == shown


def test_any_field_can_be_the_eighth_facet(admin: TestClient) -> None:
    page = get(admin, "/search", q="退款")
    assert not page.all("input", name="customer_kind")
    assert page.all("input", name="group")
    page = get(admin, link(page, "客户类型"))
    ticks = page.all("input", name="customer_kind")
    assert (len(ticks) > 1, page.all("input", name="group")) == (True, [])
    for tick in ticks:
        label = page.tags[page.tags.index(tick) + 2].text
        narrowed = get(admin, address("/search", [("q", "退款"), ("customer_kind", tick["value"]), ("group", "g2")]))
        assert get(admin, f"/search?q=退款&customer_kind={tick['value']}").total == int(label)
        assert len({tag["data-facet"] for tag in narrowed.all("details", "facet")} - {"time", "others"}) <= 8
        assert "客服组" in [chip.text.split()[0] for chip in narrowed.all("span", "chip")]
    assert get(admin, link(page, "收起")).all("input", name="group")


def test_values_of_a_field_widen_and_fields_narrow(admin: TestClient) -> None:
    page = get(admin, "/search", channel=["web", "wechat"], rating="good")
    assert page.total == count(And((Term("channel", ("web", "wechat")), Term("rating", ("good",)))))
    assert {tag["value"] for tag in page.all("input", name="channel") if "checked" in tag.attributes} == {
        "web",
        "wechat",
    }
    other = get(admin, "/search", channel="web")
    sums = {tag["value"]: other.tags[other.tags.index(tag) + 2].text for tag in other.all("input", name="channel")}
    assert int(sums["wechat"]) == count(Term("channel", ("wechat",)))


def test_without_a_rating_is_a_value_like_any_other(admin: TestClient) -> None:
    both = get(admin, "/search", rating="poor", none="rating")
    assert both.total == count(Term("rating", ("poor",))) + count(Not(Has("rating")))
    assert {tag["id"] for tag in both.all("input", type="checkbox") if "checked" in tag.attributes} >= {"f-rating-none"}
    assert get(admin, "/search", none="rating").total == count(Not(Has("rating")))


def test_the_form_of_the_filters_carries_everything_else_along(admin: TestClient) -> None:
    page = get(admin, "/search", q="退款 客服:小林", channel="web", size="50", sort="duration")
    inside = page.tags[page.tags.index(page.one("form", id="filter-form")) :]
    ends = inside.index(next(tag for tag in inside if tag.name == "section"))
    fields = [tag for tag in inside[:ends] if tag.name == "input"]
    sent = [
        (tag["name"], tag["value"])
        for tag in fields
        if tag.attributes.get("type") not in {"checkbox", "radio"} or "checked" in tag.attributes
    ]
    again = get(admin, address("/search", sent))
    assert again.total == page.total
    assert again.ids == page.ids


def test_chips_can_be_removed_paused_and_resumed(admin: TestClient) -> None:
    page = get(admin, "/search", q="退款 渠道:微信")
    both, one = count(And((Text("退款"), Term("channel", ("wechat",))))), count(Text("退款"))
    assert page.total == both
    remove = next(tag for tag in page.all("a", "x") if "渠道" in tag["aria-label"])
    assert get(admin, remove["href"]).total == one
    paused = get(admin, next(tag for tag in page.all("a", "c") if "渠道" in tag.text)["href"])
    assert paused.total == one
    chip = paused.one("span", "chip-off")
    assert "已暂停" in chip.text
    resumed = get(admin, next(tag for tag in paused.all("a", "c") if "已暂停" in tag.text)["href"])
    assert resumed.total == both
    assert not resumed.all("span", "chip-off")
    assert get(admin, link(page, "清除全部")).total == len(SUBJECTS)


def test_pages_joined_give_every_conversation_once_and_back_again(agent: TestClient) -> None:
    page, ids = get(agent, "/search", sort="-duration"), []
    while True:
        ids += page.ids
        onward = page.all("a", rel="next")
        if not onward:
            break
        page = get(agent, onward[0]["href"])
    assert len(ids) == len(set(ids)) == count(EVERYTHING, OWN)
    back = get(agent, page.one("a", rel="prev")["href"])
    assert back.ids == ids[-len(page.ids) - 20 : -len(page.ids)]


def test_every_way_to_sort_and_every_size_is_a_link(admin: TestClient) -> None:
    page = get(admin, "/search", q="退款")
    orders = [tag for tag in page.all("a") if tag.text.startswith("按")]
    assert len(orders) == 1 + 2 * sum(field.sortable for field in FIELDS.values())
    for order in orders:
        sorted_ = get(admin, order["href"])
        assert sorted_.total == page.total
        assert any(tag.text == order.text and "aria-current" in tag.attributes for tag in sorted_.all("a"))
    assert len(get(admin, next(tag for tag in page.all("a") if tag.text == "50")["href"]).ids) == 50


def test_the_bars_are_true_and_lead_to_their_month(admin: TestClient) -> None:
    page = get(admin, "/search", q="退款")
    bars = [tag for tag in page.all("a") if "aria-label" in tag.attributes and "：" in tag["aria-label"]]
    bars = [tag for tag in bars if tag["aria-label"][:2] == "20"]
    assert len(bars) > 5
    for bar in bars:
        month, shown = bar["aria-label"].split("：")
        narrowed = get(admin, bar["href"])
        assert narrowed.total == int(shown.split()[0].replace(",", "")), month
        assert narrowed.one("input", id="f-within-custom").attributes.get("checked") is not None


def test_days_from_and_to_are_inclusive(admin: TestClient) -> None:
    page = get(admin, "/search?within=custom&from=2026-03-01&to=2026-03-01")
    day = clock.parse("2026-03-01")
    assert day is not None
    assert page.total == count(Range("started_at", day, day + clock.DAY))
    assert page.one("input", id="f-to")["value"] == "2026-03-01"


def test_an_empty_answer_offers_what_it_promises(admin: TestClient) -> None:
    page = get(admin, "/search", q='退款 渠道:微信 "这句话谁也没说过"')
    assert page.total == 0
    offers = [tag for tag in page.all("a") if tag.text.startswith("去掉")]
    assert len(offers) == 1
    shown = int(offers[0].text.split("”")[-1].split()[0].replace(",", ""))
    assert shown == get(admin, offers[0]["href"]).total > 0
    assert "放宽后" in page.source
    assert page.ids


def test_why_a_conversation_is_not_found_is_explained(admin: TestClient, agent: TestClient) -> None:
    other = next(s.conversation for s in SUBJECTS if s.conversation.text("channel") == "phone")
    assert "渠道" in get(admin, "/search", channel="web", find=other.id).one("p", "sm", role="status").text
    hidden = next(s.conversation for s in SUBJECTS if not matches(OWN, s))
    unknown = get(agent, "/search", find="nirgends").one("p", "sm", role="status").text
    forbidden = get(agent, "/search", find=hidden.id).one("p", "sm", role="status").text
    assert forbidden.replace(hidden.id, "") == unknown.replace("nirgends", "")


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"q": '"offen'}, 422),
        ({"q": "(" * 200}, 422),
        ({"q": "字" * 300}, 422),
        ({"nofield": "1"}, 422),
        ({"size": "1000"}, 422),
        ({"size": "x"}, 422),
        ({"sort": "phone"}, 422),
        ({"after": "forged"}, 400),
        ({"phone": "13800000001"}, 422),
        ({"from": "gestern"}, 422),
        ({"off": "{"}, 422),
        ({"where": "[["}, 422),
        ({"none": "nofield"}, 422),
    ],
)
def test_a_wrong_question_is_explained_and_kept(admin: TestClient, params: dict[str, str], status: int) -> None:
    answer = admin.get("/search", params=params)
    assert answer.status_code == status
    page = Page(answer.text)
    assert answer.headers["x-request-id"] in page.one(role="alert").text
    assert page.one("input", id="q")["value"] == params.get("q", "")


def test_htmx_gets_the_part_and_the_address(admin: TestClient) -> None:
    params = {"q": "退款", "from": "", "channel": "web"}
    answer = admin.get("/search", params=params, headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert answer.headers["hx-push-url"] == "/search?q=%E9%80%80%E6%AC%BE&channel=web"
    assert "HX-Request" in answer.headers["vary"]
    live = admin.get("/search", params=params, headers={"HX-Request": "true", "HX-Live": "true"})
    assert "hx-replace-url" in live.headers
    assert Page(live.text).ids == get(admin, "/search", q="退款", channel="web").ids


def test_personal_data_is_masked_for_those_who_see_it_masked(agent: TestClient, admin: TestClient) -> None:
    page = get(agent, "/search", category="坏心思")
    assert "139****5678" in page.source
    assert "13912345678" not in page.source
    detail = agent.get(f"/conversations/{EVIL_ID}")
    assert "139****5678" in detail.text
    assert "13912345678" not in detail.text
    for path in ("/api/v1/search?category=坏心思", f"/api/v1/conversations/{EVIL_ID}"):
        answer = agent.get(path)
        assert "139****5678" in answer.text
        assert "13912345678" not in answer.text
    assert "13912345678" in admin.get(f"/conversations/{EVIL_ID}").text


def test_an_id_alone_is_found_by_whom_it_may_be(admin: TestClient, agent: TestClient) -> None:
    hidden = next(s.conversation.id for s in SUBJECTS if not matches(OWN, s))
    assert get(admin, "/search", q=f" {hidden} ").ids == [hidden]
    assert get(admin, f"/search?q={hidden}&channel=nirgends").total == 0
    pages = [get(agent, "/search", q=each).source.replace(each, "") for each in (hidden, "h99999")]
    assert len({re.sub(r"[\d.]+ 秒", "", each) for each in pages}) == 1
    assert agent.get("/api/v1/search", params={"q": hidden}).json()["total"] == 0
    assert admin.post("/api/v1/search", json={"q": hidden}).json()["items"][0]["id"] == hidden


def test_a_value_nobody_has_is_told_with_links_to_those_that_are_there(admin: TestClient) -> None:
    page = get(admin, "/search", q="退款 分类:退款货", sort="duration")
    note = page.one("div", "note", role="status")
    assert "没有“问题分类”是“退款货”的会话" in note.text
    ways = page.tags[page.tags.index(note) :]
    nearest = next(tag for tag in ways if tag.name == "a")
    assert get(admin, nearest["href"]).total == count(And((Text("退款"), Term("category", (nearest.text,)))))
    assert "sort=duration" in nearest["href"]


@pytest.mark.parametrize("typed", ["退款 (", '"退款', "时间:昨天啊", "退" * 300])
def test_a_mistake_in_the_box_leaves_the_filters(admin: TestClient, typed: str) -> None:
    page = get(admin, address("/search", [("q", typed), ("channel", "web"), ("sort", "duration")]), 422)
    assert page.one("input", id="q")["value"] == typed
    assert "网页" in page.one("span", "chip").text
    assert "请改正搜索框里的内容" in page.source
    assert [tag["value"] for tag in page.all("input", name="channel") if "checked" in tag.attributes] == ["web"]
    kept = page.tags[page.tags.index(page.one("span", id="kept")) :][1:3]
    assert [(tag["name"], tag["value"]) for tag in kept] == [("channel", "web"), ("sort", "duration")]
    on = get(admin, link(page, "只用筛选条件"))
    assert (on.total, "sort=duration" in link(page, "只用筛选条件")) == (count(Term("channel", ("web",))), True)


def test_a_mistake_in_a_filter_says_so(admin: TestClient) -> None:
    page = get(admin, "/search?q=退款&from=gestern", 422)
    assert "看不懂日期" in page.one(role="alert").text
    assert "重新开始" in page.source


def test_an_error_has_the_number_of_its_request(admin: TestClient) -> None:
    for path in ("/search?q=(", "/conversations/nirgends"):
        answer = admin.get(path)
        assert f"请求编号 {answer.headers['x-request-id']}" in answer.text


def test_data_of_another_day_is_said_with_its_day() -> None:
    now, frame = clock.now(), Frame("", "", "", "", None, 0, confirmed=False, rooms=(), preview="", faults={})
    assert replace(frame, as_of=now).as_of_words == clock.show(now)[11:16]
    assert replace(frame, as_of=now - clock.DAY).as_of_words == clock.show(now - clock.DAY)[:16]


def test_an_unfinished_index_is_a_page_too(
    services: Services, monkeypatch: pytest.MonkeyPatch, admin: TestClient
) -> None:
    def broken(*_: object) -> None:
        raise EngineUnavailable

    monkeypatch.setattr(type(services.archive), "search", broken)
    page = get(admin, "/search", 503, q="退款")
    assert "搜索引擎暂时不可用" in page.one(role="alert").text
    assert page.one("input", id="q")["value"] == "退款"


def test_results_stand_without_their_counts(
    services: Services, monkeypatch: pytest.MonkeyPatch, admin: TestClient
) -> None:
    def late(*_: object) -> None:
        raise SearchTimeout

    monkeypatch.setattr(type(services.archive), "charts", late)
    page = get(admin, "/search", q="退款")
    assert page.ids
    assert "暂时算不出来" in page.source
