"""The keys under which personal values are hashed for looking them up."""

import secrets
from collections.abc import Mapping

import msgspec

from meiqia_search.errors import BadValue, NotFound
from meiqia_search.privacy.fingerprint import Key
from meiqia_search.records.state import State

_NAME = "lookup_keys"
_BYTES = 32


class KeyRing:
    """Keys in the order in which they came; the first is made when it is first asked for.

    They are kept in the record, which holds the values themselves: whoever reads it needs no key. They protect the
    index, which may be elsewhere.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def live(self) -> tuple[Key, ...]:
        """All that values may have been hashed with; the last is the one for what comes now."""
        return _read(self._state.get(_NAME) or self._state.change(_NAME, _with_one))

    def newest(self) -> Key:
        """The key for what comes now."""
        return self.live()[-1]

    def rotate(self) -> Key:
        """Bring in a new key; the others stay until they are retired."""
        return _read(self._state.change(_NAME, _with_one_more))[-1]

    def retire(self, key_id: str) -> None:
        """Take a key away: what was hashed with it alone is not found any more.

        Raises:
            NotFound: there is no such key.
            BadValue: it is the newest.
        """
        self._state.change(_NAME, lambda known: _without(_decoded(known), key_id))


def _new() -> str:
    return secrets.token_hex(_BYTES)


def _decoded(kept: str | None) -> dict[str, str]:
    return msgspec.json.decode(kept, type=dict[str, str]) if kept else {}


def _read(kept: str) -> tuple[Key, ...]:
    return tuple(Key(name, bytes.fromhex(secret)) for name, secret in _decoded(kept).items())


def _written(keys: Mapping[str, str]) -> str:
    return msgspec.json.encode(keys).decode()


def _with_one(kept: str | None) -> str:
    return kept or _written({"k1": _new()})


def _with_one_more(kept: str | None) -> str:
    known = _decoded(_with_one(kept))
    return _written({**known, f"k{int(list(known)[-1][1:]) + 1}": _new()})


def _without(known: dict[str, str], key_id: str) -> str:
    if key_id not in known:
        raise NotFound("没有这个名称的密钥；运行 meiqia-search keys list 查看。")
    if key_id == list(known)[-1]:
        raise BadValue("最新的密钥正在使用，不能停用；请先运行 meiqia-search keys rotate。")
    return _written({name: secret for name, secret in known.items() if name != key_id})
