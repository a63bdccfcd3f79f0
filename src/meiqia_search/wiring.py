"""Settings → objects: the only place that chooses an engine or a database."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from meiqia_search.accounts.people import People, Person, principal
from meiqia_search.accounts.roles import Roles
from meiqia_search.accounts.signin import SignIn
from meiqia_search.accounts.tokens import Tokens
from meiqia_search.acl.policy import Policy, built_in
from meiqia_search.acl.principal import Principal
from meiqia_search.acl.scope import Scope
from meiqia_search.archive import Archive
from meiqia_search.archive.alerts import Alerts
from meiqia_search.archive.knowing import Knowing
from meiqia_search.archive.looking import LookUps
from meiqia_search.archive.revealing import Reveals
from meiqia_search.archive.trail import Trail
from meiqia_search.engines.base import Index
from meiqia_search.engines.tantivy.index import TantivyIndex
from meiqia_search.errors import ArchiveError, BadConfiguration, EngineUnavailable, KeyInUse, NotFound
from meiqia_search.indexing import rebuild
from meiqia_search.indexing.feed import Feed
from meiqia_search.indexing.preparing import Recipe
from meiqia_search.indexing.worker import Worker
from meiqia_search.records import moving
from meiqia_search.records.alerts import AlertRecord
from meiqia_search.records.attempts import AttemptRecord
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.checkpoints import Checkpoints
from meiqia_search.records.conversations import Conversations
from meiqia_search.records.database import Databases, open_postgres, open_sqlite
from meiqia_search.records.directory import Directory
from meiqia_search.records.imports import Imports
from meiqia_search.records.inbox import Inbox
from meiqia_search.records.keyring import KeyRing
from meiqia_search.records.reveals import RevealRecord
from meiqia_search.records.state import State
from meiqia_search.settings import Settings

log = logging.getLogger(__name__)
PATIENCE_S = 600.0
"""How long a command waits for a running worker to index what it brought in."""


MAKE_WAY_S = 60.0
"""How long a worker may take to make way for a command."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a program part may need, made once."""

    settings: Settings
    roles: Roles
    databases: Databases
    conversations: Conversations
    inbox: Inbox
    imports: Imports
    state: State
    keys: KeyRing
    audit: AuditLog
    checkpoints: Checkpoints
    trail: Trail
    alerts: Alerts
    directory: Directory
    index: Index
    archive: Archive
    people: People
    sign_in: SignIn
    tokens: Tokens

    @property
    def policy(self) -> Policy:
        """The roles in force."""
        return self.roles.current()

    @property
    def folder(self) -> Path:
        """Where this archive keeps its files."""
        return self.settings.data_dir

    def rebuild(self, scope: Scope, progress: Callable[[int, int], None] = lambda *_: None) -> int:
        """Build the index anew; the caller holds the writer's lock."""
        return rebuild.rebuild(self.index, self.conversations, self.keys.newest(), scope, progress)

    def move(self, url: str, progress: Callable[[int], object] = lambda _: None) -> int:
        """Copy the whole record to the empty PostgreSQL database at ``url``; how many rows that were.

        Raises:
            BadConfiguration: it is not empty, or the record is not on SQLite.
            RecordUnavailable, StorageFull: nothing was moved.
        """
        if self.settings.database_url is not None:
            raise BadConfiguration("档案已经在 PostgreSQL 上；要换服务器请用 pg_dump 和 pg_restore。")
        target = open_postgres(url)
        try:
            return moving.move(self.databases, target, progress)
        finally:
            target.close()

    def roll_back(self, scope: Scope) -> int:
        """Put the index before the last rebuild in use again; the caller holds the writer's lock."""
        return rebuild.roll_back(self.index, self.conversations, self.keys.live(), scope)

    def retire_key(self, key_id: str) -> None:
        """Look up with a key no more; the caller holds the writer's lock.

        Raises:
            KeyInUse: something in the index is found only by it.
            NotFound, BadValue: as :meth:`KeyRing.retire`.
        """
        if key_id in self.index.reader.hashed_with():
            raise KeyInUse
        self.keys.retire(key_id)

    def worker(self, scope: Scope, beat: Callable[[], None] = lambda: None) -> Worker:
        """The part that keeps the index up to date while the program serves; it calls ``beat`` while it gets on."""
        rebuild = partial(self.rebuild, scope, lambda *_: beat())
        return Worker(self.databases.locks, self.index, self.conversations, self.inbox, self.keys.newest, rebuild, beat)

    @contextmanager
    def sole_writer(self) -> Iterator[None]:
        """Write the index alone: a worker makes way, and goes on afterwards.

        Raises:
            EngineUnavailable: a command that writes the index does not come to its end.
        """
        patience = monotonic() + MAKE_WAY_S
        with self.databases.locks.asking.taken() as asked:
            while asked and monotonic() < patience:
                with self.databases.locks.writing.taken() as mine:
                    if mine:
                        yield
                        return
                sleep(0.1)
        raise EngineUnavailable("另一个命令正在写索引（例如 import 或 rebuild）；请等它结束后重试。")

    @contextmanager
    def indexing(self, scope: Scope) -> Iterator[Feed | None]:
        """Make what is brought in findable: with the feed by this process, or, without one, by the worker that runs."""
        with self.databases.locks.writing.taken() as mine:
            if not mine:
                yield None
                self._wait()
                return
            if not self.index.usable():
                self.rebuild(scope)
            writer = self.index.writer()
            try:
                with closing(Feed(self.conversations, Recipe(self.index.encode, self.keys.newest()), [writer])) as feed:
                    yield feed
                    feed.drain()
            finally:
                writer.close()

    def _wait(self) -> None:
        last, patience = self.conversations.last_queued(), monotonic() + PATIENCE_S
        while self.conversations.waits_up_to(last):
            if monotonic() > patience:
                raise EngineUnavailable("会话已存入档案，但索引进程迟迟没有处理；请检查 serve 是否正常。")
            sleep(0.05)

    def principal(self, login: str) -> Principal:
        """The person of this login, as the access rules see them.

        Raises:
            NotFound: there is none, or the account is disabled.
        """
        person = self.people.by_login(login)
        if person.disabled:
            raise NotFound("这个账号已停用。")
        return principal(person)

    def cluster_access(self, people: Iterable[Person]) -> Mapping[str, Mapping[str, Any]]:
        """Roles, mappings and users for OpenSearch's security plugin, by the name each has in its API."""
        with _opensearch():
            from meiqia_search.engines.opensearch.indices import checked
            from meiqia_search.engines.opensearch.roles import Login, access
        logins = [Login(person.login, principal(person), person.disabled) for person in people]
        return asdict(access(checked(self.settings.opensearch_prefix), self.policy, logins))

    def checkpoint(self) -> None:
        """Sign how far the audit has come; where that cannot be done, the log of the program says so."""
        try:
            self.checkpoints.keep(self.audit)
        except (OSError, ArchiveError) as trouble:
            log.warning("no checkpoint of the audit: %s", trouble)

    def close(self) -> None:
        """Give everything free."""
        self.checkpoint()
        self.index.close()
        self.databases.close()


