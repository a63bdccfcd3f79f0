"""How the servers are reached."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from opensearchpy import OpenSearch

from meiqia_search.engines.opensearch.transport import PATIENCE_S, CarefulTransport, Json, TimedConnection
from meiqia_search.errors import BadConfiguration

CONNECT_RETRIES = 2
"""Another node is tried when one does not answer. Whatever is sent twice is the same the second time."""
LEAVE_ALONE_S = 10
"""A node that did not answer is not asked for so long, then twice as long, and so on up to four times."""


def connect(urls: str, connections: int, user: str = "", password: str = "", ca: Path | None = None) -> OpenSearch:
    """A client of the cluster whose nodes are at ``urls``, separated by commas. Nothing is sent yet.

    Raises:
        BadConfiguration: the addresses or the certificate cannot be used.
    """
    hosts = [url.strip() for url in urls.split(",") if url.strip()]
    _check(hosts, ca)
    encrypted = hosts[0].startswith("https://")
    tls: dict[str, Any] = {"verify_certs": True, "ca_certs": str(ca) if ca else None} if encrypted else {}
    return OpenSearch(
        hosts=hosts,
        http_auth=(user, password) if user else None,
        transport_class=CarefulTransport,
        connection_class=TimedConnection,
        serializer=Json(),
        timeout=PATIENCE_S,
        dead_timeout=LEAVE_ALONE_S,
        timeout_cutoff=2,
        max_retries=CONNECT_RETRIES,
        retry_on_status=(),  # a server that has no room is not helped by asking it at once again
        pool_maxsize=connections,
        http_compress=False,  # compressing takes half as long as indexing does
        **tls,
    )


def _check(hosts: Sequence[str], ca: Path | None) -> None:
    schemes = {host.partition("://")[0] for host in hosts}
    if schemes not in ({"http"}, {"https"}):
        raise BadConfiguration("MEIQIA_OPENSEARCH_URL 应为 http:// 或 https:// 开头的地址，多个用逗号分开。")
    if any("@" in host for host in hosts):
        raise BadConfiguration("地址里不要写账号和密码；请用 MEIQIA_OPENSEARCH_USER 和 MEIQIA_OPENSEARCH_PASSWORD。")
    if ca and not ca.is_file():
        raise BadConfiguration("MEIQIA_OPENSEARCH_CA 指的证书文件不存在。")
