"""A look at the cluster: can it be reached, is it one this program knows, is it well, and is what is there ours?"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Event
from typing import Any

import msgspec
from opensearchpy import Connection
from opensearchpy.exceptions import NotFoundError

from meiqia_search.checkup import Finding, Level, failed, good, notice, trouble
from meiqia_search.engines.opensearch.bulk import Bulk, operation
from meiqia_search.engines.opensearch.errors import translated
from meiqia_search.engines.opensearch.indices import Described, Indices, named, pattern, written_through
from meiqia_search.engines.opensearch.reader import KEEP_ALIVE
from meiqia_search.engines.opensearch.template import index_body, is_newer, numbers, template
from meiqia_search.errors import ArchiveError, BadConfiguration, EngineUnavailable

OLDEST, BEYOND = (2, 19), (4, 0)
"""Supported from the first version to before the second."""
LOOK_S = 5.0
"""For the answer of one node."""
SKEW_S = 10.0
"""More than a slow answer explains."""
NAMED = 3
"""A finding names at most so many."""
SERVER, CLUSTER, CLOCK, TEMPLATE, INDEX, RIGHTS = "OpenSearch", "集群", "时钟", "索引模板", "索引", "账号权限"
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
_ANSWER = re.compile(r"\d+\.\d+[\w.-]*")


def examine(indices: Indices) -> Iterator[Finding]:
    """Everything that can be seen without changing anything; where nobody answers, only that."""
    servers = list(_servers(indices))
    yield from servers
    if not _any_answers(servers):
        return
    for subject, look in ((CLUSTER, _health), (CLOCK, _clock), (TEMPLATE, _template), (INDEX, _generation)):
        try:
            with translated():
                yield look(indices)
        except ArchiveError as error:
            yield failed(subject, error)


def _servers(indices: Indices) -> Iterator[Finding]:
    connections = indices.client.transport.connection_pool.connections
    for number, connection in enumerate(connections, 1):
        subject = SERVER if len(connections) == 1 else f"{SERVER} 第 {number} 个地址"
        try:
            with translated():
                _, _, answer = connection.perform_request("GET", "/", timeout=LOOK_S)
            yield _server(subject, connection, answer)
        except EngineUnavailable:
            yield trouble(
                subject,
                "没有 OpenSearch 在回答。请检查服务器是否已启动，以及 MEIQIA_OPENSEARCH_URL 的地址和端口"
                "（启用了 TLS 的服务器以 https:// 开头）。",
            )
        except ArchiveError as error:
            yield failed(subject, error)


def _any_answers(servers: Iterable[Finding]) -> bool:
    return any(each.level is not Level.TROUBLE for each in servers)


def _server(subject: str, connection: Connection, answer: str) -> Finding:
    try:
        version = msgspec.json.decode(answer)["version"]
        number, kind = _ANSWER.fullmatch(version["number"]), version.get("distribution")
    except (msgspec.DecodeError, KeyError, TypeError):
        number, kind = None, None
    if number is None:
        return trouble(subject, "这个地址上的不是 OpenSearch。请检查 MEIQIA_OPENSEARCH_URL。")
    if kind != "opensearch" or not OLDEST <= numbers(number[0]) < BEYOND:
        return trouble(
            subject,
            f"服务器是 {'OpenSearch' if kind == 'opensearch' else 'Elasticsearch'} {number[0]}，本程序不支持。"
            f"请使用 OpenSearch {OLDEST[0]}.{OLDEST[1]} 以上、{BEYOND[0]}.{BEYOND[1]} 以下的版本。",
        )
    if not connection.use_ssl and connection.hostname not in _LOCAL:
        return notice(subject, f"版本 {number[0]}，但连接没有加密。请在服务器上启用 TLS，地址改为 https://。")
    return good(subject, f"版本 {number[0]}{'，证书可信' if connection.use_ssl else ''}。")


def _health(indices: Indices) -> Finding:
    """Of this archive's own indices."""
    found = indices.client.cluster.health(index=f"{indices.prefix}.*")
    match found["status"]:
        case "red":
            return trouble(
                CLUSTER,
                "一部分索引没有节点可用（red），搜索会报错而不会漏掉结果。请恢复停掉的节点；恢复不了就运行 "
                "meiqia-search rebuild，会话都在档案里。",
            )
        case "yellow":
            return notice(CLUSTER, "有的副本没有就位（yellow）：再坏一个节点就查不了。请检查节点是否都在运行。")
        case _:
            return good(CLUSTER, f"{found['number_of_nodes']} 个节点，状态正常。")


def _clock(indices: Indices) -> Finding:
    there = int(indices.client.cat.health(params={"format": "json", "h": "epoch"})[0]["epoch"])
    skew = abs(time.time() - there)
    if skew > SKEW_S:
        return notice(CLOCK, f"这台机器与 OpenSearch 相差 {skew:.0f} 秒。请在两边启用时间同步（NTP）。")
    return good(CLOCK, "与 OpenSearch 一致。")


