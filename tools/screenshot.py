"""The pictures of the README: ``python tools/screenshot.py http://127.0.0.1:8000`` while ``make run`` serves."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from machine import find_chromium

IMAGES = Path(__file__).parent.parent / "docs" / "images"
QUERY = '退款 客服:小王 "一直没到账"'


def take(address: str) -> None:
    """Sign in as the leader of the demo company and take the search page and a conversation."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(f"{address}/sign-in")
        page.fill("input[autocomplete=username]", "leader")
        page.fill("input[type=password]", "demo-leader")
        page.press("input[type=password]", "Enter")
        page.wait_for_url("**/search*")
        page.goto(f"{address}/search?q={QUERY}")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=IMAGES / "search.png")
        page.click(".hit .name >> nth=0")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=IMAGES / "conversation.png")
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1])
