"""The page of a conversation: everything that was said, safely, with the way back and onward."""

import re
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from meiqia_search.web.asked import address
from meiqia_search.wiring import Services
from tests.corpus import corpus
from tests.web.page import Page, get
from tests.web.world import EVIL, EVIL_ID, LONG


def test_every_message_is_there_in_order_with_its_time(admin: TestClient) -> None:
    each = next(c for c in corpus() if len(c.messages) > 5 and all(m.text.strip() for m in c.messages))
    page = get(admin, f"/conversations/{each.id}")
    anchors = [tag["id"].removeprefix("m-") for tag in page.tags if tag.attributes.get("id", "").startswith("m-")]
    assert anchors == [message.id for message in each.messages]
    said = [tag.text for tag in page.all("p") if tag.classes & {"said", "sys"}]
    for message, text in zip(each.messages, said, strict=True):
        assert text.startswith(message.text.replace("\r\n", "\n"))


def test_a_message_without_a_time_gets_none(admin: TestClient) -> None:
    each = next(c for c in corpus() if c.messages and all(m.at is None for m in c.messages))
    page = get(admin, f"/conversations/{each.id}")
    assert not [tag for tag in page.all("time") if "T" in tag["datetime"] and tag.attributes.get("title") is None][1:]
    assert page.source.count("时间未知") >= len([m for m in each.messages if m.speaker != "system"])


def test_hits_are_marked_and_lead_from_one_to_the_next(admin: TestClient) -> None:
    first = get(admin, "/search", q="退款", sort="-messages").all("a", "name")[0]
    page = get(admin, first["href"].split("#")[0])
    assert {tag.text for tag in page.all("mark")} <= {"退款", "退 款", "退　款"}
    hits = [tag for tag in page.tags if "has-hit" in tag.classes]
    assert first["href"].split("#")[1] in {tag["id"] for tag in hits}
    onward = [tag["href"] for tag in page.all("a") if tag.attributes.get("aria-label") == "到下一处命中"]
    assert onward == [f"#{tag['id']}" for tag in hits[1:] if tag.name == "article"]
    assert page.one("a", id="hit-down")["href"] == f"#{hits[0]['id']}"


@pytest.mark.parametrize("query", ["退款", "小结:客户", "退款 小结:客户", '"退款" | 发票'])
def test_the_list_and_the_page_count_the_same_hits(admin: TestClient, query: str) -> None:
    found = get(admin, "/search", q=query)
    lines = [re.findall(r"命中 (\d+) 条", tag.text) for tag in found.all("p", "about")]
    assert len(lines) > 3
    for link, (listed,) in zip(found.all("a", "name"), lines, strict=True):
        page = get(admin, link["href"].split("#")[0])
        assert page.one("b", id="hit-now").text == listed == str(len([t for t in page.tags if "has-hit" in t.classes]))


def test_a_hit_in_a_note_is_reached_like_one_in_a_message(admin: TestClient) -> None:
    each = next(c for c in corpus() if len(c.text("summary")) > 3)
    page = get(admin, f"/conversations/{each.id}", q=f'小结:"{each.text("summary")[:3]}"')
    assert page.one("a", id="hit-down")["href"] == "#n-summary"
    assert "has-hit" in page.one(id="n-summary").classes


def test_the_box_asks_on_with_the_filters_of_the_result(admin: TestClient) -> None:
    found = get(admin, "/search", q="退款 时长:>1分钟 (有:标签 | 有:评价)", channel=["web", "wechat"], sort="duration")
    page = get(admin, found.all("a", "name")[0]["href"].split("#")[0])
    form = page.tags.index(page.one("form", id="search"))
    fields = [tag for tag in page.tags[form : form + 20] if tag.name == "input"]
    again = get(admin, address("/search", [(tag["name"], tag["value"]) for tag in fields]))
    assert again.ids == found.ids
    assert "渠道是网页或微信" in page.one("p", "kept").text


def test_onward_and_back_walk_through_the_result(admin: TestClient) -> None:
    found = get(admin, "/search", q="退款", sort="-duration")
    page, walked = get(admin, found.all("a", "name")[0]["href"]), [found.ids[0]]
    assert not page.all("a", id="previous")
    for _ in range(5):
        address = page.one("a", id="next")["href"]
        walked.append(re.split(r"[/?]", address)[2])
        page = get(admin, address)
    assert walked == found.ids[:6]
    assert re.split(r"[/?]", page.one("a", id="previous")["href"])[2] == walked[-2]
    back = next(tag for tag in page.all("a") if "返回结果" in tag.text)
    assert get(admin, back["href"]).ids == found.ids


