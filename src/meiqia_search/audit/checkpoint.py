"""Signed checkpoints: "entry number n had this hash at this time", kept where the log is not.

The signature is HMAC-SHA-256. Whoever has the key can sign, so the key belongs neither into the database nor into the
folder of the checkpoints.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256

import msgspec

SECRET_BYTES = 32
_WHAT = "meiqia-search audit checkpoint"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The hash of one entry of the log (seq 0: of the empty log), and when it was read."""

    seq: int
    hash: bytes
    at: int


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    seq: int
    hash: str
    at: int
    mac: str


def sealed(checkpoint: Checkpoint, secret: bytes) -> bytes:
    """The checkpoint as a line with its signature."""
    line = _Line(checkpoint.seq, checkpoint.hash.hex(), checkpoint.at, _mac(checkpoint, secret))
    return msgspec.json.encode(line) + b"\n"


def unsealed(line: bytes, secret: bytes) -> Checkpoint | None:
    """The checkpoint in a line; None where it was not signed with this secret, or is damaged."""
    try:
        read = msgspec.json.decode(line, type=_Line)
        found = Checkpoint(read.seq, bytes.fromhex(read.hash), read.at)
    except ValueError:  # msgspec's errors are of this kind
        return None
    right = hmac.compare_digest(_mac(found, secret).encode(), read.mac.encode())
    return found if right else None


def _mac(checkpoint: Checkpoint, secret: bytes) -> str:
    said = msgspec.json.encode([_WHAT, checkpoint.seq, checkpoint.hash.hex(), checkpoint.at])
    return hmac.new(secret, said, sha256).hexdigest()
