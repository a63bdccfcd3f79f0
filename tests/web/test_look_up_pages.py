"""Looking up a personal value from the search box: an address without it, or a sentence that says why not."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from meiqia_search.settings import Settings
from meiqia_search.wiring import Services
from tests.places import in_folder
from tests.web.world import EVIL_ID, PHONE, open_world, visitor


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    place: Settings = in_folder(tmp_path_factory.mktemp("look-up")).model_copy(update={"look_ups_a_minute": 4})
    opened = open_world(place)
    yield opened
    opened.close()


def asked(client: TestClient, **form: str) -> tuple[int, str, str]:
    """Status, address and text of what comes back."""
    got = client.post("/search", data={"csrf": client.headers["X-CSRF-Token"], **form})
    return got.status_code, got.headers.get("location", ""), got.text


def test_what_is_typed_becomes_an_address_without_the_value(world: Services) -> None:
    with visitor(world, "admin") as client:
        status, location, _ = asked(client, q=f"手机:{PHONE}", channel="wechat", size="50")
        assert (status, re.sub("k1%3A[0-9a-f]{32}", "PRINT", location)) == (
            303, "/search?phone=PRINT&channel=wechat&size=50",
        )  # fmt: skip
        page = client.get(location)
        assert EVIL_ID in page.text
        assert f"搜索 手机:{PHONE}" not in page.text
        assert asked(client, q="退款  物流", sort="relevance")[1].endswith(
            "q=%E9%80%80%E6%AC%BE%20%20%E7%89%A9%E6%B5%81&sort=relevance"
        )


def test_what_is_wrong_is_explained(world: Services) -> None:
    with visitor(world, "boss") as client:
        for query, status, words in (
            ("手机:139", 422, "只能按整个手机查找"), ('手机:"', 422, "没有配对"), ("手机:", 422, "后面缺少内容"),
        ):  # fmt: skip
            got = asked(client, q=query)
            assert (got[0], got[1]) == (status, "")
            assert words in got[2]
        for _ in range(4):
            assert asked(client, q=f"手机:{PHONE}")[0] == 303
        more = client.post("/search", data={"csrf": client.headers["X-CSRF-Token"], "q": f"手机:{PHONE}"})
        assert (more.status_code, int(more.headers["Retry-After"]) <= 60) == (429, True)
        assert "每分钟最多查找 4 次" in more.text
        assert PHONE not in more.headers.get("HX-Push-Url", "")


def test_who_may_not_is_refused(world: Services) -> None:
    with visitor(world, "agent") as client:
        for value in (PHONE, "139", "13800000000"):
            status, _, text = asked(client, q=f"手机:{value}")
            assert status == 403
            assert "不能按“手机”查找" in text


def test_a_form_of_another_session_is_refused(world: Services) -> None:
    with visitor(world, "admin") as client:
        assert client.post("/search", data={"csrf": "wrong", "q": f"手机:{PHONE}"}).status_code == 403


def test_a_value_that_the_question_no_longer_asks_for_stays_out_as_well(world: Services) -> None:
    with visitor(world, "leader") as client:
        for query in (f"退款 -(手机:{PHONE} -*)", f"手机:{PHONE} | *", f"手机:{PHONE} -*"):
            status, location, _ = asked(client, q=query)
            if status == 303:
                assert PHONE not in location
            else:
                assert (status, location) in {(403, ""), (429, "")}
    with visitor(world, "admin") as client:
        status, location, _ = asked(client, q=f"手机:{PHONE} | *")
        assert (status, PHONE in location) == (303, False)
