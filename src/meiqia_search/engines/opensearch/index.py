"""The index on a cluster as a whole: its reader, its writer, and generations."""

from collections.abc import Iterator
from contextlib import suppress

from opensearchpy import OpenSearch

from meiqia_search.checkup import Finding
from meiqia_search.engines.opensearch import checkup
from meiqia_search.engines.opensearch.errors import translated
from meiqia_search.engines.opensearch.indices import PREFIX, Indices, Months
from meiqia_search.engines.opensearch.reader import OpenSearchReader
from meiqia_search.engines.opensearch.template import encode
from meiqia_search.engines.opensearch.writer import OpenSearchWriter
from meiqia_search.errors import ArchiveError


class OpenSearchGeneration:
    """A generation beside the one in use."""

    def __init__(self, indices: Indices, months: Months) -> None:
        self._indices, self._months = indices, months
        self.writer = OpenSearchWriter(indices.client, months, indices.begin_writing())
        self.reader = OpenSearchReader(indices.client, months.all)

    def switch(self) -> None:
        """Put it in use and delete what is older than the one before."""
        self.writer.close()
        with translated():
            self._indices.switch(self._months.generation)
            self._indices.clean()

    def drop(self) -> None:
        """Delete it."""
        self.writer.close()
        with suppress(ArchiveError), translated():
            self._indices.delete(self._months.generation)


class OpenSearchIndex:
    """An archive's indices on a cluster."""

    encode = staticmethod(encode)

    def __init__(self, client: OpenSearch, prefix: str = PREFIX) -> None:
        self._client = client
        self.indices = Indices(client, prefix)
        self.reader = OpenSearchReader(client, self.indices.alias)

    def usable(self) -> bool:
        """Whether there is a generation in use that this program can read."""
        with translated():
            return self.indices.usable()

    def writer(self) -> OpenSearchWriter:
        """The writer of the generation in use."""
        with translated():
            months = self.indices.in_use()
            return OpenSearchWriter(self._client, months, self.indices.begin_writing())

    def begin(self) -> OpenSearchGeneration:
        """A new generation, empty."""
        with translated():
            return OpenSearchGeneration(self.indices, self.indices.create())

    def before(self) -> OpenSearchGeneration:
        """The generation that was in use before."""
        with translated():
            return OpenSearchGeneration(self.indices, self.indices.before())

    def examine(self) -> Iterator[Finding]:
        """How the cluster is, without changing anything."""
        return checkup.examine(self.indices)

    def rehearse(self) -> Iterator[Finding]:
        """Whether everything that the program does there is allowed."""
        return checkup.rehearse(self.indices)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
