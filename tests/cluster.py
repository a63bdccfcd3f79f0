"""An OpenSearch server for tests: another one at OPENSEARCH_URL, or one that is started and stopped here."""

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any

import pytest
from opensearchpy import OpenSearch

from meiqia_search.engines.opensearch.connection import connect
from meiqia_search.engines.opensearch.index import OpenSearchIndex
from opensearch_home import CannotAssemble, runnable
from opensearch_server import SHORT_LIVED, running

VERSION = os.environ.get("MEIQIA_OPENSEARCH_VERSION") or runnable()


class Cluster:
    """Gives archives of their own on one server, and takes them off it at the end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._mine = f"test-{secrets.token_hex(4)}"
        self._numbers = count(1)

    def client(self) -> OpenSearch:
        """A client of its own."""
        return connect(self.url, connections=4)

    def new_prefix(self) -> str:
        """Of an archive that is not there yet."""
        return f"{self._mine}-{next(self._numbers)}"

    def new_index(self) -> OpenSearchIndex:
        """A new archive."""
        return OpenSearchIndex(self.client(), self.new_prefix())

    def remove(self, prefix: str) -> None:
        """Take an archive off the server."""
        self._remove(f"{prefix}.*", prefix)

    def clear(self) -> None:
        """Take everything of these tests off the server."""
        self._remove(f"{self._mine}*", f"{self._mine}*")

    def _remove(self, indices: str, templates: str) -> None:
        with self.client() as client:
            for name in client.indices.get_alias(index=indices):
                client.indices.delete(index=name)
            client.indices.delete_index_template(name=templates, params={"ignore": 404})


@contextmanager
def running_cluster(version: str = "") -> Iterator[Cluster]:
    """The server for this test run, or one of a certain version."""
    with ExitStack() as stack:
        elsewhere = "" if version else os.environ.get("OPENSEARCH_URL")
        cluster = Cluster(elsewhere or _started(version or VERSION, stack))
        yield cluster
        cluster.clear()


def _started(version: str, stack: ExitStack) -> str:
    stack.enter_context(or_give_up())
    return stack.enter_context(running(version=version, java_options=SHORT_LIVED)).url


@contextmanager
def or_give_up() -> Iterator[None]:
    """Skip what needs a server that cannot be had here, with the reason; in CI let it fail."""
    try:
        yield
    except CannotAssemble as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(str(reason))
        pytest.skip(str(reason))


def contexts(client: OpenSearch) -> int:
    """How many scans the server holds open."""
    nodes: dict[str, Any] = client.nodes.stats(metric="indices", index_metric="search")["nodes"]
    return sum(node["indices"]["search"]["point_in_time_current"] for node in nodes.values())
