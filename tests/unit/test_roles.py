"""Roles as an administrator designs them: what they mean, how they are kept, and what is refused."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import monotonic, sleep
from typing import Any

import pytest
from hypothesis import given
from sqlalchemy import update

from meiqia_search.accounts.people import People
from meiqia_search.accounts.roles import Roles
from meiqia_search.acl import rolefile
from meiqia_search.acl.difference import differences
from meiqia_search.acl.policy import Policy, built_in
from meiqia_search.acl.principal import LOCAL_LOGIN, Principal
from meiqia_search.acl.role import ADMINISTRATOR, AGENT, BUILT_IN, SUPERVISOR, Ability, Limits, Reach, Right, Role
from meiqia_search.acl.scope import scope_for
from meiqia_search.audit.events import Actor, Visit
from meiqia_search.errors import (
    ArchiveError,
    BadRequest,
    BadRole,
    BadValue,
    ChangedMeanwhile,
    FieldNotAllowed,
    LastAdministrator,
    NotFound,
    RecordUnavailable,
)
from meiqia_search.fields import Personal
from meiqia_search.privacy.mask import Show
from meiqia_search.query.filter import EVERYTHING, NOTHING, Filter, Not, Or, Range, Term, Text
from meiqia_search.query.meaning import matches
from meiqia_search.query.names import NoNames
from meiqia_search.query.request import Search, Sort
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.database import Databases
from meiqia_search.records.schema import policy as table
from tests.corpus import FIRST_DAY, corpus, subjects
from tests.places import NewPlace
from tests.roles import policies
from tests.store import Store, caller

BY = Actor("p-0", "administrator", Visit("cli"))
PASSWORD = "ein langes Wort"
NAMES = NoNames()


class Desk:
    """Roles and people on an empty record, as one process has them."""

    def __init__(self, databases: Databases) -> None:
        self.databases = databases
        self.audit = AuditLog(databases.audit)
        self.roles = Roles(databases.record, self.audit, NAMES, built_in("participant"))
        self.people = People(databases.record, self.audit, self.roles)

    def change(self, *roles: Role, without: str = "") -> Policy:
        """Put these roles beside or in place of those in force."""
        old = self.roles.current()
        kept = {name: role for name, role in old.roles.items() if name != without}
        new = Policy(kept | {role.name: role for role in roles})
        return self.roles.change(rolefile.to_json(new), old.version, BY)

    def audited(self) -> list[tuple[object, object]]:
        return [(row["action"], row["outcome"]) for row in self.audit.newest(1)]


@pytest.fixture
def desk(databases: Databases) -> Desk:
    return Desk(databases)


# ------------------------------------------------------------------------------------------------------------- files


@given(policy=policies())
def test_a_file_holds_the_whole_policy(policy: Policy) -> None:
    written = json.loads(json.dumps(rolefile.to_json(policy)))
    read = rolefile.from_json(written, policy.version)
    assert {name: role.rights for name, role in read.roles.items()} == {
        name: role.rights for name, role in policy.roles.items()
    }
    for name, role in policy.roles.items():
        again = read.roles[name]
        assert (again.label, again.reach, again.groups, again.where, again.forms) == (
            role.label, role.reach, role.groups, role.where, role.forms,
        )  # fmt: skip
        assert (again.abilities, again.limits, again.reveals) == (role.abilities, role.limits, role.reveals)
    assert rolefile.kept(written, policy.version) == read
    assert differences(policy, read, NAMES) == []


GOOD: dict[str, Any] = {"name": "night", "label": "夜班", "reach": "all"}


def unable(role: Role) -> dict[str, Any]:
    """The role in a file, without what it may do."""
    made: dict[str, Any] = rolefile.role_json(role)
    return {key: value for key, value in made.items() if key not in {"abilities", "limits", "reveals"}}


def file(**changes: object) -> dict[str, object]:
    """A file with the administrator and a role that is changed like this."""
    return {"format": rolefile.FORMAT, "roles": [rolefile.role_json(ADMINISTRATOR), GOOD | changes]}


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([], "应是 JSON 对象"),
        ({}, "这不是角色文件"),
        ({"format": "2", "roles": []}, "这不是角色文件"),
        (file() | {"rolls": []}, "不认识“rolls”"),
        ({"format": rolefile.FORMAT, "roles": {}}, "应是数组"),
        ({"format": rolefile.FORMAT, "roles": []}, "administrator 不能删除"),
        ({"format": rolefile.FORMAT, "roles": [{"name": "x"}]}, "缺少 label"),
        (file(colour="red"), "不认识“colour”"),
        (file(name="夜班"), "角色名“夜班”应为"),
        (file(name=3), "应是文字"),
        (file(label=" "), "应是文字"),
        (file(label="长" * 21), "1 到 20 个字"),
        (file(label="管理员"), "显示名“管理员”出现了两次"),
        (file(name="administrator"), "角色名“administrator”出现了两次"),
        (file(reach="everything"), "应是 own、owner、groups、named、all 之一"),
        (file(reach="named"), "写明客服组"),
        (file(groups=["g1"]), "写明客服组"),
        (file(where={"term": {"field": "colour", "values": ["red"]}}), "没有名为“colour”的字段"),
        (file(where={"has": "phone"}), "不能用“手机”"),
        (file(where={"term": {"field": "phone", "values": ["13800000001"]}}), "链接和条件里不写"),
        (file(where={"text": {"words": "退款"}}), "不能用“对话内容”"),
        (file(where={"term": {"field": "channel", "values": []}}), "至少要有一个值"),
        (file(where={"or": [{"has": "channel"}] * 21}), "筛选条件最多 20"),
        (file(where="channel=web"), "where"),
        (file(personal={"fax": "clear"}), "不认识“fax”"),
        (file(personal={"phone": "visible"}), "应是 hidden、masked、clear 之一"),
        (file(fields={"colour": {}}), "不认识“colour”"),
        (file(fields={"channel": {"show": "masked"}}), "“渠道”没有脱敏形式"),
        (file(fields={"channel": {"show": "hidden", "search": True}}), "“渠道”已隐藏"),
        (file(fields={"rating": {"search": False}}), "“满意度”不能查找，也就不能排序"),
        (file(fields={"started_at": {"sort": False}}), "“开始时间”是会话的基本内容"),
        (file(fields={"summary": {"show": "hidden"}}), "“小结”是会话的基本内容"),
        (file(fields={"qq": {"show": "clear", "sort": True}}), "“QQ”不能这样查找"),
        (file(fields={"channel": {"find": True}}), "不认识“find”"),
        (file(fields={"channel": {"export": 1}}), "应是 true 或 false"),
        (file(abilities=["fly"]), "应是 charts、export"),
        (file(abilities="maintain"), "应是数组"),
        (file(abilities=["export"], limits={"rows": 1}), "不认识“rows”"),
        (file(abilities=["export"], limits={"export_rows": "1"}), "应是整数"),
        (file(abilities=["export"], limits={"export_rows": True}), "应是整数"),
        (file(abilities=["export"], limits={"export_rows": 10_000_001}), "应为 0 到 10,000,000"),
        (file(abilities=["reveal"], limits={"reveals_a_day": -1}), "应为 0 到 1,000"),
        (file(abilities=["export"], limits={"reveals_a_day": 1}), "没有“查看明文”功能，就不能写“每人每天查看明文次数”"),
        (file(abilities=["export"], reveals=["phone"]), "没有“查看明文”功能，就不能写明"),
        (file(abilities=["reveal"], reveals=["fax"]), "应是 name、phone"),
        ({"format": rolefile.FORMAT, "roles": [rolefile.role_json(replace(ADMINISTRATOR, reach=Reach.OWN))]},
         "要能看全部会话"),
        ({"format": rolefile.FORMAT, "roles": [unable(ADMINISTRATOR)]},
         "要能看全部会话"),
        ({"format": rolefile.FORMAT, "roles": [rolefile.role_json(ADMINISTRATOR),
                                               *(GOOD | {"name": f"r{at}", "label": f"第{at}"} for at in range(50))]},
         "最多 50 个角色"),
    ],
)  # fmt: skip
def test_a_wrong_file_changes_nothing_and_is_recorded(desk: Desk, value: object, says: str) -> None:
    before = desk.roles.current()
    with pytest.raises(BadRole, match=says) as refused:
        desk.roles.change(value, before.version, BY)
    assert refused.value.detail.endswith(("。", "…"))
    assert desk.roles.current() == before
    assert len(desk.roles.history()) == 1
    assert desk.audited() == [("change_roles", refused.value.code)]


def test_a_missing_limit_is_the_usual_one_and_a_missing_ability_has_none() -> None:
    made = rolefile.read_role(GOOD | {"abilities": ["export", "reveal"], "limits": {"export_rows": 5}}, "它")
    assert (made.limits, made.reveals) == (Limits(5, 30), frozenset())
    before = rolefile.read_role(GOOD | {"abilities": ["maintain"]}, "它")
    assert (before.limits, len(before.reveals), before.abilities) == (Limits(), 0, frozenset({Ability.MAINTAIN}))
    scope = scope_for(Principal("p", "甲", "night"), Policy({"night": made}))
    assert (scope.limits.export_rows, scope.limits.reveals_a_day) == (5, 30)
    assert scope_for(Principal("p", "甲", "day"), Policy({"night": made})).limits == Limits()


def test_a_change_of_limits_is_said() -> None:
    old = rolefile.read_role(GOOD | {"abilities": ["reveal"], "reveals": ["phone"]}, "它")
    new = rolefile.read_role(GOOD | {"abilities": ["export", "reveal"], "limits": {"reveals_a_day": 5}}, "它")
    [said] = differences(Policy({"night": old}), Policy({"night": new}), NAMES)
    assert said == (
        "角色 夜班：功能 查看明文（手机，每天 30 次） → 导出（每次 10,000 行）、查看明文（没有选个人信息，每天 5 次）"
    )


def test_a_missing_field_right_is_the_usual_one() -> None:
    made = rolefile.read_role(GOOD | {"personal": {"phone": "masked"}, "fields": {"phone": {"export": False}}}, "它")
    assert made.rights["phone"] == Right(Show.MASKED, search=False, sort=False, export=False)
    assert made.rights["channel"] == Right(Show.CLEAR, search=True, sort=False, export=True)
    hidden = rolefile.read_role(GOOD | {"fields": {"rating": {"show": "hidden"}}}, "它")
    assert hidden.rights["rating"] == Right(Show.HIDDEN, search=False, sort=False, export=False)
    assert "rating" not in hidden.shows


# ------------------------------------------------------------------------------------------------------------ scopes

VIP = Term("customer_kind", ("vip",))
WHO = Principal("p", "甲", "night", agents=("k1", "k3"), groups=("g2",))


def night(reach: Reach = Reach.ALL, **more: Any) -> Role:  # noqa: ANN401 - the columns of a role
    return Role("night", "夜班", reach, dict.fromkeys(Personal, Show.MASKED), **more)


CASES: tuple[tuple[Role, Filter], ...] = (
    (night(), EVERYTHING),
    (night(where=VIP), VIP),
    (night(Reach.OWNER), Term("owner", ("k1", "k3"))),
    (night(Reach.OWN, where=Not(VIP)), Not(VIP)),
    (night(Reach.NAMED, groups=("g1", "g3")), EVERYTHING),
    (night(Reach.GROUPS, where=Range("started_at", FIRST_DAY + 100 * 86_400_000_000)), EVERYTHING),
    (night(where=Or((Term("channel", ("wechat", "phone")), Term("category", ("物流",))))), EVERYTHING),
)


@pytest.fixture(scope="module")
def store(new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = Store(new_place(tmp_path_factory.mktemp("roles")))
    made.put(corpus())
    yield made
    made.close()


def under(store: Store, role: Role) -> Any:  # noqa: ANN401 - an archive
    """The archive with only this role."""
    return type(store.archive)(
        store.index.reader, store.conversations, NAMES, store.audit, lambda: Policy({role.name: role}), "s",
        store.reveals, store.look_ups,
    )  # fmt: skip


@pytest.mark.parametrize("role", [role for role, _ in CASES])
def test_the_engine_the_record_and_the_meaning_agree(store: Store, role: Role) -> None:
    sees = scope_for(WHO, Policy({"night": role})).sees
    expected = sorted(each.conversation.id for each in subjects() if matches(sees, each))
    archive = under(store, role)
    page = archive.search(caller(WHO), Search(size=100))
    assert (page.total, page.lost) == (len(expected), 0)
    assert {row.conversation.id for row in page.rows} <= set(expected)
    forbidden = next((each.id for each in corpus() if each.id not in set(expected)), None)
    if expected:
        assert archive.read(caller(WHO), expected[0]).conversation.id == expected[0]
    if forbidden:
        with pytest.raises(NotFound):
            archive.read(caller(WHO), forbidden)


def test_what_a_reach_needs_and_does_not_have_is_nothing() -> None:
    bare = Principal("p", "甲", "night")
    for reach in (Reach.OWN, Reach.OWNER, Reach.GROUPS):
        for where in (EVERYTHING, VIP):
            assert scope_for(bare, Policy({"night": night(reach, where=where)})).sees == NOTHING


def test_a_hidden_field_is_neither_found_nor_counted_nor_sorted_by_nor_shown(store: Store) -> None:
    hidden = Right(Show.HIDDEN, search=False, sort=False, export=False)
    role = night(fields={"rating": hidden, "channel": hidden})
    archive = under(store, role)
    for search in (
        Search(Term("channel", ("web",))),
        Search(Not(Term("rating", ("good",)))),
        Search(sort=Sort("rating")),
    ):
        with pytest.raises(FieldNotAllowed):
            archive.search(caller(WHO), search)
    rows = archive.search(caller(WHO), Search(size=100)).rows
    assert not any(row.conversation.facts.keys() & {"rating", "channel"} for row in rows)
    with pytest.raises(FieldNotAllowed):
        archive.explain(caller(WHO), Term("channel", ("web",)), rows[0].conversation.id)


def test_what_may_be_found_need_not_be_sorted_by(store: Store) -> None:
    archive = under(store, night(fields={"duration": Right(Show.CLEAR, search=True, sort=False, export=True)}))
    assert archive.search(caller(WHO), Search(Range("duration", 60))).total > 0
    with pytest.raises(FieldNotAllowed, match="会话时长"):
        archive.search(caller(WHO), Search(sort=Sort("duration")))
    assert archive.search(caller(WHO), Search(Text("退款"))).total > 0


# ---------------------------------------------------------------------------------------------------------- versions


def test_an_archive_begins_with_the_built_in_roles(desk: Desk) -> None:
    assert desk.roles.current() == built_in("participant")
    assert [(each.number, each.person, each.note) for each in desk.roles.history()] == [(1, "", "初始角色")]


def test_processes_that_begin_at_once_agree(databases: Databases) -> None:
    desks = [Desk(databases) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda each: each.roles.current(), desks))
    assert found == [built_in("participant")] * 6
    assert len(desks[0].roles.history()) == 1


def test_a_change_is_a_new_version_with_its_words_and_its_audit(desk: Desk) -> None:
    new = desk.change(replace(AGENT, reach=Reach.ALL, personal=dict.fromkeys(Personal, Show.CLEAR)), night())
    assert (new.version, desk.roles.current()) == (2, new)
    newest = desk.roles.history()[0]
    assert (newest.number, newest.person) == (2, "p-0")
    assert "角色 客服：可见范围 本人会话 → 全部会话，姓名 脱敏 → 明文" in newest.note
    assert "新增角色 夜班：全部会话，无功能" in newest.note
    row = desk.audit.newest(1)[0]
    assert (row["action"], row["outcome"], row["count"], row["sentence"]) == ("change_roles", "ok", 2, newest.note)


def test_the_same_again_is_no_version(desk: Desk) -> None:
    assert desk.change().version == 1
    assert len(desk.roles.history()) == 1


def test_another_process_obeys_within_a_second(desk: Desk, databases: Databases) -> None:
    other = Desk(databases)
    assert other.roles.current().version == 1
    desk.change(night())
    began = monotonic()
    while other.roles.current().version != 2:
        assert monotonic() - began < 1
        sleep(0.02)
    assert "night" in other.roles.current().roles


def test_who_was_late_changes_nothing(desk: Desk, databases: Databases) -> None:
    other = Desk(databases)
    stale = other.roles.current()
    desk.change(night())
    with pytest.raises(ChangedMeanwhile):
        other.roles.change(rolefile.to_json(Policy({**stale.roles, "night": night(Reach.OWN)})), stale.version, BY)
    assert other.audited() == [("change_roles", "changed-meanwhile")]
    assert desk.roles.current().version == 2


def test_an_earlier_version_comes_back_as_a_new_one(desk: Desk) -> None:
    desk.change(night())
    desk.change(replace(night(), label="早班"))
    restored = desk.roles.change(desk.roles.file(2), 3, BY)
    assert (restored.version, restored.roles["night"].label) == (3 + 1, "夜班")
    assert [each.number for each in desk.roles.history()] == [4, 3, 2, 1]
    with pytest.raises(NotFound, match="第 9 版"):
        desk.roles.file(9)


def test_a_role_that_somebody_has_stays(desk: Desk) -> None:
    desk.change(night())
    desk.people.add("eva", "Eva", "night", PASSWORD, by=BY)
    with pytest.raises(BadRole, match="还有 1 个账号的角色是“夜班”"):
        desk.change(without="night")
    desk.people.disable("eva", BY)
    assert "night" not in desk.change(without="night").roles
    with pytest.raises(BadValue, match="没有名为“night”的角色"):
        desk.people.add("kim", "Kim", "night", PASSWORD, by=BY)


# ----------------------------------------------------------------------------------------- what cannot be read any more


def spoil(desk: Desk, change: Mapping[str, object]) -> Desk:
    """The role 'leader' as an older program might have kept it; seen by a process that starts now."""
    body = json.loads(json.dumps(rolefile.to_json(desk.roles.current())))
    next(each for each in body["roles"] if each["name"] == "leader").update(change)
    with desk.databases.record.write() as connection:
        connection.execute(update(table).values(body=json.dumps(body)))
    return Desk(desk.databases)


@pytest.mark.parametrize(
    "change",
    [
        {"where": {"term": {"field": "gone", "values": ["x"]}}},
        {"where": {"near": "there"}},
        {"reach": "planet"},
        {"fields": {"gone": {"show": "clear"}}},
        {"personal": {"gone": "clear"}},
        {"abilities": ["fly"]},
        {"new": 1},
    ],
)
def test_holders_of_a_role_that_cannot_be_read_see_nothing(desk: Desk, change: Mapping[str, object]) -> None:
    desk.roles.current()
    policy = spoil(desk, change).roles.current()
    scope = scope_for(Principal("p", "甲", "leader", groups=("g1",)), policy)
    assert (scope.sees, dict(scope.rights), scope.label) == (NOTHING, {}, "无")
    assert list(policy.faults) == ["组长"]
    assert scope_for(Principal("q", "乙", "supervisor"), policy).sees == EVERYTHING


def test_who_manages_people_can_still_repair_it(desk: Desk) -> None:
    manager = Role("leader", "组长", Reach.GROUPS, {}, frozenset({Ability.MANAGE_PEOPLE}))
    desk.change(manager)
    spoilt = spoil(desk, {"where": {"near": "there"}})
    scope = scope_for(Principal("p", "甲", "leader", groups=("g1",)), spoilt.roles.current())
    assert (scope.sees, scope.abilities) == (NOTHING, frozenset({Ability.MANAGE_PEOPLE}))
    assert spoilt.change(manager).faults == {}
    assert "恢复可用" in spoilt.roles.history()[0].note


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"roles": 1}', '{"format": 1, "roles": [1]}'])
def test_a_damaged_record_is_not_taken_for_a_policy(desk: Desk, body: str) -> None:
    desk.roles.current()
    with desk.databases.record.write() as connection:
        connection.execute(update(table).values(body=body))
    with pytest.raises(RecordUnavailable):
        Desk(desk.databases).roles.current()


# ---------------------------------------------------------------------------------------- the last administrator


def manager(desk: Desk, login: str) -> None:
    desk.people.add(login, login.title(), "administrator", PASSWORD, by=BY)


def refused(attempt: Any) -> ArchiveError:  # noqa: ANN401 - anything that can be called
    with pytest.raises((LastAdministrator, BadRequest)) as found:
        attempt()
    error: ArchiveError = found.value
    return error


def test_the_last_who_manages_people_stays(desk: Desk) -> None:
    manager(desk, "ann")
    for attempt in (
        lambda: desk.people.disable("ann", BY),
        lambda: desk.people.change("ann", BY, role="supervisor"),
    ):
        assert refused(attempt).code == "last-administrator"
    assert [row["outcome"] for row in desk.audit.newest(2)] == ["last-administrator"] * 2
    assert desk.people.by_login("ann").role == "administrator"
    manager(desk, "bob")
    desk.people.disable("ann", BY)
    assert refused(lambda: desk.people.disable("bob", BY)).code == "last-administrator"


def test_a_role_that_takes_the_last_managers_rights_is_refused(desk: Desk) -> None:
    desk.change(replace(SUPERVISOR, abilities=SUPERVISOR.abilities | {Ability.MANAGE_PEOPLE}))
    desk.people.add("eva", "Eva", "supervisor", PASSWORD, by=BY)
    assert refused(lambda: desk.change(SUPERVISOR)).code == "last-administrator"
    manager(desk, "ann")
    assert desk.change(SUPERVISOR).version == 3


def test_two_who_disable_each_other_at_once_are_not_both_gone(databases: Databases) -> None:
    for turn in range(5):
        desk = Desk(databases)
        pair = [f"a{turn}", f"b{turn}"]
        for login in pair:
            manager(desk, login)
        for earlier in desk.people.list(BY):
            if earlier.login not in pair and not earlier.disabled:
                desk.people.disable(earlier.login, BY)

        def attempt(login: str, desk: Desk = desk) -> str:
            try:
                desk.people.disable(login, BY)
            except LastAdministrator:
                return "refused"
            return "done"

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(attempt, pair)) == ["done", "refused"]


def test_the_programs_own_account_stays_as_it_is(desk: Desk) -> None:
    desk.people.add(LOCAL_LOGIN, "本机", "administrator", None, by=BY)
    manager(desk, "ann")
    for attempt in (
        lambda: desk.people.disable(LOCAL_LOGIN, BY),
        lambda: desk.people.change(LOCAL_LOGIN, BY, role="agent"),
    ):
        assert refused(attempt).code == "bad-value"
    assert desk.people.change(LOCAL_LOGIN, BY, name="这台机器").name == "这台机器"


# ------------------------------------------------------------------------------------------------------------ the file


def test_every_built_in_role_says_what_it_is() -> None:
    assert [role.reach_label for role in BUILT_IN.values()] == ["本人会话", "本组会话", "全部会话", "全部会话"]
    assert night(where=VIP).reach_label == "全部会话（客户类型是VIP）"
