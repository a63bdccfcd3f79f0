"""Where the signed checkpoints of the audit are kept: a file that only grows, in a folder of its own."""

import fcntl
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from meiqia_search import clock
from meiqia_search.audit.checkpoint import SECRET_BYTES, Checkpoint, sealed, unsealed
from meiqia_search.records.audit import AuditLog

NAME = "checkpoints.jsonl"
LINE = 512
"""More bytes than a line has."""


class Checkpoints:
    """The checkpoints of one archive. ``key`` is a file that only this account may read, made when it is needed."""

    def __init__(self, folder: Path, key: Path) -> None:
        self.file = folder / NAME
        self._key = key

    @property
    def begun(self) -> bool:
        """Whether checkpoints have been signed here before."""
        return self._key.exists()

    def keep(self, log: AuditLog) -> None:
        """Sign the newest entry of the log, unless that was the last thing signed.

        A line is there whole or not at all, and on disk on return.

        Raises:
            OSError: folder or key cannot be used, or there is no space.
            RecordUnavailable
        """
        if not self.begun:
            self._make_key()
        self.file.parent.mkdir(parents=True, exist_ok=True)
        secret, head = self._key.read_bytes(), log.head()
        with os.fdopen(os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            last = unsealed(_last_line(file), secret)
            if last is None or (last.seq, last.hash) != head:
                file.write(sealed(Checkpoint(head.seq, head.hash, clock.now()), secret))
                file.flush()
                os.fsync(file.fileno())

    def last(self) -> Checkpoint | None:
        """The newest, if there is one and its signature is right.

        Raises:
            OSError: the file or the key cannot be read.
        """
        if not (self.begun and self.file.exists()):
            return None
        with self.file.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LINE))
            return unsealed(file.read().rpartition(b"\n")[0].rpartition(b"\n")[2], self._key.read_bytes())

    def read(self) -> list[Checkpoint | None]:
        """What was signed, oldest first; None for each line that was not signed with this key, or is damaged.

        Raises:
            OSError: the file or the key cannot be read.
        """
        secret = self._key.read_bytes() if self.begun else b""
        kept = self.file.read_bytes() if self.file.exists() else b""
        return [unsealed(line, secret) for line in kept.split(b"\n")[:-1]]

    def _make_key(self) -> None:
        """A key appears whole, and only once, however many processes begin."""
        self._key.parent.mkdir(parents=True, exist_ok=True)
        made = self._key.with_name(f"{self._key.name}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(SECRET_BYTES))
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(made, self._key)
        finally:
            made.unlink(missing_ok=True)


def _last_line(file: BinaryIO) -> bytes:
    """The last whole line; the file then ends behind it, without the half line that a power cut may have left."""
    start = max(0, file.seek(0, os.SEEK_END) - LINE)
    file.seek(start)
    whole, newline, _ = file.read().rpartition(b"\n")
    file.truncate(start + len(whole) + len(newline))
    file.seek(0, os.SEEK_END)
    return whole.rpartition(b"\n")[2]
