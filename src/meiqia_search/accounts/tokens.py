"""Tokens by which programs act for a person: shown once, kept as a digest, for a limited time and purpose."""

import hmac
import re
import secrets
import string
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from zlib import crc32

from meiqia_search import clock
from meiqia_search.accounts.people import People, Person, person_of
from meiqia_search.acl.role import Ability
from meiqia_search.audit.events import Action, Actor, Event, Visit
from meiqia_search.clock import DAY, SECOND
from meiqia_search.errors import ActionNotAllowed, BadValue, LimitExceeded, NotFound, TokenRefused
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.database import Database
from meiqia_search.records.tokens import TokenRecord, TokenRow

PATTERN = re.compile(r"mqs_([0-9a-f]{12})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})")
"""What a token looks like: id, secret (256 bits), checksum, for whoever searches code for secrets."""
LONGEST_DAYS = 365
NAME_LENGTH = 40
MOST = 20
"""Tokens in force that one person may have."""
SEEN_EVERY = 60 * SECOND
_LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase


class Use(StrEnum):
    """What a token may be used for, within what its person may do."""

    SEARCH = "search"
    READ = "read"
    PEOPLE = "people"  # see accounts and roles; changes need a person with a password
    AUDIT = "audit"


USE_LABELS = {Use.SEARCH: "搜索", Use.READ: "阅读会话", Use.PEOPLE: "查看人员和角色", Use.AUDIT: "查看审计日志"}
NEEDED = {Use.PEOPLE: Ability.MANAGE_PEOPLE, Use.AUDIT: Ability.READ_AUDIT}
"""Without the ability a token for this is of no use."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token in a list; ``seen_at`` is 0 where it was never used."""

    id: str
    name: str
    uses: tuple[Use, ...]
    created_at: int
    expires_at: int
    seen_at: int
    revoked: bool

    def holds(self, at: int) -> bool:
        """Whether it is accepted at this time."""
        return not self.revoked and at < self.expires_at


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who came with a token of this id, and for what it may be used."""

    token: str
    person: Person
    uses: frozenset[Use]


class Tokens:
    """The tokens of people. Every new, revoked and refused one is in the audit."""

    def __init__(self, people: People, database: Database, audit: AuditLog, now: Callable[[], int] = clock.now) -> None:
        self._record = TokenRecord(database)
        self._roles = people.roles
        self._audit = audit
        self._now = now

    def create(self, person: Person, name: str, uses: Collection[str], days: int, by: Actor) -> tuple[Token, str]:
        """A new token and its text, which is never shown again.

        Raises:
            BadValue: name, uses or days are wrong.
            LimitExceeded: the person has too many.
        """
        name, known = name.strip(), tuple(use for use in Use if use in uses)
        if not 1 <= len(name) <= NAME_LENGTH:
            raise BadValue(f"令牌的名称应为 1 到 {NAME_LENGTH} 个字，例如用它的程序。", field="name")
        if not known or len(known) != len(set(uses)):
            choices = "、".join(f"{use}（{label}）" for use, label in USE_LABELS.items())
            raise BadValue(f"请选择令牌的用途：{choices}。", field="scopes")
        if not 1 <= days <= LONGEST_DAYS:
            raise BadValue(f"有效期应为 1 到 {LONGEST_DAYS} 天。", field="days")
        at = self._now()
        if sum(_token(row).holds(at) for row in self._record.of(person.id)) >= MOST:
            raise LimitExceeded(f"一个人最多有 {MOST} 个有效的令牌；请先撤销不用的。", limit=MOST)
        text = _text()
        row = TokenRow(_id(text), _digest(text), person.id, name, known, at, at + days * DAY, 0, 0)
        purposes = "、".join(USE_LABELS[use] for use in known)
        self._note(Action.ADD_TOKEN, by, f"{person.login} 的令牌 {row.id}：{purposes}，{days} 天", 1, person.id)
        self._record.add(row)
        return _token(row), text

    def of(self, person: Person, by: Actor) -> list[Token]:
        """The tokens of a person, the newest first."""
        found = [_token(row) for row in self._record.of(person.id)]
        self._note(Action.LIST_TOKENS, by, person.login, len(found), person.id)
        return found

    def revoke(self, person: Person, token_id: str, by: Actor) -> None:
        """From now on the token is refused.

        Raises:
            NotFound: this person has no token of this id.
        """
        if token_id not in {row.id for row in self._record.of(person.id)}:
            raise NotFound("没有这个令牌。")
        self._note(Action.REVOKE_TOKEN, by, f"{person.login} 的令牌 {token_id}", 1, person.id)
        self._record.revoke(token_id, self._now())

    def bearer(self, text: str, visit: Visit) -> Bearer:
        """Who comes with a token.

        Raises:
            TokenRefused: the same for one that never was, has expired or was revoked, and for a disabled person.
        """
        found = self._record.find(_id(text)) if _is_token(text) else None
        at = self._now()
        right = found is not None and hmac.compare_digest(found.token.digest, _digest(text))
        if found is None or not right or found.person.disabled_at is not None or not _token(found.token).holds(at):
            owner = found.person if found and right else None
            by = Actor(owner.id, owner.role, visit) if owner else Actor("", "", visit)
            self._audit.append(
                Event(Action.TOKEN_REFUSED, by, self._roles.current().version, _named(text), outcome=TokenRefused.code)
            )
            raise TokenRefused
        if at - found.token.seen_at >= SEEN_EVERY:
            self._record.seen(found.token.id, at)
        return Bearer(found.token.id, person_of(found.person), frozenset(_token(found.token).uses))

    def require(self, bearer: Bearer, use: Use | None, visit: Visit) -> None:
        """Refuse a token that is not for this use, or any token where a person has to come; that is recorded.

        Raises:
            ActionNotAllowed
        """
        if use in bearer.uses:
            return
        by, version = Actor(bearer.person.id, bearer.person.role, visit), self._roles.current().version
        what = USE_LABELS[use] if use else "需要登录的操作"
        told = f"令牌 {bearer.token}：{what}"
        self._audit.append(Event(Action.REFUSED, by, version, told, outcome=ActionNotAllowed.code))
        if use is None:
            raise ActionNotAllowed("令牌不能做这件事；请登录后操作。")
        raise ActionNotAllowed(f"这个令牌不能用于“{what}”；请新建一个有此用途的令牌。")

    def _note(self, action: Action, by: Actor, sentence: str, count: int, of: str) -> None:
        self._audit.append(Event(action, by, self._roles.current().version, sentence, (of,), count))


def _token(row: TokenRow) -> Token:
    uses = tuple(use for use in Use if use in row.scopes)
    return Token(row.id, row.name, uses, row.created_at, row.expires_at, row.seen_at, row.revoked_at != 0)


def _text() -> str:
    body = f"mqs_{secrets.token_hex(6)}_{''.join(secrets.choice(_LETTERS) for _ in range(43))}"
    return body + _checksum(body)


def _checksum(body: str) -> str:
    rest, letters = crc32(body.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, len(_LETTERS))
        letters += _LETTERS[digit]
    return letters


def _is_token(text: str) -> bool:
    return bool(PATTERN.fullmatch(text)) and _checksum(text[:-6]) == text[-6:]


def _id(text: str) -> str:
    return text.split("_")[1]


def _named(text: str) -> str:
    """Which token it claims to be; nothing of what may be somebody's secret."""
    return f"令牌 {_id(text)}" if _is_token(text) else "不是令牌"


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
