"""The conversations of the matrix: every field and every kind of text holds a value that is nowhere else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from random import Random

from meiqia_search.clock import DAY, SECOND, iso, show
from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.fields import FIELDS, Field, Kind, Personal, Value
from meiqia_search.web.api.shape import zulu
from tests import labelled
from tests.access.table import IN_TEXT, PEOPLE, PERSONAL_FIELDS, RELATIONS, WORDS, Form, Relation

RARE = "".join(map(chr, range(0x9F54, 0x9F7F)))
"""Characters of names and roads that stand nowhere else: those of teeth."""
SPOKEN = "said_by_"
_SALT = 6
"""With this one no two values have a part in common."""
_SECOND_OF_2011 = 1_293_811_200 * SECOND
_TIED = frozenset({"agent", "owner", "group"})
_IDS = frozenset({"customer", "agent_account", "enterprise"})
"""Ids have to stay what they are; a phone number beside one is not looked for."""


@dataclass(frozen=True)
class Secret:
    """A value at one place of one conversation; ``kind`` is '' where it is no personal value.

    ``needles`` are what must not be found where it must not be seen, ``masked`` what is seen in its place.
    """

    relation: Relation
    place: str
    kind: str
    written: str
    needles: tuple[str, ...]
    masked: str = ""

    def shown(self, form: Form) -> str:
        """How somebody sees it."""
        return {"clear": self.written, "masked": self.masked, "hidden": f"[{WORDS.get(self.kind, '')}]"}[form]


def chance(*seed: object) -> Random:
    """The same every time."""
    return Random("/".join(map(str, (*seed, _SALT))))


def token(*seed: object) -> str:
    """A word that is nowhere else; letters only, so that it is no number to anybody."""
    digest = blake2b("/".join(map(str, seed)).encode(), digest_size=4).hexdigest()
    return f"kx{digest.translate(_LETTERS)}xk"


_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def rare(random: Random, count: int) -> str:
    """The characters of a given name or a road."""
    return "".join(random.choices(RARE, k=count))


def digits(random: Random, count: int) -> str:
    """So many of them."""
    return "".join(random.choices("0123456789", k=count))


@dataclass(frozen=True)
class Seed:
    """Where a value comes from: ``kept`` decides what masking leaves, ``lost`` what it takes away."""

    kept: Random
    lost: Random

    def token(self) -> str:
        """A word of what is lost."""
        return token(self.lost.random())


Made = tuple[str, tuple[str, ...], str]
"""As written, what gives it away, and masked."""


def _name(seed: Seed) -> Made:
    given = rare(seed.lost, 2)
    return f"段{given}", (given,), "段**"


def _phone(seed: Seed) -> Made:
    start, end = f"1{seed.kept.choice('3456789')}{digits(seed.kept, 1)}", digits(seed.kept, 4)
    number = f"{start}{digits(seed.lost, 4)}{end}"
    return number, (number,), f"{start}****{end}"


def _landline(seed: Seed) -> Made:
    area, end = seed.kept.choice(("010", "021", "0755", "0571")), digits(seed.kept, 4)
    number = f"{area}-{seed.lost.choice('2345678')}{digits(seed.lost, 3)}{end}"
    return number, (number,), f"{area}-****{end}"


def _id_card(seed: Seed) -> Made:
    area = seed.kept.choice(("1101", "3101"))
    number = next(each for each in iter(lambda: labelled.id_card(seed.lost), "") if each.startswith(area))
    return number, (number,), area + "*" * 14


def _bank_card(seed: Seed) -> Made:
    start, end = seed.kept.choice(("622848", "621700")), digits(seed.kept, 4)
    middle = digits(seed.lost, 8)
    number = next(each for last in "0123456789" if labelled.is_luhn(each := f"{start}{middle}{last}{end}"))
    return number, (number,), f"{number[:4]} **** **** {end}"


def _email(seed: Seed) -> Made:
    local = seed.token()
    return f"{local}@example.com", (local,), "k***@example.com"


def _id(seed: Seed) -> Made:
    own = seed.token()
    return own, (own,), "k***k"


def _address(seed: Seed) -> Made:
    road = rare(seed.lost, 3)
    return f"浙江省杭州市余杭区{road}路12号3号楼2单元", (road,), "浙江省杭州市余杭区****"


def _ip(seed: Seed) -> Made:
    address = f"203.0.{seed.lost.randrange(100, 255)}.{seed.lost.randrange(100, 255)}"
    return address, (address,), "203.0.*.*"


def _url(seed: Seed) -> Made:
    path, (phone, needles, _) = seed.token(), _phone(seed)
    return f"https://shop.example.com/{path}?tel={phone}", (path, *needles), "https://shop.example.com/***"


def _free(seed: Seed) -> Made:
    words = seed.token()
    return f"客户说{words}", (words,), "***"


def _passport(seed: Seed) -> Made:
    end = digits(seed.kept, 1)
    number = f"E{seed.lost.choice('ABCDEFGH')}{digits(seed.lost, 6)}{end}"
    return number, (number,), f"E***{end}"


def _plate(seed: Seed) -> Made:
    start, end = f"{seed.kept.choice('京沪粤浙')}A", digits(seed.kept, 1)
    number = f"{start}{seed.lost.choice('BCDEF')}{digits(seed.lost, 3)}{end}"
    return number, (number,), f"{start}***{end}"


MAKERS: dict[str, Callable[[Seed], Made]] = {
    "name": _name, "phone": _phone, "landline": _landline, "email": _email, "user_id": _id, "account": _id, "ip": _ip,
    "address": _address, "url": _url, "id_card": _id_card, "bank_card": _bank_card, "passport": _passport,
    "plate": _plate, "free": _free,
}  # fmt: skip
FRAMES = {
    "phone": "我的手机号是{}谢谢", "landline": "公司电话是{}，上班时间打", "email": "邮箱{}", "account": "微信号：{}",
    "ip": "登录IP {} 不是我本人", "address": "寄到{}谢谢", "id_card": "身份证{}", "bank_card": "卡号{}",
    "passport": "护照号{}", "plate": "车牌{}", "name": "我叫{}，昨天下的单",
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """What a relation's conversation is, and what it holds.

    With a ``reader`` it is another conversation that reads the same to this person: whatever masking takes away from
    them is different, and what does not reach them at all.
    """

    relation: Relation
    reader: str = ""

    def _variant(self, place: str, kind: str) -> int:
        """1, or 2 for what the reader does not see as it is."""
        return 2 if self.reader and PEOPLE[self.reader].form_of(place, kind) != "clear" else 1

    @property
    def id(self) -> str:
        """Of the conversation."""
        return token("id", self.relation)

    @property
    def day(self) -> int:
        """When it was: another year for every relation."""
        return _SECOND_OF_2011 + list(RELATIONS).index(self.relation) * 370 * DAY

    def personal(self, place: str, kind: str) -> Secret:
        """A personal value."""
        kept, lost = chance(self.relation, place), chance(self.relation, place, self._variant(place, kind))
        return Secret(self.relation, place, kind, *MAKERS[kind](Seed(kept, lost)))

    def word(self, place: str) -> Secret:
        """A value that is nobody's."""
        own = token(self.relation, place, *("other",) * (self._variant(place, "") - 1))
        return Secret(self.relation, place, "", own, (own,))

    def number(self, field: Field) -> int:
        """A number or time that is nowhere else."""
        random = chance(self.relation, field.name, *("other",) * (self._variant(field.name, "") - 1))
        return self.day + random.randrange(DAY) if field.kind is Kind.TIME else random.randrange(10**8, 10**9)


