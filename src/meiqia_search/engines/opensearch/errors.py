"""What goes wrong with a server, as errors that are meant for people."""

import re
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
NOT_ALLOWED = "security_exception"
_DENIED = re.compile(r"no permissions for \[([a-z_:/*]+)")


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
            raise BadConfiguration(_tls(str(broken))) from broken
        case TransportError() if broken.error == NO_SPACE:
            raise StorageFull from broken
        case NotFoundError() if broken.error == NO_INDEX:
            raise IndexMissing from broken
        case AuthenticationException():
            raise BadConfiguration(
                "OpenSearch 不接受这个账号：请检查 MEIQIA_OPENSEARCH_USER 和 MEIQIA_OPENSEARCH_PASSWORD。"
            ) from broken
        case AuthorizationException():
            raise denied(str(broken)) from broken
        case TransportError() if broken.status_code == TOO_MANY:
            raise Busy from broken
        case _:
            raise EngineUnavailable from broken


def _tls(said: str) -> str:
    """What is wrong with a certificate or with the settings about it."""
    if "CERTIFICATE_VERIFY_FAILED" not in said:
        return "与 OpenSearch 不能加密连接：请检查地址是否该用 https://，以及 MEIQIA_OPENSEARCH_CA 是不是 PEM 证书。"
    if "ostname mismatch" in said or "IP address mismatch" in said:
        return "OpenSearch 的证书不是发给这个地址的：请把 MEIQIA_OPENSEARCH_URL 改成证书上的名字，或换证书。"
    if "expired" in said:
        return "OpenSearch 的证书已过期：请管理员换新证书。"
    return "OpenSearch 的证书不被信任：请把签发它的 CA 证书（PEM）写进 MEIQIA_OPENSEARCH_CA，并检查地址。"


def denied(said: str) -> BadConfiguration:
    """The account may not do what the server said it may not."""
    found = _DENIED.search(said)
    which = f" {found[1]}" if found else ""
    return BadConfiguration(
        f"OpenSearch 的账号缺少权限{which}：请管理员按 meiqia-search opensearch roles 的输出设置它的角色。"
    )


def whole(answer: object) -> Mapping[str, Any]:
    """The answer, if every shard gave its part in time: a part of an answer is none.

    Raises:
        SearchTimeout, EngineUnavailable
    """
    if not isinstance(answer, Mapping) or "_shards" not in answer:
        raise EngineUnavailable("搜索引擎的地址上不是 OpenSearch；请管理员检查 MEIQIA_OPENSEARCH_URL。会话都在。")
    if answer.get("timed_out"):
        raise SearchTimeout
    shards = answer["_shards"]
    if shards["failed"] or shards["successful"] != shards["total"]:
        raise EngineUnavailable("搜索引擎的一部分没有回答，因此不给出残缺的结果；会话都在，请稍后重试。")
    return answer
