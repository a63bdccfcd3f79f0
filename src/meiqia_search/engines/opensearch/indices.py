"""The indices of an archive on a cluster: numbered generations, each of one index per partition, and aliases.

``meiqia.g000002.2026-11`` is a month in a generation. The alias ``meiqia.conversations`` stands for the generation in
use, for people; the program reads through ``meiqia.conversations.<format>``, so that a program which would segment
differently finds no index rather than a wrong one. A prefix has no dot: so no archive's names match another's.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from opensearchpy import OpenSearch
from opensearchpy.exceptions import RequestError

from meiqia_search.engines.base import NO_WAY_BACK
from meiqia_search.engines.opensearch.errors import whole
from meiqia_search.engines.opensearch.template import format_version, template
from meiqia_search.errors import BadConfiguration, EngineUnavailable, IndexMissing

PREFIX = "meiqia"
EXISTS = "resource_already_exists_exception"
AT_ONCE = 20
"""Names of indices in one request: they go into its address."""
_PREFIX = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_NAME = re.compile(r"\.(g\d{6,})\.([^.]+)$")


class Indices:
    """All indices of one archive; ``prefix`` tells archives on one cluster apart."""

    def __init__(self, client: OpenSearch, prefix: str = PREFIX) -> None:
        self.client, self.prefix = client, checked(prefix)

    @property
    def for_people(self) -> str:
        """The alias of the generation in use, whatever its format."""
        return for_people(self.prefix)

    @property
    def alias(self) -> str:
        """The alias of the generation in use, if it has this program's format."""
        return f"{self.for_people}.{format_version()}"

    def usable(self) -> bool:
        """Whether a generation is in use that this program can read."""
        return bool(self._behind(self.alias))

    def in_use(self) -> "Months":
        """The generation in use.

        Raises:
            IndexMissing: there is none of this program's format.
        """
        known = self._behind(self.alias)
        if not known:
            raise IndexMissing
        partitions = {_named(index).partition for index in known}
        return Months(self, _named(known[0]).generation, {self.for_people: {}, self.alias: {}}, partitions)

    def create(self) -> "Months":
        """A new, empty generation, not yet in use. What a killed rebuild left behind is deleted."""
        if in_use := self._behind(self.for_people):
            for unfinished in [each for each in self.generations() if each > _named(in_use[0]).generation]:
                self.delete(unfinished)
        self.client.indices.put_index_template(name=self.prefix, body=template(pattern(self.prefix)))
        number = 1 + max((int(name[1:]) for name in self.generations()), default=0)
        months = Months(self, f"g{number:06}", {}, ())
        months.ensure("undated")
        return months

    def switch(self, generation: str) -> None:
        """Put a generation in use, at one stroke."""
        reading = {
            index: [alias for alias in known["aliases"] if alias.startswith(self.for_people)]
            for index, known in self._matching(pattern(self.prefix)).items()
            if _named(index).generation != generation
        }
        old = [{"remove": {"index": index, "aliases": aliases}} for index, aliases in reading.items() if aliases]
        new = [{"add": {"indices": self._of(generation), "aliases": [self.for_people, self.alias]}}]
        self.client.indices.update_aliases(body={"actions": [*old, *new]})

    def before(self) -> "Months":
        """The newest generation before the one in use that this program can read and write.

        Raises:
            IndexMissing: there is none.
        """
        in_use = min((_named(index).generation for index in self._behind(self.for_people)), default="")
        known = self._matching(pattern(self.prefix)).items()
        ours = [_named(index) for index, of in known if f"{index}.{format_version()}" in of["aliases"]]
        newest = max((each.generation for each in ours if each.generation < in_use), default=None)
        if newest is None:
            raise IndexMissing(NO_WAY_BACK)
        return Months(self, newest, {}, {each.partition for each in ours if each.generation == newest})

    def clean(self, keep: int = 2) -> None:
        """Delete all but the newest generations."""
        for old in self.generations()[:-keep]:
            self.delete(old)

    def delete(self, generation: str) -> None:
        """Delete a generation."""
        names = self._of(generation)
        for start in range(0, len(names), AT_ONCE):
            self.client.indices.delete(index=",".join(names[start : start + AT_ONCE]))

    def generations(self) -> list[str]:
        """The generations there are, oldest first."""
        return sorted({_named(name).generation for name in self._matching(pattern(self.prefix))})

    def begin_writing(self) -> int:
        """A number higher than every writer before got: it goes into the versions of what is written.

        So nothing that a writer before still sends, late or repeated, replaces what a later one wrote.
        """
        index = f"{self.prefix}.writers"
        if not self._matching(f"{index}*"):
            body = {"settings": {"auto_expand_replicas": "0-1"}, "mappings": {"dynamic": "strict"}}
            self.make(index, body)
        return int(self.client.index(index=index, id="writer", body={})["_version"])

    def make(self, name: str, body: Mapping[str, Any]) -> None:
        """Create an index; if the answer to the first try was lost, it is there already."""
        try:
            self.client.indices.create(index=name, body=body)
        except RequestError as refused:
            if refused.error != EXISTS:
                raise

    def _of(self, generation: str) -> list[str]:
        return sorted(self._matching(f"{self.prefix}.{generation}.*"))

    def _matching(self, names: str) -> Mapping[str, Any]:
        """The indices that are called like this; asking for none by a pattern is no error."""
        known: Mapping[str, Any] = self.client.indices.get_alias(index=names)
        return known

    def _behind(self, alias: str) -> list[str]:
        return [index for index, known in self._matching(pattern(self.prefix)).items() if alias in known["aliases"]]


