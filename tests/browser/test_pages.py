"""The pages in a real browser: with and without scripts, with keys alone, narrow, dark, and accessible."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import PHONE, WIDE, Opening
from tests.web.world import EVIL_ID, LONG, PASSWORD

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def asking(page: Page) -> list[str]:
    """The requests to the search from now on."""
    made: list[str] = []

    def note(request: Request) -> None:
        if "/search" in request.url:
            made.append(request.url)

    page.on("request", note)
    return made


def total(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator("h1").inner_text()))


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_from_signing_in_to_reading_and_back(opened: Opening, size: tuple[int, int]) -> None:
    with opened("/sign-in", size) as page:
        page.fill("[name=login]", "admin")
        page.fill("[name=password]", PASSWORD)
        page.click("button[type=submit]")
        everything = total(page)
        page.fill("#q", "退款")
        page.press("#q", "Enter")
        expect(page).to_have_url(re.compile(f"q={quote('退款')}"))
        expect(page.locator(".hit mark").first).to_be_visible()
        assert 0 < total(page) < everything
        assert {text.replace(" ", "") for text in page.locator(".hit mark").all_inner_texts()} == {"退款"}
        page.locator(".hit .name").first.click()
        expect(page.locator(".has-hit mark").first).to_be_visible()
        page.get_by_role("link", name="返回结果").click()
        expect(page.locator(".hit").first).to_be_visible()


def test_filters_change_the_page_in_place_and_back_restores(opened: Opening) -> None:
    with opened(f"/search?q={quote('退款')}") as page:
        page.evaluate("window.same = true")
        first = total(page)
        box = page.locator("input[name=channel]").first
        shown = int(box.locator("xpath=following-sibling::span[@class='n']").inner_text().replace(",", ""))
        box.check()
        expect(page).to_have_url(re.compile("channel="))
        expect(page.locator("h1")).to_have_text(f"共 {shown:,} 条")
        assert page.evaluate("window.same") is True
        assert page.evaluate("document.activeElement.name") == "channel"
        page.get_by_role("link", name="下一页").click()
        expect(page).to_have_url(re.compile("after="))
        page.evaluate("history.back()")
        expect(page).not_to_have_url(re.compile("after="))
        expect(page.get_by_text("应用筛选")).to_be_hidden()  # the page was loaded again and its scripts run
        page.evaluate("history.back()")
        expect(page.locator("h1")).to_have_text(f"共 {first:,} 条")
        assert page.locator("#q").input_value() == "退款"


def test_typing_asks_once_and_never_while_composing(opened: Opening) -> None:
    with opened("/search") as page:
        made = asking(page)
        page.focus("#q")
        page.evaluate("""() => {
          const box = document.getElementById("q");
          const send = (type, kind) => box.dispatchEvent(new kind(type, {bubbles: true}));
          send("compositionstart", CompositionEvent);
          for (const text of ["t", "tui", "tui kuan"]) { box.value = text; send("input", InputEvent); }
        }""")
        page.wait_for_timeout(600)
        assert made == []
        page.evaluate("""() => {
          const box = document.getElementById("q");
          box.value = "退款";
          box.dispatchEvent(new CompositionEvent("compositionend", {bubbles: true}));
          box.dispatchEvent(new InputEvent("input", {bubbles: true}));
        }""")
        expect(page.locator(".hit mark").first).to_be_visible()
        page.wait_for_timeout(500)
        assert len(made) == 1
        expect(page).to_have_url(re.compile(f"q={quote('退款')}"))


def test_keys_alone_do_everything(opened: Opening) -> None:
    with opened("/search") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("/")
        page.keyboard.type("退款 jk?")
        assert page.locator("#q").input_value() == "退款 jk?"
        page.fill("#q", "退款")
        page.keyboard.press("Enter")
        expect(page.locator(".hit mark").first).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        page.keyboard.press("j")
        second = page.locator(".hit .name").nth(1)
        expect(second).to_be_focused()
        page.keyboard.press("k")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/conversations/"))
        page.keyboard.press("n")
        expect(page.locator("#hit-now")).to_contain_text("/")
        first = page.url
        page.keyboard.press("]")
        expect(page).not_to_have_url(first)
        page.keyboard.press("[")
        expect(page).to_have_url(re.compile(re.escape(first.split("#")[0])))
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        page.locator("#keys-on").uncheck()
        page.get_by_role("button", name="关闭快捷键表").click()
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_hidden()
        page.evaluate("localStorage.clear()")
        page.keyboard.press("g")
        page.keyboard.press("s")
        expect(page).to_have_url(re.compile("/search$"))


def test_everything_works_without_scripts(opened: Opening) -> None:
    with opened("/search", scripts=False) as page:
        page.fill("#q", "退款")
        page.press("#q", "Enter")
        first = total(page)
        page.locator("input[name=channel]").first.check()
        page.get_by_role("button", name="应用筛选").click()
        assert 0 < total(page) < first
        page.get_by_role("link", name=re.compile("移除条件：渠道")).click()
        assert total(page) == first
        page.get_by_role("link", name="下一页").click()
        page.locator(".hit .name").first.click()
        assert page.locator(".has-hit mark").count()
        page.locator("#hit-down").click()
        assert "#m-" in page.url


@pytest.mark.parametrize("width", [320, 768, 1024, 1440])
def test_no_page_scrolls_sideways(opened: Opening, width: int) -> None:
    paths = ("/search", f"/search?q={quote('退款 这句话谁也没说过')}", f"/conversations/{EVIL_ID}?q=alert")
    with opened("/search", (width, 640)) as page:
        for path in paths:
            page.goto(path)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, path


@pytest.mark.parametrize("width", [1920, 1440, 1402, 1280, 1000, 375])
@pytest.mark.parametrize("query", ["珍珠", "退款", "小结:客户", '"请问有什么可以帮您"'])
def test_a_hit_is_in_sight_in_every_line(opened: Opening, width: int, query: str) -> None:
    with opened(f"/search?q={quote(query)}&size=100", (width, 1000)) as page:
        found = page.evaluate(
            """[...document.querySelectorAll(".snip:has(mark)")].map((line) => {
              const box = line.querySelector("dd").getBoundingClientRect();
              const isIn = (r) => r.left >= box.left - 1 && r.right <= box.right + 1 && r.bottom <= box.bottom + 1;
              const marks = [...line.querySelectorAll("mark")];
              return marks.some((mark) => isIn(mark.getClientRects()[0])) || line.textContent;
            })"""
        )
        assert len(found) > 5
        assert [each for each in found if each is not True] == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_serious_for_axe(opened: Opening, dark: bool) -> None:
    if not AXE.is_file():
        pytest.skip("没有 axe-core：请先运行 make setup")
    found = []
    paths = (
        "/sign-in",
        f"/search?q={quote('退款 渠道:微信')}",
        f"/search?q={quote('退款 渠道:微信 这句话谁也没说过')}",
        f"/conversations/{EVIL_ID}?q=alert",
        "/audit",
        "/audit/alerts",
        "/audit/rules",
        "/audit/rules/night_export",
    )
    for path in paths:
        with opened(path, dark=dark, bypass=True) as page:
            page.add_script_tag(path=AXE)
            result = page.evaluate("axe.run({resultTypes: ['violations']})")
            found += [
                (path, each["id"], [node["target"] for node in each["nodes"]][:3])
                for each in result["violations"]
                if each["impact"] in {"serious", "critical"}
            ]
    assert found == []


def test_targets_are_large_enough_to_touch(opened: Opening) -> None:
    with opened(f"/search?q={quote('退款')}", PHONE) as page:
        small = page.evaluate("""() => [...document.querySelectorAll("a, button, input:not([type=hidden]), summary")]
          .filter((each) => each.checkVisibility() && !each.closest("svg, label, .skip, table, .hit"))
          .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
          .filter(([, box]) => box.width && (box.width < 23.5 || box.height < 23.5) && box.height)
          .map(([html, box]) => `${html} ${box.width}x${box.height}`)""")
        assert small == []


def test_the_frame_stays_in_sight(opened: Opening) -> None:
    with opened(f"/search?q={quote('退款')}") as page:
        page.evaluate("window.scrollTo(0, 99999)")
        for part in (".topbar", ".rail", ".filters", ".cols"):
            expect(page.locator(part)).to_be_in_viewport(ratio=0.9)


def test_a_permalink_leads_to_its_message(opened: Opening) -> None:
    with opened(f"/conversations/{LONG}?part=2") as page:
        anchor = page.locator(".msg").nth(300).get_attribute("id")
        page.goto(f"/conversations/{LONG}?part=2#{anchor}")
        expect(page.locator(f"#{anchor}")).to_be_in_viewport()