def open_services(settings: Settings) -> Services:
    """Open (and make, where it is new) the archive that the settings describe.

    Raises:
        BadConfiguration: the data folder cannot be used, or the database address is not understood.
        RecordUnavailable: the database does not answer.
    """
    databases = _databases(settings)
    conversations, audit = Conversations(databases.record), AuditLog(databases.audit)
    directory, state = Directory(databases.record), State(databases.record)
    keys = KeyRing(state)
    roles = Roles(databases.record, audit, directory, built_in(settings.own_conversations))
    index = _index(settings)
    people = People(databases.record, audit, roles)
    checkpoints = Checkpoints(
        settings.audit_checkpoints or settings.data_dir / "checkpoints", settings.data_dir / "checkpoint.key"
    )
    services = Services(
        settings=settings,
        roles=roles,
        databases=databases,
        conversations=conversations,
        inbox=Inbox(databases.inbox),
        imports=Imports(databases.record),
        state=state,
        keys=keys,
        audit=audit,
        checkpoints=checkpoints,
        trail=Trail(audit, checkpoints, roles.current),
        alerts=Alerts(
            audit,
            AlertRecord(databases.record),
            Knowing(conversations, people.agents),
            roles.current,
        ),
        directory=directory,
        index=index,
        archive=Archive(
            index.reader,
            conversations,
            directory,
            audit,
            roles.current,
            state.secret("cursors"),
            Reveals(RevealRecord(databases.record), audit),
            LookUps(keys, AttemptRecord(databases.record), audit, settings.look_ups_a_minute),
        ),
        people=people,
        sign_in=SignIn(people, databases.record, audit),
        tokens=Tokens(people, databases.record, audit),
    )
    if not checkpoints.begun:
        services.checkpoint()
    return services


def program_access(settings: Settings) -> Mapping[str, Mapping[str, Any]]:
    """Role, mapping and user of the program itself for OpenSearch's security plugin, as :meth:`cluster_access`."""
    with _opensearch():
        from meiqia_search.engines.opensearch.indices import checked
        from meiqia_search.engines.opensearch.roles import of_the_program
    return asdict(of_the_program(checked(settings.opensearch_prefix)))


def index_templates(settings: Settings) -> Mapping[str, Mapping[str, Any]]:
    """The index templates that this archive has on OpenSearch, by name."""
    with _opensearch():
        from meiqia_search.engines.opensearch.indices import checked, pattern
        from meiqia_search.engines.opensearch.template import template
    prefix = checked(settings.opensearch_prefix)
    return {prefix: template(pattern(prefix))}


@contextmanager
def _opensearch() -> Iterator[None]:
    """The engine is an extra: without its client it cannot be imported."""
    try:
        yield
    except ImportError:
        raise BadConfiguration(
            "没有安装 OpenSearch 的客户端：请运行 pip install 'meiqia-search[opensearch]'。"
        ) from None


def _index(settings: Settings) -> Index:
    if settings.opensearch_url is None:
        return TantivyIndex(settings.data_dir / "index", settings.index_memory_mb, settings.search_threads)
    with _opensearch():
        from meiqia_search.engines.opensearch.connection import connect
        from meiqia_search.engines.opensearch.index import OpenSearchIndex
    client = connect(
        settings.opensearch_url,
        connections=settings.search_threads + 2,  # the writer's, and one for a look at the state
        user=settings.opensearch_user,
        password=settings.opensearch_password.get_secret_value(),
        ca=settings.opensearch_ca,
    )
    return OpenSearchIndex(client, settings.opensearch_prefix)


def _databases(settings: Settings) -> Databases:
    if settings.database_url is not None:
        return open_postgres(settings.database_url)
    try:
        return open_sqlite(settings.data_dir)
    except OSError as unusable:
        raise BadConfiguration("数据文件夹不能使用：请检查它的位置、权限和磁盘空间（--data）。") from unusable