class Months:
    """The indices of one generation, one per partition, made when something first comes into them.

    They are written through an alias each, which names the format: what is not there, because somebody deleted it, is
    not made by writing to it, and a program that would segment differently cannot write.
    """

    def __init__(self, indices: Indices, generation: str, reading: Mapping[str, Any], known: Iterable[str]) -> None:
        self._indices, self.generation = indices, generation
        self._reading, self._known = reading, set(known)

    @property
    def all(self) -> str:
        """What stands for all of them in a request."""
        return f"{self._indices.prefix}.{self.generation}.*"

    def ensure(self, partition: str) -> str:
        """The alias to write to a partition, whose index is there from now on."""
        name = f"{self._indices.prefix}.{self.generation}.{partition}"
        alias = f"{name}.{format_version()}"
        if partition not in self._known:
            self._indices.make(name, {"aliases": {**self._reading, alias: {}}})
            self._known.add(partition)
        return alias

    def make_again(self, partitions: Iterable[str]) -> None:
        """Make indices that are not there any more."""
        for partition in partitions:
            self._known.discard(partition)
            self.ensure(partition)

    def refresh(self) -> None:
        """Make what was written visible. A copy that is not there yet will be when it is.

        Raises:
            EngineUnavailable: not everywhere.
        """
        if self._indices.client.indices.refresh(index=self.all)["_shards"]["failed"]:
            raise EngineUnavailable

    def holding(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """In which of the partitions each of the conversations is visible."""
        body = {"query": {"terms": {"id": list(ids)}}, "size": 10_000, "docvalue_fields": ["id"], "_source": False}
        found: dict[str, list[str]] = {}
        for hit in whole(self._indices.client.search(index=self.all, body=body))["hits"]["hits"]:
            found.setdefault(hit["fields"]["id"][0], []).append(_named(hit["_index"]).partition)
        return found


def checked(prefix: str) -> str:
    """The prefix, if names of indices can begin with it.

    Raises:
        BadConfiguration
    """
    if not _PREFIX.fullmatch(prefix):
        raise BadConfiguration("MEIQIA_OPENSEARCH_PREFIX 应以小写字母开头，只含小写字母、数字、- 和 _。")
    return prefix


def for_people(prefix: str) -> str:
    """The alias through which people see the generation in use."""
    return f"{prefix}.conversations"


def pattern(prefix: str) -> str:
    """What the indices of all generations are called like."""
    return f"{prefix}.g*"


class _Name(NamedTuple):
    """What the name of an index says."""

    generation: str
    partition: str


def _named(index: str) -> _Name:
    found = _NAME.search(index)
    if not found:
        raise IndexMissing
    return _Name(*found.groups())


def document_id(conversation_id: str) -> str:
    """What a conversation is called in its index: ids of conversations can be longer than the server takes."""
    return blake2b(conversation_id.encode(), digest_size=16).hexdigest()
