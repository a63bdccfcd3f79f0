"""Values that are clear for a while, in a real browser: they vanish by themselves, with and without an answer."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from meiqia_search import clock
from meiqia_search.archive.revealing import LASTS
from meiqia_search.clock import SECOND
from meiqia_search.wiring import Services
from tests.browser.conftest import PHONE, WIDE, Opening
from tests.browser.test_pages import AXE
from tests.corpus import corpus
from tests.web.world import PASSWORD

pytestmark = pytest.mark.browser
TALK = next(each for each in corpus() if "g2" in each.values("group") and each.text("phone"))
PATH, NUMBER = f"/conversations/{TALK.id}", TALK.text("phone")


@pytest.fixture
def let_it_end(world: Services, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Turns the clock of the server, so that what was revealed just now ends within moments."""

    def turn() -> None:
        monkeypatch.setattr(world.archive._reveals, "_now", lambda: clock.now() + LASTS - 4 * SECOND)  # noqa: SLF001

    return turn


def reveal(page: Page) -> None:
    page.click("[popovertarget=r-phone]")
    form = page.locator("form.reveal:visible")
    form.locator("[name=reason]").fill("客户要求回电")
    if form.locator("[name=password]").count():
        form.locator("[name=password]").fill(PASSWORD)
    form.locator("button").click()
    expect(page.locator("#card + .facts")).to_contain_text(NUMBER)


def test_it_is_covered_again_without_a_reload(opened: Opening, let_it_end: Callable[[], None]) -> None:
    with opened(PATH, login="leader") as page:
        expect(page.locator("body")).not_to_contain_text(NUMBER)
        reveal(page)
        expect(page.locator("#revealed")).to_contain_text("还剩 4 分")
        let_it_end()
        page.reload()
        page.evaluate("window.marked = true")
        expect(page.locator("#card + .facts")).to_contain_text(NUMBER)
        expect(page.locator("#card + .facts")).not_to_contain_text(NUMBER, timeout=20_000)
        expect(page.locator("#revealed")).to_have_count(0)
        expect(page.locator(".msg").first).to_be_visible()
        assert page.evaluate("window.marked")
        assert NUMBER not in page.content()


def test_it_vanishes_also_where_no_answer_comes(opened: Opening, let_it_end: Callable[[], None]) -> None:
    def nothing(route: Route) -> None:
        route.fulfill(body="<p>登录</p>", content_type="text/html")

    with opened(PATH, login="leader") as page:
        reveal(page)
        let_it_end()
        page.reload()
        expect(page.locator("#card + .facts")).to_contain_text(NUMBER)
        page.route(f"**{PATH}*", nothing)
        expect(page.locator("main")).to_contain_text("请刷新页面", timeout=20_000)
        assert NUMBER not in page.content()


def test_it_is_revealed_without_scripts(opened: Opening) -> None:
    with opened(PATH, PHONE, scripts=False, login="leader") as page:
        reveal(page)
        expect(page.locator("#revealed")).to_contain_text("自动恢复脱敏")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_nothing_serious_for_axe_and_nothing_scrolls_sideways(
    opened: Opening, dark: bool, size: tuple[int, int]
) -> None:
    with opened(PATH, size, dark=dark, bypass=True, login="leader") as page:
        assert serious(page) == []
        page.click("[popovertarget=r-phone]")
        assert serious(page) == []
        page.keyboard.press("Escape")
        reveal(page)
        assert serious(page) == []
    with opened("/roles/leader", size, dark=dark, bypass=True) as page:
        assert serious(page) == []
        page.click("text=预览（只读）")
        expect(page.locator(".preview")).to_contain_text("正在以 Leader")
        assert serious(page) == []
        page.goto(PATH)
        assert serious(page) == []
        page.click("text=结束预览")
        expect(page.locator(".preview")).to_have_count(0)


def serious(page: Page) -> list[object]:
    """What stands in somebody's way on this page."""
    if not AXE.is_file():
        pytest.skip("没有 axe-core：请先运行 make setup")
    page.add_script_tag(path=AXE)
    violations = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found: list[object] = [
        (each["id"], [node["target"] for node in each["nodes"]][:3])
        for each in violations
        if each["impact"] in {"serious", "critical"}
    ]
    return found + ([f"{wide} px wider than the window"] if wide > 0 else [])


def test_the_way_out_of_a_preview_stays_in_sight(opened: Opening) -> None:
    for size in (WIDE, PHONE):
        with opened("/people/leader", size) as page:
            page.click("text=以此身份预览")
            page.evaluate("window.scrollTo(0, 99999)")
            expect(page.locator("text=结束预览")).to_be_in_viewport(ratio=0.9)
            page.click("text=结束预览")
            expect(page).to_have_url(re.compile("/people/leader$"))
