"""An OpenSearch server with the security plugin, and archives on it whose people can ask it directly."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from opensearchpy import OpenSearch

from meiqia_search.acl.policy import Policy
from meiqia_search.acl.principal import Principal
from meiqia_search.engines.opensearch.connection import connect
from meiqia_search.engines.opensearch.index import OpenSearchIndex
from meiqia_search.engines.opensearch.roles import Access, Login, access
from opensearch_server import SHORT_LIVED, USER, Server, running
from tests.cluster import VERSION, or_give_up

API = "/_plugins/_security/api"
PASSWORD = secrets.token_urlsafe(18)


@dataclass
class Secured:
    """The server, seen by its administrator."""

    server: Server
    admin: OpenSearch = field(init=False)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.admin = self.client(USER, self.server.password)

    def client(self, user: str, password: str = PASSWORD) -> OpenSearch:
        """A client of one user."""
        return connect(self.server.url, connections=2, user=user, password=password, ca=self.server.ca)

    def put(self, kind: str, name: str, body: Mapping[str, Any]) -> None:
        """Make or replace a role, a mapping or a user."""
        self.admin.transport.perform_request("PUT", f"{API}/{kind}/{name}", body=dict(body))

    def add(self, kind: str, named: Mapping[str, Mapping[str, Any]]) -> None:
        """Make or replace many at once."""
        steps = [{"op": "add", "path": f"/{name}", "value": body} for name, body in named.items()]
        self.admin.transport.perform_request("PATCH", f"{API}/{kind}", body=steps)

    def grant(self, given: Access) -> None:
        """Set up what the program prints, as an administrator of the cluster does."""
        self.add("roles", given.roles)
        self.add("rolesmapping", given.rolesmapping)
        users = {name: {**user, "password": PASSWORD} for name, user in given.internalusers.items()}
        self.add("internalusers", users)

    def archive(self, policy: Policy, people: Iterable[Principal]) -> "Guarded":
        """A new, empty archive with its people; the login of each is their id."""
        prefix = f"guarded{next(self.numbers)}"
        given = access(prefix, policy, [Login(each.id, each) for each in people])
        self.grant(given)
        return Guarded(self, prefix, given)


@dataclass
class Guarded:
    """One archive on the server."""

    on: Secured
    prefix: str
    given: Access

    def index(self) -> OpenSearchIndex:
        """The archive through the program's own account."""
        return OpenSearchIndex(self.on.client(f"{self.prefix}-program"), self.prefix)

    def person(self, principal: Principal) -> OpenSearch:
        """A client with which this person asks the server directly."""
        return self.on.client(f"{self.prefix}.{principal.id}")

    @property
    def alias(self) -> str:
        """What people ask."""
        return f"{self.prefix}.conversations"


@contextmanager
def running_secured() -> Iterator[Secured]:
    """The server for this test run."""
    with or_give_up(), running(security=True, version=VERSION, java_options=SHORT_LIVED) as server:
        yield Secured(server)