def _template(indices: Indices) -> Finding:
    wanted = template(pattern(indices.prefix))
    try:
        (found,) = indices.client.indices.get_index_template(name=indices.prefix)["index_templates"]
    except NotFoundError:
        return notice(TEMPLATE, "集群上没有本档案的索引模板。运行 meiqia-search rebuild 会补上；现有的索引不受影响。")
    if _comparable(found["index_template"]) != _comparable(wanted):
        return notice(
            TEMPLATE,
            "集群上的索引模板与本程序的不同（有人改过，或属于别的版本）。运行 meiqia-search rebuild 会换回来。",
        )
    indices.put_template()  # as it is; only to see whether that is allowed
    return good(TEMPLATE, "与本程序一致。")


def _comparable(body: Mapping[str, Any]) -> tuple[object, ...]:
    """A template without what a server writes differently."""
    inner = body.get("template", {})
    settings = inner.get("settings", {})
    flat = {key: str(value) for key, value in settings.get("index", settings).items()}
    return flat, inner.get("mappings"), inner.get("aliases"), body.get("version"), body["index_patterns"]


def _generation(indices: Indices) -> Finding:
    described = indices.described()
    in_use = {named(name).generation for name, each in described.items() if indices.for_people in each.aliases}
    if not in_use:
        return trouble(
            INDEX, "还没有可用的索引。serve 启动后会自动建立，也可以运行 meiqia-search rebuild；会话都在档案里。"
        )
    if len(in_use) > 1:
        return trouble(INDEX, "别名同时指向新旧两套索引，会话会重复出现。请运行 meiqia-search rebuild。")
    months = {named(name).partition: each for name, each in described.items() if named(name).generation in in_use}
    return _months(months, frozenset({indices.for_people, indices.alias}))


def _months(months: Mapping[str, Described], aliases: frozenset[str]) -> Finding:
    marked = [each for each in months.values() if each.format]
    if newer := next((each.program for each in marked if is_newer(each.program)), None):
        return trouble(INDEX, f"索引是更新的程序（{newer}）建的。请升级本程序；在那之前不要运行 rebuild。")
    if not any(each.usable for each in marked):
        return trouble(
            INDEX,
            "索引是另一个版本的程序建的。serve 启动后会自动重建，也可以运行 meiqia-search rebuild；会话都在档案里。",
        )
    for wrong, what in (
        ([name for name, each in months.items() if not each.usable], "不是本程序建的，或被人改过"),
        ([name for name, each in months.items() if not each.aliases >= aliases], "没有别名，里面的会话查不到"),
    ):
        if wrong:
            named = "、".join(sorted(wrong)[:NAMED]) + ("等" if len(wrong) > NAMED else "")
            return trouble(INDEX, f"{named} 共 {len(wrong)} 个月的索引{what}。请运行 meiqia-search rebuild 重建。")
    if any(each.blocked for each in months.values()):
        return trouble(
            INDEX, "服务器把索引设成了只读，多半是磁盘写满。请腾出空间；没有自动解除时由管理员去掉 index.blocks 设置。"
        )
    return good(INDEX, f"{len(months)} 个月份，由本程序建立。")


def rehearse(indices: Indices) -> Iterator[Finding]:
    """Whether the account may do what the program does, tried on an index of its own that is deleted again.

    Where nobody answers nothing is found.
    """
    if not _any_answers(_servers(indices)):
        return
    denied: dict[Finding, None] = {}
    other: dict[Finding, None] = {}
    for step in _steps(indices, f"{indices.prefix}.trial"):
        try:
            with translated():
                step()
        except BadConfiguration as refused:
            denied[failed(RIGHTS, refused)] = None
        except ArchiveError as error:
            other[failed(RIGHTS, error)] = None  # also of a step that needs one before
    yield from denied or list(other)[:1] or [good(RIGHTS, "程序要做的都可以做。")]


def _steps(indices: Indices, name: str) -> tuple[Callable[[], object], ...]:
    client, write = indices.client, written_through(name)
    writes = [operation("trial", "", write, 1, b"{}"), operation("trial", "", write, 2)]
    alias = {"add": {"index": name, "alias": f"{name}.read"}}

    def look_at_one_state() -> None:
        pit = client.create_pit(index=name, params={"keep_alive": KEEP_ALIVE})["pit_id"]
        client.delete_pit(body={"pit_id": [pit]})

    return (
        lambda: client.indices.delete(index=name, params={"ignore_unavailable": "true"}),  # of a trial that was killed
        lambda: client.indices.create(index=name, body=index_body({write: {}})),
        lambda: client.indices.update_aliases(body={"actions": [alias]}),
        lambda: client.indices.get(index=name),
        lambda: Bulk(client, Event()).send(writes),
        lambda: client.indices.refresh(index=name),
        lambda: client.search(index=name, body={"size": 0}),
        look_at_one_state,
        lambda: client.indices.delete(index=name),
    )