def of_fields(world: World) -> Iterator[tuple[Secret, Value]]:
    """Every field with its secret and its value; in a text about the conversation a phone stands beside it."""
    for field in FIELDS.values():
        if field.name in _TIED or field.name == "id":
            continue
        if kind := PERSONAL_FIELDS.get(field.name):
            secret = world.personal(field.name, kind)
            yield secret, secret.written
        elif field.kind in {Kind.NUMBER, Kind.TIME}:
            number = world.number(field)
            yield Secret(world.relation, field.name, "", str(number), spelled(field, number)), number
        else:
            secret, beside = world.word(field.name), world.personal(f"{field.name}+phone", "phone")
            if field.name not in _IDS:
                yield beside, ""
            yield secret, secret.written if field.name in _IDS else f"{secret.written} 电{beside.written}"


def spelled(field: Field, number: int) -> tuple[str, ...]:
    """A number as it is; a time in every way that it is written in, to the second."""
    if field.kind is not Kind.TIME:
        return (str(number),)
    return tuple(dict.fromkeys((str(number), zulu(number)[:19], iso(number)[:19], show(number)[:19])))


def of_texts(world: World) -> Iterator[tuple[Secret, Message]]:
    """Every speaker with a word, every kind of personal value in what a customer says, and what is beside a text."""
    at = world.day
    for speaker in (Speaker.CUSTOMER, Speaker.AGENT, Speaker.BOT, Speaker.SYSTEM):
        at += 60 * SECOND
        secret = world.word(f"{SPOKEN}{speaker}")
        yield secret, Message(speaker, f"这里说到{secret.written}", at, agent="k2" if speaker is Speaker.AGENT else "")
    for kind in IN_TEXT:
        at += 60 * SECOND
        secret = world.personal(f"in_text_{kind}", kind)
        yield secret, Message(Speaker.CUSTOMER, FRAMES[kind].format(secret.written), at)
    for speaker in (Speaker.AGENT, Speaker.BOT, Speaker.SYSTEM):
        at += 60 * SECOND
        secret = world.personal(f"repeated_by_{speaker}", "phone")
        yield secret, Message(speaker, f"好的，回电{secret.written}", at)
    file = world.personal("file_address", "phone")
    yield (
        file,
        Message(Speaker.CUSTOMER, "见附件", at, "file", url=f"https://files.example.com/a?tel={file.written}&x=1"),
    )
    name = world.personal("speaker_name", "name")
    yield name, Message(Speaker.CUSTOMER, "还在吗", at, name=name.written)
    for place in ("phone", "user_id", "email", "customer_name", "address", "wechat_id"):
        known = world.personal(place, PERSONAL_FIELDS[place])
        yield known, Message(Speaker.AGENT, f"备注 {known.written} 再核对", at)


def secrets(world: World) -> list[Secret]:
    """Everything that is hidden from who does not see the conversation."""
    found = [secret for secret, _ in of_fields(world)] + [secret for secret, _ in of_texts(world)]
    own = Secret(world.relation, "id", "", world.id, (world.id,))
    return list(dict.fromkeys([own, *found]))


def conversation(world: World) -> Conversation:
    """The conversation of a relation."""
    facts: dict[str, tuple[Value, ...]] = {**RELATIONS[world.relation]}
    facts |= {secret.place: (value,) for secret, value in of_fields(world) if value != ""}
    return build(world.id, facts, [message for _, message in of_texts(world)])


@cache
def all_secrets() -> tuple[Secret, ...]:
    """Of all conversations."""
    return tuple(secret for relation in RELATIONS for secret in secrets(World(relation)))


assert set(WORDS) == {str(kind) for kind in Personal}
