"""Passwords: their rules, and argon2 with at most two hashings at once (each takes 64 MiB)."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from meiqia_search.errors import BadValue, Busy

SHORTEST = 10
LONGEST = 128
AT_ONCE = 2
PATIENCE_S = 10.0

_HASHER = PasswordHasher()
_PLACES = threading.BoundedSemaphore(AT_ONCE)


def check(password: str) -> None:
    """Refuse a password that is too short or too long.

    Raises:
        BadValue: says the rule.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadValue(f"密码应为 {SHORTEST} 到 {LONGEST} 个字符，这里有 {len(password)} 个。")


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _place():
        return _HASHER.hash(_bytes(password))


def fits(stored: str, password: str) -> bool:
    """Whether the password is the one kept; for nothing kept it takes as long to say no."""
    dummy = _dummy()
    with _place():
        try:
            _HASHER.verify(stored or dummy, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
    return bool(stored)


def outdated(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


@cache
def _dummy() -> str:
    return _HASHER.hash(secrets.token_bytes(16))


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@contextmanager
def _place() -> Iterator[None]:
    if not _PLACES.acquire(timeout=PATIENCE_S):
        raise Busy("正在登录的人太多，请过几秒再试。")
    try:
        yield
    finally:
        _PLACES.release()
