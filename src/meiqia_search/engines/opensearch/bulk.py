"""Sending many writes at once: every single result is read, and what the servers had no room for is sent again."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConnectionError as NoConnection
from opensearchpy.exceptions import SSLError, TransportError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from meiqia_search.engines.opensearch.errors import NO_SPACE, TOO_MANY, translated
from meiqia_search.errors import EngineUnavailable, StorageFull

ATTEMPTS = 9
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 20.0
"""Each wait is a random part of a span that doubles, so that many writers do not come back together."""
LATER = frozenset({TOO_MANY, 502, 503, 504})
TOO_LARGE = 413
CONFLICT = 409


class Operation(NamedTuple):
    """One write as the server reads it: what to do, and with which document."""

    action: bytes
    document: bytes = b""

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.action) + len(self.document)

    @property
    def lines(self) -> bytes:
        """As part of a request."""
        return self.action + b"\n" + (self.document + b"\n" if self.document else b"")


class _Left(Exception):
    """Some writes found no room yet."""


@dataclass(slots=True)
class _State:
    """What is still to be done, and what went wrong."""

    waiting: list[Operation]
    refused: list[str] = field(default_factory=list)
    no_space: bool = False


class Bulk:
    """Sends writes until each of them is done, or raises."""

    def __init__(self, client: OpenSearch, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep

    def send(self, operations: Sequence[Operation]) -> None:
        """Do all of the writes; one that the server refuses does not keep the others from being done.

        Raises:
            EngineUnavailable: the servers did not take them in time, refused some, or another process writes.
            StorageFull: a server takes no more.
            BadConfiguration: the servers do not let us in.
        """
        state = _State(list(operations))
        retrying = Retrying(
            retry=retry_if_exception_type(_Left),
            wait=wait_random_exponential(multiplier=FIRST_WAIT_S, max=LONGEST_WAIT_S),
            stop=stop_after_attempt(ATTEMPTS),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            retrying(self._attempt, state)
        except _Left as left:
            raise (StorageFull if state.no_space else EngineUnavailable) from left
        if state.refused:
            raise EngineUnavailable(
                f"搜索引擎拒收了 {len(state.refused)} 条会话（{state.refused[0]}），其余已写入；"
                "请管理员运行 meiqia-search rebuild，若仍然如此请联系开发者。"
            )

    def _attempt(self, state: _State) -> None:
        state.no_space = False
        with translated():
            state.waiting = self._once(state.waiting, state)
        if state.waiting:
            raise _Left

    def _once(self, operations: list[Operation], state: _State) -> list[Operation]:
        """Send; gives what has to be sent again."""
        try:
            answer = self._client.bulk(body=b"".join(operation.lines for operation in operations))
        except TransportError as broken:
            return self._unanswered(broken, operations, state)
        return [
            operation
            for operation, item in zip(operations, answer["items"], strict=True)
            if _is_left(next(iter(item.values())), state)
        ]

    def _unanswered(self, broken: TransportError, operations: list[Operation], state: _State) -> list[Operation]:
        if broken.status_code == TOO_LARGE:
            if len(operations) == 1:
                state.refused.append("too large")
                return []
            middle = len(operations) // 2
            return self._once(operations[:middle], state) + self._once(operations[middle:], state)
        unreached = isinstance(broken, NoConnection) and not isinstance(broken, SSLError)
        if unreached or broken.status_code in LATER:
            return operations
        raise broken


def _is_left(result: Mapping[str, Any], state: _State) -> bool:
    """Whether a write has to be sent again."""
    error = result.get("error")
    if not error:
        return False  # done; also where something was to be deleted that is not there
    if result["status"] == CONFLICT:
        raise EngineUnavailable("另一个进程已接手写索引，这个进程不再写入；请确认只有一个写入进程在运行。")
    if error["type"] == NO_SPACE:
        state.no_space = True
        return True
    if result["status"] in LATER:
        return True
    state.refused.append(error["type"])
    return False
