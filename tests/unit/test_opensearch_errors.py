"""What a server says went wrong, and what people are told."""

import pytest
from opensearchpy import exceptions
from opensearchpy.exceptions import OpenSearchException

from meiqia_search import errors
from meiqia_search.engines.opensearch.errors import translated, whole

SHARDS = {"total": 3, "successful": 3, "failed": 0}


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (exceptions.ConnectionError("N/A", "refused", OSError()), errors.EngineUnavailable),
        (exceptions.ConnectionTimeout("TIMEOUT", "late", OSError()), errors.EngineUnavailable),
        (exceptions.SSLError("N/A", "certificate", OSError()), errors.BadConfiguration),
        (exceptions.AuthenticationException(401, "", {}), errors.BadConfiguration),
        (exceptions.AuthorizationException(403, "security_exception", {}), errors.BadConfiguration),
        (exceptions.AuthorizationException(403, "cluster_block_exception", {}), errors.StorageFull),
        (exceptions.TransportError(429, "cluster_block_exception", {}), errors.StorageFull),
        (exceptions.TransportError(429, "rejected_execution_exception", {}), errors.Busy),
        (exceptions.NotFoundError(404, "index_not_found_exception", {}), errors.IndexMissing),
        (exceptions.NotFoundError(404, "search_phase_execution_exception", {}), errors.EngineUnavailable),
        (exceptions.TransportError(503, "search_phase_execution_exception", {}), errors.EngineUnavailable),
        (exceptions.SerializationError("x"), errors.EngineUnavailable),
    ],
)
def test_errors(broken: OpenSearchException, told: type[errors.ArchiveError]) -> None:
    with pytest.raises(told) as raised, translated():
        raise broken
    assert type(raised.value) is told


def test_half_an_answer_is_none() -> None:
    assert whole({"timed_out": False, "_shards": SHARDS})
    with pytest.raises(errors.SearchTimeout):
        whole({"timed_out": True, "_shards": SHARDS})
    for missing in ({"failed": 1}, {"successful": 2}):
        with pytest.raises(errors.EngineUnavailable):
            whole({"timed_out": False, "_shards": SHARDS | missing})
