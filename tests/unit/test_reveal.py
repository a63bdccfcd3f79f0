"""Revealing at the door: to this person, in this session, of this conversation, for five minutes, so often a day."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meiqia_search.acl.policy import Policy
from meiqia_search.acl.principal import Principal
from meiqia_search.acl.reveal import REASON_LONGEST, REASONS, Target, of_field, of_kind, read
from meiqia_search.acl.role import LEADER, Ability, Limits, Role
from meiqia_search.acl.scope import scope_for
from meiqia_search.archive import Archive, Caller, View, Wish
from meiqia_search.archive.revealing import LASTS, Reveals
from meiqia_search.audit.events import Event, Visit
from meiqia_search.clock import DAY, SECOND, start_of_day, today
from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.errors import (
    ActionNotAllowed,
    ArchiveError,
    AuditUnavailable,
    BadValue,
    NotFound,
    PasswordNeeded,
    QuotaUsedUp,
    ReasonNeeded,
)
from meiqia_search.fields import FIELDS, Personal
from meiqia_search.privacy.mask import Show
from meiqia_search.privacy.passage import for_person, kinds_in_texts
from meiqia_search.query.request import Search
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.people import PersonRow
from meiqia_search.records.reveals import RevealRecord
from tests.places import NewPlace
from tests.roles import policies
from tests.store import Store, opened

PHONE, OTHER, MAIL, ID_CARD = "13812345678", "13987654321", "mei@example.com", "11010519491231002X"
NAME, ACCOUNT = "段丽丽", "kexue_123"
WHO = Principal("p-leader", "组长", "leader", groups=("g1",))
NOON = start_of_day(today(1_767_196_800 * SECOND)) + DAY // 2
PHONES, NAMES, PHONE_FIELD = of_kind("phone"), of_kind("姓名"), of_field("手机")
WHY = REASONS[0]


def talk(name: str, group: str = "g1") -> Conversation:
    return build(
        name,
        {"group": (group,), "customer_name": (NAME,), "phone": (PHONE,), "email": (MAIL,), "wechat_id": (ACCOUNT,),
         "tag": (f"回电{PHONE}",)},
        [
            Message(Speaker.CUSTOMER, f"打{OTHER}，或者{PHONE}，身份证{ID_CARD}"),
            Message(Speaker.AGENT, f"好的{NAME}，马上", agent="k1"),
        ],
    )  # fmt: skip


@pytest.fixture(scope="module")
def store(new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with opened(new_place(tmp_path_factory.mktemp("reveal"))) as made:
        made.put([talk("c1"), talk("c2"), talk("foreign", "g2"), build("bare", {"group": ("g1",)}, [])])
        made.services.people.record.add(PersonRow(WHO.id, "leader", "组长", "leader", (), ("g1",), "", 1, None))
        yield made


@dataclass
class Desk:
    """The archive as one process has it, with a clock that the test turns."""

    store: Store
    role: Role = LEADER
    at: int = NOON
    who: Principal = WHO
    session: str = "s1"
    audit: AuditLog | None = None
    archive: Archive = field(init=False)

    def __post_init__(self) -> None:
        services, log = self.store.services, self.audit or self.store.audit
        reveals = Reveals(RevealRecord(services.databases.record), log, lambda: self.at)
        self.archive = Archive(
            services.index.reader, services.conversations, services.directory, log,
            lambda: Policy({"leader": self.role}), "secret", reveals, self.store.look_ups,
        )  # fmt: skip

    @property
    def caller(self) -> Caller:
        return Caller(self.who, Visit("web", "192.0.2.1", "T1", self.session))

    def reveal(
        self, target: Target, conversation: str = "c1", why: str = WHY, confirm: Callable[[], None] = lambda: None
    ) -> int:
        return self.archive.reveal(self.caller, Wish(conversation, target, why), confirm)

    def read(self, conversation: str = "c1") -> View:
        return self.archive.read(self.caller, conversation)

    def shows(self, value: str, conversation: str = "c1") -> bool:
        return value in repr(self.read(conversation))

    def told(self) -> dict[str, object]:
        return self.store.audit.newest(1)[0]


DAYS = count(step=3)


@pytest.fixture
def desk(store: Store) -> Desk:
    """Every test has days and sessions of its own."""
    day = next(DAYS)
    return Desk(store, at=NOON + day * DAY, session=f"s-{day}")


# ------------------------------------------------------------------------------------------------------- what is seen


def test_a_kind_is_clear_in_texts_and_card_and_nothing_else_is(desk: Desk) -> None:
    assert not desk.shows(PHONE)
    assert desk.reveal(PHONES) == desk.at + LASTS
    view = desk.read()
    assert view.conversation.values("phone") == (PHONE,)
    assert view.conversation.values("tag") == (f"回电{PHONE}",)
    assert view.utterances[0].message.text == f"打{OTHER}，或者{PHONE}，身份证1101**************"
    assert not any(each in repr(view) for each in (MAIL, NAME, ID_CARD, ACCOUNT))
    assert dict(view.disclosure.opened) == {PHONES: desk.at + LASTS}


def test_a_field_is_clear_in_the_card_alone(desk: Desk) -> None:
    desk.reveal(PHONE_FIELD)
    view = desk.read()
    assert view.conversation.values("phone") == (PHONE,)
    assert PHONE not in view.utterances[0].message.text
    assert OTHER not in repr(view)
    assert PHONE_FIELD not in view.disclosure.offered
    assert PHONES in view.disclosure.offered


def test_a_known_name_is_clear_where_it_is_spoken_to(desk: Desk) -> None:
    assert "段**" in desk.read().utterances[1].message.text
    desk.reveal(NAMES)
    assert desk.read().utterances[1].message.text == f"好的{NAME}，马上"


def test_it_is_for_one_conversation_session_and_person(desk: Desk) -> None:
    desk.reveal(PHONES)
    assert desk.shows(PHONE)
    assert not desk.shows(PHONE, "c2")
    own, desk.session = desk.session, "another"
    assert not desk.shows(PHONE)
    desk.session = own
    assert desk.shows(PHONE)
    desk.who = replace(WHO, id="p-other")
    assert not desk.shows(PHONE)


def test_lists_stay_as_they_are(desk: Desk) -> None:
    desk.reveal(PHONES)
    assert not any(PHONE in repr(row) or OTHER in repr(row) for row in desk.archive.search(desk.caller, Search()).rows)


@pytest.mark.parametrize(("after", "seen"), [(0, True), (LASTS - 1, True), (LASTS, False), (LASTS * 2, False)])
def test_after_five_minutes_it_is_covered_again(desk: Desk, after: int, seen: bool) -> None:
    desk.reveal(PHONES)
    desk.at += after
    assert desk.shows(PHONE) is seen


@pytest.mark.parametrize(
    "role",
    [
        replace(LEADER, reveals=LEADER.reveals - {Personal.PHONE}),
        replace(LEADER, abilities=frozenset(), limits=Limits(), reveals=frozenset()),
    ],
)
def test_a_right_that_is_taken_away_ends_it(desk: Desk, role: Role) -> None:
    desk.reveal(PHONES)
    desk.role = role
    assert not desk.shows(PHONE)


def test_another_process_obeys(desk: Desk, store: Store) -> None:
    desk.reveal(PHONES)
    beside = Desk(store, at=desk.at + SECOND, session=desk.session)
    assert beside.shows(PHONE)
    beside.at = desk.at + LASTS
    assert not beside.shows(PHONE)


@given(policy=policies(), kinds=st.sets(st.sampled_from(Personal)), names=st.sets(st.sampled_from(sorted(FIELDS))))
def test_what_is_not_allowed_stays_covered_whatever_was_opened(
    policy: Policy, kinds: set[Personal], names: set[str]
) -> None:
    role = next(iter(policy.roles.values()))
    scope = scope_for(replace(WHO, role=role.name), policy)
    opened = [*map(Target, kinds), *(of_field(name) for name in names if FIELDS[name].personal)]
    shows, personal = scope.forms(opened)
    for kind, show in personal.items():
        assert show is role.personal_show(kind) or (show is Show.CLEAR and kind in kinds & role.reveals)
    for name, show in shows.items():
        own = FIELDS[name].personal
        allowed = own in role.reveals and (name in names or own in kinds)
        assert show is role.rights[name].show or (show is Show.CLEAR and allowed), name
    assert scope.shows == role.shows


# ------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("target", "conversation", "why", "error", "says"),
    [
        (PHONES, "c1", "", ReasonNeeded, "4 到 200 个字"),
        (PHONES, "c1", "   回电   ", ReasonNeeded, "4 到 200 个字"),
        (PHONES, "c1", "回" * (REASON_LONGEST + 1), ReasonNeeded, "4 到 200 个字"),
        (of_kind("id_card"), "c1", WHY, ActionNotAllowed, "您的角色不能查看会话里的身份证的明文"),
        (of_field("wechat_id"), "c1", WHY, ActionNotAllowed, "您的角色不能查看客户信息“微信号”的明文"),
        (PHONES, "foreign", WHY, NotFound, "不在您的可见范围"),
        (PHONES, "absent", WHY, NotFound, "不在您的可见范围"),
        (PHONES, "nul\0", WHY, NotFound, "不在您的可见范围"),
        (PHONES, "bare", WHY, BadValue, "没有会话里的手机"),
        (PHONE_FIELD, "bare", WHY, BadValue, "没有客户信息“手机”"),
    ],
)
def test_what_is_refused_is_recorded_and_costs_nothing(
    desk: Desk, target: Target, conversation: str, why: str, error: type[ArchiveError], says: str
) -> None:
    with pytest.raises(error, match=says):
        desk.reveal(target, conversation, why)
    told = desk.told()
    assert (told["action"], told["outcome"], told["count"]) == ("reveal", error.code, 0)
    assert target.label in str(told["sentence"])
    assert not desk.shows(PHONE)
    assert desk.read().disclosure.left == LEADER.limits.reveals_a_day


def test_who_may_not_is_refused_and_recorded(desk: Desk) -> None:
    desk.role = replace(LEADER, abilities=frozenset(), limits=Limits(), reveals=frozenset())
    with pytest.raises(ActionNotAllowed):
        desk.reveal(PHONES)
    assert desk.told()["outcome"] == "action-not-allowed"
    assert (desk.read().disclosure.offered, desk.read().disclosure.withheld) == ((), True)


def test_what_is_clear_anyway_is_not_asked_for(desk: Desk) -> None:
    desk.role = replace(desk.role, personal={**desk.role.personal, Personal.PHONE: Show.CLEAR})
    with pytest.raises(BadValue, match="本来就是明文"):
        desk.reveal(PHONES)
    assert desk.read().disclosure.left == 30


def test_without_the_password_nothing_is_revealed(desk: Desk) -> None:
    def refuse() -> None:
        raise PasswordNeeded

    with pytest.raises(PasswordNeeded):
        desk.reveal(PHONES, confirm=refuse)
    assert desk.told()["outcome"] == "password-needed"
    assert not desk.shows(PHONE)


def test_the_password_is_asked_of_nobody_who_may_not(desk: Desk) -> None:
    asked: list[int] = []
    with pytest.raises(ActionNotAllowed):
        desk.reveal(of_kind("id_card"), confirm=lambda: asked.append(1))
    assert not asked


def test_no_audit_no_value(store: Store, desk: Desk) -> None:
    class Full(AuditLog):
        def append(self, event: Event) -> None:  # noqa: ARG002 - never kept
            raise AuditUnavailable

    broken = Desk(store, at=desk.at, session=desk.session, audit=Full(store.databases.audit))
    with pytest.raises(AuditUnavailable):
        broken.reveal(PHONES)
    assert not desk.shows(PHONE)
    assert desk.read().disclosure.left == 30


# ---------------------------------------------------------------------------------------------------------- the audit


def test_what_and_why_is_recorded_and_never_the_value(desk: Desk) -> None:
    desk.reveal(PHONES, why=f"客户要求回电 {PHONE}\n尽快")
    told = desk.told()
    assert (told["action"], told["outcome"], told["ids"], told["count"]) == ("reveal", "ok", '["c1"]', 1)
    assert told["sentence"] == "会话里的手机，理由：客户要求回电 [手机] 尽快"
    desk.read()
    assert desk.told()["sentence"] == "显示明文：会话里的手机"
    assert not [row for row in desk.store.audit.newest(50) if PHONE in repr(row) or OTHER in repr(row)]


# ---------------------------------------------------------------------------------------------------------- the quota


def test_so_often_a_day_and_the_next_day_again(desk: Desk) -> None:
    desk.role = replace(LEADER, limits=Limits(1, 2))
    assert desk.read().disclosure.left == 2
    for left in (1, 0):
        desk.reveal(PHONES, "c2")
        assert desk.read().disclosure.left == left
    with pytest.raises(QuotaUsedUp, match="2 次"):
        desk.reveal(NAMES)
    assert desk.told()["outcome"] == "quota-used-up"
    assert not desk.shows(NAME)
    desk.at = start_of_day(today(desk.at + DAY)) - 1
    assert desk.read().disclosure.left == 0
    desk.at += 1
    assert desk.read().disclosure.left == 2
    desk.reveal(NAMES)
    assert desk.shows(NAME)


def test_none_a_day_is_none(desk: Desk) -> None:
    desk.role = replace(LEADER, limits=Limits(1, 0))
    with pytest.raises(QuotaUsedUp):
        desk.reveal(PHONES)


def test_midnight_does_not_end_what_is_open(desk: Desk) -> None:
    desk.at = start_of_day(today(desk.at)) + DAY - SECOND
    desk.reveal(PHONES)
    desk.at += 2 * SECOND
    desk.reveal(NAMES)
    assert desk.shows(PHONE)
    desk.at += LASTS - 2 * SECOND
    assert not desk.shows(PHONE)


def test_processes_count_together_at_once(desk: Desk, store: Store) -> None:
    role = replace(LEADER, limits=Limits(1, 5))
    desks = [Desk(store, role=role, at=desk.at, session=f"{desk.session}-{number}") for number in range(8)]

    def attempt(which: Desk) -> bool:
        try:
            which.reveal(PHONES)
        except QuotaUsedUp:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, desks)) == 5
    assert sum(each.shows(PHONE) for each in desks) == 5


# -------------------------------------------------------------------------------------------------------- what is there


def test_what_is_there_is_offered(desk: Desk) -> None:
    offered = desk.read().disclosure.offered
    card = [of_field(name) for name in ("customer_name", "phone", "email")]
    assert offered == (*card, NAMES, PHONES)
    assert desk.read("bare").disclosure.offered == ()
    desk.reveal(NAMES)
    assert desk.read().disclosure.offered == (*card[1:], PHONES)


def test_kinds_in_texts_are_those_that_detection_or_the_card_finds() -> None:
    assert kinds_in_texts(talk("x")) == {Personal.PHONE, Personal.ID_CARD, Personal.NAME}
    assert kinds_in_texts(build("x", {"phone": (PHONE,)}, [])) == set()


@pytest.mark.parametrize("show", [Show.MASKED, Show.HIDDEN])
def test_a_hidden_value_is_revealed_like_a_masked_one(show: Show) -> None:
    role = Role(
        "leader", "组长", LEADER.reach, dict.fromkeys(Personal, show), frozenset({Ability.REVEAL}),
        limits=Limits(0, 1), reveals=frozenset({Personal.ID_CARD}),
    )  # fmt: skip
    scope = scope_for(WHO, Policy({"leader": role}))
    shown = for_person(talk("x"), *scope.forms([of_kind("id_card")]))
    assert ID_CARD in shown.messages[0].text
    assert not any(each in repr(shown) for each in (PHONE, OTHER, MAIL, NAME, ACCOUNT))


# --------------------------------------------------------------------------------------------------------------- words


def test_what_is_written_is_read_again() -> None:
    targets = [*map(Target, Personal), *(of_field(name) for name in FIELDS if FIELDS[name].personal)]
    assert [read(str(target)) for target in targets] == targets
    assert len({target.label for target in targets}) == len(targets)
    for target, other in product(targets, targets):
        assert target == other or str(target) != str(other)


@pytest.mark.parametrize("text", ["", "fax", "field:", "field:fax", "field:channel", "channel", "kind:phone", "手 机"])
def test_what_is_not_understood_names_what_there_is(text: str) -> None:
    with pytest.raises(BadValue, match=r"可以是 (name（姓名）|customer_name（客户姓名）)"):
        read(text)


def test_what_is_offered_as_a_reason_is_one(desk: Desk) -> None:
    for each in REASONS:
        desk.reveal(PHONES, why=each)
