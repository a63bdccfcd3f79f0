"""Keeping the rules for alerts, and who took note of what: each version and each note once, whoever comes at once."""

from concurrent.futures import ThreadPoolExecutor

from meiqia_search.records.alerts import Acknowledged, AlertRecord, RulesRow
from meiqia_search.records.database import Databases

ROW = RulesRow(1, 5, "p", "n", "{}")
NOTED = Acknowledged("refusals-1-9", 5, "p", "核实了")


def test_each_version_and_each_note_once(databases: Databases) -> None:
    record = AlertRecord(databases.record)
    assert (record.versions(), record.acknowledged()) == ([], {})
    assert [record.add(ROW), record.add(ROW), record.add(ROW._replace(version=3))] == [True, False, False]
    assert record.add(ROW._replace(version=2))
    assert [each.version for each in record.versions()] == [1, 2]
    assert [record.acknowledge(NOTED), record.acknowledge(NOTED._replace(note="x"))] == [True, False]
    assert record.acknowledged() == {NOTED.alert: NOTED}


def test_many_who_come_at_once(databases: Databases) -> None:
    record = AlertRecord(databases.record)
    with ThreadPoolExecutor(6) as pool:
        added = list(pool.map(lambda _: record.add(ROW), range(6)))
        noted = list(pool.map(lambda _: record.acknowledge(NOTED), range(6)))
    assert (added.count(True), noted.count(True)) == (1, 1)
