"""Slowing down guesses: every attempt counts before the password is looked at, so parallel guesses gain nothing."""

from hashlib import sha256

from meiqia_search.clock import SECOND
from meiqia_search.errors import TooManyAttempts
from meiqia_search.records.attempts import AttemptRecord, AttemptRow
from meiqia_search.records.database import Database

FREE_BY_ACCOUNT = 5
FREE_BY_ADDRESS = 20
"""A whole office may stand behind one address."""
LONGEST_S = 300
FORGOTTEN_AFTER = 3_600 * SECOND


class Throttle:
    """Failures by account and by address: some are free, then the wait doubles up to five minutes, never for good."""

    def __init__(self, database: Database) -> None:
        self._record = AttemptRecord(database)

    def count(self, login: str, address: str, now: int) -> None:
        """Count an attempt as failed until :meth:`succeeded` says otherwise.

        Raises:
            TooManyAttempts: it has to wait; says for how long.
        """
        free = {_account(login): FREE_BY_ACCOUNT, _address(address): FREE_BY_ADDRESS}

        def decide(rows: dict[str, AttemptRow]) -> dict[str, AttemptRow]:
            wait = max(row.blocked_until for row in rows.values()) - now
            if wait > 0:
                seconds = -(-wait // SECOND)
                raise TooManyAttempts(f"登录失败次数过多，请在 {seconds} 秒后再试。", retry_after=seconds)
            return {key: _one_more(row, free[key], now) for key, row in rows.items()}

        self._record.change(free, decide)

    def succeeded(self, login: str, address: str, now: int) -> None:
        """The attempt was right: the account starts anew, the address is not charged."""
        self._record.forget(_account(login))
        self._record.lower(_address(address))
        self._record.purge(now - 24 * FORGOTTEN_AFTER)


def _one_more(row: AttemptRow, free: int, now: int) -> AttemptRow:
    failures = (row.failures if now - row.at < FORGOTTEN_AFTER else 0) + 1
    wait = min(2 ** min(failures - free - 1, 20), LONGEST_S) * SECOND if failures > free else 0
    return AttemptRow(failures, now + wait if wait else 0, now)


def _account(login: str) -> str:
    """Only a digest: people type passwords into the wrong field."""
    return f"account:{sha256(login.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _address(address: str) -> str:
    return f"address:{address[:64]}"
