"""What goes wrong with a server, as errors that are meant for people."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    NotFoundError,
    OpenSearchException,
    SSLError,
    TransportError,
)

from meiqia_search.errors import (
    BadConfiguration,
    Busy,
    EngineUnavailable,
    IndexMissing,
    SearchTimeout,
    StorageFull,
)

TOO_MANY = 429
NO_SPACE = "cluster_block_exception"
"""A disk is so full that the server takes no more writes."""
NO_INDEX = "index_not_found_exception"


@contextmanager
def translated() -> Iterator[None]:
    """The client's errors as ours.

    Nothing of an answer goes along: it can hold names of indices and words.
    """
    try:
        yield
    except OpenSearchException as broken:
        _raise(broken)


def _raise(broken: OpenSearchException) -> NoReturn:
    match broken:
        case SSLError():
            raise BadConfiguration(
                "OpenSearch 的证书不被信任：请检查 MEIQIA_OPENSEARCH_URL 和 MEIQIA_OPENSEARCH_CA。"
            ) from broken
        case TransportError() if broken.error == NO_SPACE:
            raise StorageFull from broken
        case NotFoundError() if broken.error == NO_INDEX:
            raise IndexMissing from broken
        case AuthenticationException():
            raise BadConfiguration(
                "OpenSearch 不接受这个账号：请检查 MEIQIA_OPENSEARCH_USER 和 MEIQIA_OPENSEARCH_PASSWORD。"
            ) from broken
        case AuthorizationException():
            raise BadConfiguration("OpenSearch 的账号权限不够：请管理员检查它的角色。") from broken
        case TransportError() if broken.status_code == TOO_MANY:
            raise Busy from broken
        case _:
            raise EngineUnavailable from broken


def whole(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer, if every shard gave its part in time: a part of an answer is none.

    Raises:
        SearchTimeout, EngineUnavailable
    """
    if answer.get("timed_out"):
        raise SearchTimeout
    shards = answer["_shards"]
    if shards["failed"] or shards["successful"] != shards["total"]:
        raise EngineUnavailable("搜索引擎的一部分没有回答，因此不给出残缺的结果；会话都在，请稍后重试。")
    return answer
