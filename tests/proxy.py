"""A line to a server that can be made bad: silent, slow, broken, or answered by somebody who is overwhelmed."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from urllib.parse import urlsplit

PIECE = 65_536
OVERWHELMED = b"HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Line(Enum):
    """What becomes of an answer."""

    GOOD = auto()
    SILENT = auto()  # taken, never answered: half-open
    SLOW = auto()  # ten bytes a second
    TORN = auto()  # cut off in the middle
    REFUSED = auto()  # closed at once
    OVERWHELMED = auto()  # 429


class Proxy:
    """Forwards connections to one server."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._to = (parts.hostname, parts.port)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self.line = Line.GOOD
        self.asked = 0
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def becomes(self, line: Line) -> None:
        """The line is like this from now on, also for connections that are open."""
        self.line = line

    def close(self) -> None:
        """Close everything."""
        for each in (self._door, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                far = socket.create_connection(self._to)
                self._open |= {near, far}
                threading.Thread(target=self._ask, args=(near, far), daemon=True).start()
                threading.Thread(target=self._answer, args=(far, near), daemon=True).start()

    def _ask(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while piece := near.recv(PIECE):
                self.asked += 1
                if self.line is Line.REFUSED:
                    break
                if self.line is Line.OVERWHELMED:
                    _read_on(near)
                    near.sendall(OVERWHELMED)
                elif self.line is not Line.SILENT:
                    far.sendall(piece)
            self._end(near, far)

    def _answer(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while piece := far.recv(PIECE):
                match self.line:
                    case Line.SILENT:
                        continue
                    case Line.SLOW:
                        for start in range(len(piece)):
                            near.sendall(piece[start : start + 1])
                            time.sleep(0.1)
                    case Line.TORN:
                        near.sendall(piece[: len(piece) // 2])
                        break
                    case _:
                        near.sendall(piece)
            self._end(near, far)

    def _end(self, *ends: socket.socket) -> None:
        for each in ends:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _read_on(near: socket.socket) -> None:
    """Take the rest of a request: an answer to half of one would be lost with the connection."""
    near.settimeout(0.1)
    with suppress(TimeoutError):
        while near.recv(PIECE):
            pass
    near.settimeout(None)


@contextmanager
def between(url: str) -> Iterator[Proxy]:
    """A line to the server at this address."""
    proxy = Proxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