def test_without_a_search_there_is_no_result_to_walk_through(admin: TestClient) -> None:
    page = get(admin, f"/conversations/{EVIL_ID}")
    assert not [tag for tag in page.tags if tag.attributes.get("rel") in {"prev", "next"}]


def test_absent_and_forbidden_are_the_same_page(agent: TestClient) -> None:
    forbidden = next(c for c in corpus() if "k1" not in c.values("agent"))
    pages = [agent.get(f"/conversations/{each}") for each in (forbidden.id, "h9999", "nul%00")]
    assert [page.status_code for page in pages] == [404] * 3
    texts = {re.sub(page.headers["x-request-id"], "", page.text) for page in pages[:2]}
    assert len(texts) == 1


def test_what_tries_to_do_harm_is_shown_as_text(admin: TestClient) -> None:
    for path in (f"/conversations/{EVIL_ID}?q=alert", "/search?category=坏心思&q=alert", "/search?category=坏心思"):
        page = get(admin, path)
        scripts = [tag["src"].split("?")[0] for tag in page.all("script")]
        assert scripts == ["/static/vendor/htmx.min.js", "/static/app.js"]
        assert not page.all("img")
        assert not [name for tag in page.tags for name in tag.attributes if name.startswith("on") or name == "style"]
        assert not [tag for tag in page.tags if tag.attributes.get("href", "").lower().startswith("javascript:")]
    shown = {tag.text for tag in get(admin, f"/conversations/{EVIL_ID}").all("p", "said")}
    assert set(EVIL) <= shown


@pytest.mark.parametrize("text", EVIL)
def test_a_harmful_query_is_shown_as_text(admin: TestClient, text: str) -> None:
    page = Page(admin.get("/search", params={"q": text}).text)
    assert page.one("input", id="q")["value"] == text
    assert len(page.all("script")) == 2
    assert not page.all("img")


def test_files_are_cards_that_link_only_to_the_web(admin: TestClient) -> None:
    page = get(admin, f"/conversations/{EVIL_ID}")
    outside = [tag for tag in page.all("a") if tag.attributes.get("target") == "_blank"]
    assert [tag["href"] for tag in outside] == ["https://files.example.com/a.pdf"]
    assert outside[0]["rel"] == "noreferrer noopener"
    assert "javascript:alert(2)" in page.source


def test_waits_are_said(admin: TestClient) -> None:
    page = get(admin, f"/conversations/{EVIL_ID}")
    assert "首次响应 20 分 00 秒" in page.source
    assert "会话由客服结束" in page.one("p", "sys").text


def test_a_very_long_conversation_comes_in_parts(admin: TestClient) -> None:
    page = get(admin, f"/conversations/{LONG}")
    assert len(page.all("article", "msg")) == 500
    parts = page.all("nav", "parts")[0]
    assert "第 1001–1200 条" in parts.text
    last = next(tag["href"] for tag in page.all("a") if tag.text == "第 1001–1200 条")
    assert len(get(admin, last).all("article", "msg")) == 200
    found = get(admin, f"/conversations/{LONG}", q='"深处的宝藏"')
    assert found.one("mark").text == "深处的宝藏"
    assert len(get(admin, f"/conversations/{LONG}", part="99").all("article", "msg")) == 200


def test_a_strange_id_is_reached_by_its_links(leader: TestClient) -> None:
    found = get(leader, "/search", q="奇怪的编号")
    page = get(leader, found.one("a", "name")["href"])
    assert "编号/带 斜杠?与#" in page.source
    assert get(leader, f"/conversations/{quote('编号/带 斜杠?与#', safe='')}").all("article", "msg")


def test_facts_and_the_customer_stand_apart(admin: TestClient, services: Services) -> None:
    each = next(c for c in corpus() if c.text("customer_name") and c.values("agent") and c.number("first_response"))
    page = get(admin, f"/conversations/{each.id}")
    inside = page.one("aside", "panel").text
    about, customer = inside.split("客户信息")
    for words in (each.id, services.archive.names.name("agent", str(each.first("agent"))), "首次响应"):
        assert words in about
    for words in (each.text("customer_name"), each.text("phone")):
        assert words in customer
        assert words not in about


def test_a_hit_in_a_note_is_marked_beside_the_conversation(admin: TestClient) -> None:
    each = next(c for c in corpus() if len(c.text("summary")) > 3)
    piece = each.text("summary")[:3]
    page = get(admin, f"/conversations/{each.id}", q=f'小结:"{piece}"')
    panel = page.source[page.source.index('class="panel"') :]
    assert f"<mark>{piece}" in panel
