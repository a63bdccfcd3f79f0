"""A personal value that is typed is sent when it is whole, and stands in no address, title or box afterwards."""

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import Opening
from tests.web.world import EVIL_ID, PHONE

pytestmark = pytest.mark.browser


def requested(page: Page) -> list[str]:
    """The addresses of all requests from now on."""
    made: list[str] = []

    def note(request: Request) -> None:
        if "/static/" not in request.url:
            made.append(request.url)

    page.on("request", note)
    return made


@pytest.mark.parametrize("page_", ["/search", f"/conversations/{EVIL_ID}"])
@pytest.mark.parametrize("scripts", [True, False])
def test_the_value_is_in_no_address(opened: Opening, page_: str, scripts: bool) -> None:
    with opened(page_, scripts=scripts) as page:
        made = requested(page)
        page.locator("#q").press_sequentially(f"手机:{PHONE}", delay=20)
        page.wait_for_timeout(600)  # longer than a search while typing waits
        assert made == []
        page.press("#q", "Enter")
        expect(page.locator("h1")).to_have_text("共 1 条")
        expect(page.locator(".chip")).to_contain_text("手机 指定的值")
        expect(page.locator("#q")).to_have_value("")
        assert re.search("[?&]phone=k1", page.url)
        assert not [url for url in made if PHONE in url]
        assert PHONE not in page.title()
        page.reload()
        expect(page.locator("h1")).to_have_text("共 1 条")


def test_half_a_number_is_explained_and_stays_to_be_completed(opened: Opening) -> None:
    with opened("/search", scripts=False, refused=True) as page:
        made = requested(page)
        page.fill("#q", "手机:1391234")
        page.press("#q", "Enter")
        expect(page.locator(".note-bad")).to_contain_text("只能按整个手机查找")
        expect(page.locator("#q")).to_have_value("手机:1391234")
        assert not [url for url in [*made, page.url, page.title()] if "1391234" in url]
