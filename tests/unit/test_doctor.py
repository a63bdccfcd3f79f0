"""What the doctor finds on an archive that was harmed in one way, and that it repairs nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import column, select, table, update

from meiqia_search import doctor
from meiqia_search.checkup import Finding, Level
from meiqia_search.errors import BadConfiguration
from meiqia_search.records.checkup import RECORD
from meiqia_search.records.database import version_table
from meiqia_search.settings import Settings
from tests.corpus import corpus, indexed
from tests.places import only_in_folder
from tests.servers import Postgres
from tests.store import Store, caller, lose_index, opened

SOME = indexed(corpus()[:20])
VERSION = table(version_table("record"), column("version_num"))


@pytest.fixture
def store(place: Settings) -> Iterator[Store]:
    """An archive in which all is well."""
    with opened(place) as store:
        store.put(SOME)
        yield store


def troubles(store: Store) -> dict[str, str]:
    """What is wrong in an opened archive."""
    return wrong(doctor.opened(store.services, caller()))


def wrong(found: Iterator[Finding]) -> dict[str, str]:
    return {each.subject: each.text for each in found if each.level is not Level.GOOD}


def set_version(store: Store, version: str) -> None:
    with store.databases.record.write() as connection:
        connection.execute(update(VERSION).values(version_num=version))


def test_all_is_well(store: Store, place: Settings) -> None:
    before = list(doctor.before_opening(place))
    assert doctor.can_be_opened(before)
    assert [each for each in before if each.level is Level.TROUBLE] == []
    assert troubles(store) == {}


def test_nothing_is_made_by_looking(place: Settings) -> None:
    found = list(doctor.before_opening(place))
    assert not doctor.can_be_opened(found)
    assert "meiqia-search init" in wrong(iter(found))[RECORD]
    assert not place.data_dir.exists()


def test_no_index(store: Store) -> None:
    lose_index(store)
    assert "rebuild" in troubles(store)["索引"]
    store.rebuild()
    assert troubles(store) == {}


def test_changes_wait_and_nobody_works(store: Store) -> None:
    store.conversations.delete([SOME[0].id])
    assert "1 条改动" in (said := troubles(store)["完整性"])
    assert "serve" in said


def test_changes_wait_and_somebody_works(store: Store) -> None:
    store.conversations.delete([SOME[0].id])
    with store.databases.locks.writing.taken():
        assert "正在进索引" in troubles(store)["完整性"]


def test_the_index_lacks_conversations(store: Store) -> None:
    store.conversations.delete([SOME[0].id])
    store.conversations.done([each.seq for each in store.conversations.queued(10)])
    assert "verify --repair" in troubles(store)["完整性"]


def test_a_later_program_was_here(store: Store, place: Settings) -> None:
    set_version(store, "9999")
    found = list(doctor.before_opening(place))
    assert "请升级程序" in wrong(iter(found))[RECORD]
    assert not doctor.can_be_opened(found)
    with pytest.raises(BadConfiguration, match="请升级程序"):
        Store(place)


def test_an_earlier_program_was_here(store: Store, place: Settings) -> None:
    set_version(store, "0000")
    found = list(doctor.before_opening(place))
    assert "自动升级" in wrong(iter(found))[RECORD]
    assert not doctor.can_be_opened(found)
    with store.databases.record.read() as connection:
        assert connection.execute(select(VERSION.c.version_num)).scalar_one() == "0000"


@only_in_folder
def test_a_damaged_record(store: Store, place: Settings) -> None:
    store.close()
    for path in place.data_dir.glob("record.sqlite*"):
        path.write_bytes(b"nothing" * 5_000)
    assert "请从备份恢复" in wrong(doctor.before_opening(place))[RECORD]


@only_in_folder
def test_little_space(store: Store, place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LITTLE", 1 << 60)
    assert "请留出余地" in wrong(doctor.before_opening(place))["磁盘空间"]
    monkeypatch.setattr(doctor, "TOO_LITTLE", 1 << 60)
    assert "请腾出空间" in wrong(doctor.before_opening(place))["磁盘空间"]
    assert store.services.settings == place


@only_in_folder
def test_a_folder_in_which_nothing_can_be_written(place: Settings) -> None:
    nowhere = place.model_copy(update={"data_dir": Path("/proc")})
    assert "权限" in wrong(doctor.before_opening(nowhere))["数据文件夹"]


@only_in_folder
def test_a_folder_that_others_can_open(place: Settings) -> None:
    place.data_dir.mkdir(exist_ok=True)
    place.data_dir.chmod(0o750)
    assert "chmod 700" in wrong(doctor.before_opening(place))["其他账号"]
    place.data_dir.chmod(0o700)
    assert "其他账号" not in wrong(doctor.before_opening(place))


@only_in_folder
@pytest.mark.parametrize("address", ["mysql://x/y", "postgresql://h:port/x", "x"])
def test_no_address_of_a_database(place: Settings, address: str) -> None:
    found = list(doctor.before_opening(place.model_copy(update={"database_url": address})))
    assert "MEIQIA_DATABASE_URL" in wrong(iter(found))[RECORD]
    assert not doctor.can_be_opened(found)


@only_in_folder
def test_no_database_server(place: Settings) -> None:
    nobody = place.model_copy(update={"database_url": "postgresql://x@127.0.0.1:9/x"})
    assert "检查数据库是否在运行" in wrong(doctor.before_opening(nobody))[RECORD]


@only_in_folder
@pytest.mark.postgres
def test_no_such_database(place: Settings, postgres: Postgres) -> None:
    other = place.model_copy(update={"database_url": postgres.address("other")})
    assert "库名" in wrong(doctor.before_opening(other))[RECORD]
