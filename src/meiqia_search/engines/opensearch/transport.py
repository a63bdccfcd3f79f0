"""The client's transport, with what it lacks: a time limit for a whole request, and a circuit breaker."""

import socket
import threading
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from math import inf
from time import monotonic
from typing import Any, Self

import msgspec
from opensearchpy import Connection, JSONSerializer, Transport, Urllib3HttpConnection
from opensearchpy.exceptions import ConnectionError as NoConnection
from opensearchpy.exceptions import ConnectionTimeout, SerializationError, TransportError
from urllib3 import Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection

PATIENCE_S = 60.0
"""For everything but a person's search, which says how long it may take."""
CONNECT_S = 1.0
"""For reaching a node; after that the next is tried."""
FAILURES, WITHIN_S, REST_S = 5, 10.0, 10.0
DOWN = frozenset({502, 503, 504})
_LENGTH = frozenset({"content-length", "transfer-encoding"})
"""Without one of these, where an answer ends is not known, and half of one looks whole."""


class Json(JSONSerializer):
    """The client's, several times as fast."""

    def loads(self, s: str) -> Any:  # noqa: ANN401 - as the client's
        """What an answer says.

        Raises:
            SerializationError: it is no JSON.
        """
        try:
            return msgspec.json.decode(s)
        except msgspec.DecodeError as broken:
            raise SerializationError(s, broken) from broken


class Circuit:
    """Opens when nobody answers several times in short order: then nothing is asked for a while, and one request tries.

    So a person learns at once that the cluster is away, and a cluster that comes back is not run over.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._open_until: float | None = None

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Ask, if the circuit lets us.

        Raises:
            NoConnection: it does not.
        """
        if not self._may_pass():
            raise NoConnection("N/A", "the circuit is open", None)
        try:
            yield
        except TransportError as broken:
            self._learn(answered=not isinstance(broken, NoConnection) and broken.status_code not in DOWN)
            raise
        self._learn(answered=True)

    def _may_pass(self) -> bool:
        with self._lock:
            if self._open_until is None:
                return True
            if monotonic() < self._open_until:
                return False
            self._open_until = monotonic() + REST_S  # this one tries; the others wait for what it learns
            return True

    def _learn(self, *, answered: bool) -> None:
        with self._lock:
            if answered:
                self._failures.clear()
                self._open_until = None
                return
            self._failures.append(monotonic())
            if len(self._failures) == FAILURES and self._failures[-1] - self._failures[0] < WITHIN_S:
                self._open_until = monotonic() + REST_S


class _Call(threading.local):
    """What a thread asks just now."""

    until: float | None = None
    node: Connection | None = None
    watch: "_Watch | None" = None


_CALL = _Call()


class CarefulTransport(Transport):
    """Asks the nodes in turn; all attempts together have the time that the request was given."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - as the client's
        super().__init__(*arguments, **options)
        self._circuit = Circuit()

    def perform_request(  # noqa: PLR0913 - as the client's
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        body: Any = None,  # noqa: ANN401
        timeout: float | None = None,
        ignore: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401
        """Ask; a node that did not answer in time is left alone for a while."""
        _CALL.until = monotonic() + float(timeout or (params or {}).get("request_timeout") or PATIENCE_S)
        with self._circuit.guarded():
            try:
                return super().perform_request(method, url, params, body, timeout, ignore, headers)
            except ConnectionTimeout:
                if _CALL.node:
                    self.mark_dead(_CALL.node)
                raise
            finally:
                _CALL.until = None

    def get_connection(self) -> Any:  # noqa: ANN401
        """The node to ask next."""
        _CALL.node = super().get_connection()
        return _CALL.node


class TimedConnection(Urllib3HttpConnection):
    """A node. A request has its time altogether, however slowly the answer drips in: then the line is cut."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - as the client's
        super().__init__(**options)
        self.pool.ConnectionCls = _WatchedTls if self.use_ssl else _Watched

    def perform_request(  # noqa: PLR0913 - as the client's
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        timeout: float | None = None,
        ignore: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401
        """Ask this node.

        Raises:
            ConnectionTimeout, TransportError
        """
        left = (_CALL.until or monotonic() + (timeout or PATIENCE_S)) - monotonic()
        if left <= 0:
            raise ConnectionTimeout("TIMEOUT", "no time left", None)
        limits: Any = Timeout(connect=min(CONNECT_S, left), read=left)
        with _Watch(left) as watch:
            try:
                return _unbroken(super().perform_request(method, url, params, body, limits, ignore, headers))
            except NoConnection as broken:
                if watch.late:
                    raise ConnectionTimeout("TIMEOUT", "cut off", broken) from broken
                raise


def _unbroken(answer: tuple[int, Mapping[str, str], str]) -> tuple[int, Mapping[str, str], str]:
    """The answer, if its headers came whole."""
    if not _LENGTH & {name.lower() for name in answer[1]}:
        raise NoConnection("N/A", "torn in its headers", None)
    return answer


class _Watch:
    """Has the line that its thread uses cut when the time is over."""

    def __init__(self, seconds: float) -> None:
        self.late = False
        self.line: HTTPConnection | None = None
        self.until = monotonic() + seconds
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        _CALL.watch = self
        _WATCHMAN.watch(self)
        return self

    def __exit__(self, *_: object) -> None:
        _WATCHMAN.forget(self)
        with self._lock:
            self.line = _CALL.watch = None

    def cut(self) -> None:
        with self._lock:
            self.late = True
            if self.line and self.line.sock:
                with suppress(OSError):
                    socket.socket.shutdown(self.line.sock, socket.SHUT_RDWR)  # also of TLS, which would wait


class _Watchman:
    """One thread that looks after all requests under way; to start one for each takes a tenth of a millisecond."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._watched: set[_Watch] = set()
        self._rises = inf
        self._thread: threading.Thread | None = None

    def watch(self, watch: _Watch) -> None:
        with self._changed:
            self._watched.add(watch)
            if not (self._thread and self._thread.is_alive()):  # after a fork there is none
                self._thread = threading.Thread(target=self._look, name="watchman", daemon=True)
                self._thread.start()
            elif watch.until < self._rises:
                self._changed.notify()

    def forget(self, watch: _Watch) -> None:
        with self._changed:
            self._watched.discard(watch)

    def _look(self) -> None:
        while True:
            for each in self._late():
                each.cut()

    def _late(self) -> list[_Watch]:
        """Those whose time is over, when there are some; or none, when it has been looked anew."""
        with self._changed:
            self._rises = min((each.until for each in self._watched), default=inf)
            left = self._rises - monotonic()
            if left > 0:
                self._changed.wait(None if left == inf else left)
                return []
            late = [each for each in self._watched if each.until <= monotonic()]
            self._watched.difference_update(late)
            return late


_WATCHMAN = _Watchman()


class _Watched(HTTPConnection):
    def request(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - as urllib3's
        if _CALL.watch:
            _CALL.watch.line = self
        super().request(*arguments, **options)


class _WatchedTls(_Watched, HTTPSConnection):
    pass
