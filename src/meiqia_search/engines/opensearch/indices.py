"""The indices of an archive on a cluster: numbered generations, each of one index per partition, and aliases.

``meiqia.g000002.2026-11`` is a month in a generation. The alias ``meiqia.conversations`` stands for the generation in
use, for people; the program reads through ``meiqia.conversations.<format>``, so that a program which would segment
differently finds no index rather than a wrong one. A prefix has no dot: so no archive's names match another's.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from opensearchpy import OpenSearch
from opensearchpy.exceptions import RequestError

from meiqia_search.engines.base import NO_WAY_BACK
from meiqia_search.engines.opensearch.errors import whole
from meiqia_search.engines.opensearch.template import format_version, index_body, is_newer, template
from meiqia_search.errors import BadConfiguration, EngineUnavailable, IndexMissing

PREFIX = "meiqia"
EXISTS = "resource_already_exists_exception"
AT_ONCE = 20
"""Names of indices in one request: they go into its address."""
_PREFIX = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_NAME = re.compile(r"\.(g\d{6,})\.([^.]+)$")


@dataclass(frozen=True, slots=True)
class Described:
    """An index: its aliases, the format it is marked with, by which version of the program, and whether it is blocked.

    Without a mark it was made by somebody else; ``strict`` as this program makes it.
    """

    aliases: frozenset[str]
    format: str
    program: str
    strict: bool
    blocked: bool

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Described":
        """From what the server says."""
        mappings = body.get("mappings", {})
        mark = mappings.get("_meta", {})
        blocks = body.get("settings", {}).get("index", {}).get("blocks", {})
        return cls(
            frozenset(body.get("aliases", {})),
            str(mark.get("format", "")),
            str(mark.get("program", "")),
            mappings.get("dynamic") == "strict",
            "true" in blocks.values(),
        )

    @property
    def usable(self) -> bool:
        """Whether this program made it, and it still is as it was made."""
        return self.format == format_version() and self.strict


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
        partitions = {named(index).partition for index in known}
        return Months(self, named(known[0]).generation, {self.for_people: {}, self.alias: {}}, partitions)

    def create(self) -> "Months":
        """A new, empty generation, not yet in use. What a killed rebuild left behind is deleted.

        Raises:
            BadConfiguration: a later version of the program made the one in use.
        """
        if in_use := self._behind(self.for_people):
            self._require_not_newer(in_use[0])
            for unfinished in [each for each in self.generations() if each > named(in_use[0]).generation]:
                self.delete(unfinished)
        self.put_template()
        number = 1 + max((int(name[1:]) for name in self.generations()), default=0)
        months = Months(self, f"g{number:06}", {}, ())
        months.ensure("undated")
        return months

    def put_template(self) -> None:
        """For indices of our names that somebody else makes; the program's own are made with all they need."""
        self.client.indices.put_index_template(name=self.prefix, body=template(pattern(self.prefix)))

    def _require_not_newer(self, index: str) -> None:
        program = self.described(index)[index].program
        if is_newer(program):
            raise BadConfiguration(f"索引是更新的程序（{program}）建的；请升级本程序，不要用旧程序重建。")

    def switch(self, generation: str) -> None:
        """Put a generation in use, at one stroke."""
        reading = {
            index: [alias for alias in known["aliases"] if alias.startswith(self.for_people)]
            for index, known in self._all().items()
            if named(index).generation != generation
        }
        old = [{"remove": {"index": index, "aliases": aliases}} for index, aliases in reading.items() if aliases]
        new = [{"add": {"indices": self._of(generation), "aliases": [self.for_people, self.alias]}}]
        self.client.indices.update_aliases(body={"actions": [*old, *new]})

    def before(self) -> "Months":
        """The newest generation before the one in use that this program can read and write.

        Raises:
            IndexMissing: there is none.
        """
        in_use = min((named(index).generation for index in self._behind(self.for_people)), default="")
        ours = [named(index) for index, of in self._all().items() if written_through(index) in of["aliases"]]
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
        return sorted({named(name).generation for name in self._all()})

    def begin_writing(self) -> int:
        """A number higher than every writer before got: it goes into the versions of what is written.

        So nothing that a writer before still sends, late or repeated, replaces what a later one wrote.
        """
        index = f"{self.prefix}.writers"
        if not self._matching(f"{index}*"):
            body = {"settings": {"auto_expand_replicas": "0-1"}, "mappings": {"dynamic": "strict"}}
            self.make(index, body)
        return int(self.client.index(index=index, id="writer", body={})["_version"])

    def make(self, name: str, body: Mapping[str, Any]) -> bool:
        """Create an index; False where it is there already, as when the answer to the first try was lost.

        It has its copy before anything is written to it: a node that died sooner would take the only one along.
        """
        try:
            self.client.indices.create(index=name, body=body, params={"wait_for_active_shards": "all"})
        except RequestError as refused:
            if refused.error != EXISTS:
                raise
            return False
        return True

    def described(self, names: str = "") -> dict[str, Described]:
        """What there is to know of the index of this name, or of those of all generations."""
        asked = {"filter_path": "*.aliases,*.mappings._meta,*.mappings.dynamic,*.settings.index.blocks"}
        found = self.client.indices.get(index=names or pattern(self.prefix), params=asked)
        return {name: Described.of(body) for name, body in found.items() if _NAME.search(name)}

    def _of(self, generation: str) -> list[str]:
        return sorted(name for name in self._all() if named(name).generation == generation)

    def _matching(self, names: str) -> Mapping[str, Any]:
        """The indices that are called like this; asking for none by a pattern is no error."""
        known: Mapping[str, Any] = self.client.indices.get_alias(index=names)
        return known

    def _all(self) -> dict[str, Any]:
        """The indices of all generations; others that are called a little like them are not ours."""
        return {name: known for name, known in self._matching(pattern(self.prefix)).items() if _NAME.search(name)}

    def _behind(self, alias: str) -> list[str]:
        return [index for index, known in self._all().items() if alias in known["aliases"]]


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
        """The alias to write to a partition, whose index is there from now on.

        Raises:
            BadConfiguration: somebody else made an index of this name.
        """
        name = f"{self._indices.prefix}.{self.generation}.{partition}"
        alias = written_through(name)
        if partition not in self._known:
            aliases = {**self._reading, alias: {}}
            if not self._indices.make(name, index_body(aliases)):
                self._require_ours(name, partition, frozenset(aliases))
            self._known.add(partition)
        return alias

    def _require_ours(self, name: str, partition: str, aliases: frozenset[str]) -> None:
        found = self._indices.described(name)[name]
        if not (found.usable and found.aliases >= aliases):
            raise BadConfiguration(
                f"集群里有一个不是本程序建的索引，占了 {partition} 的位置；请管理员删除或改名，然后运行 meiqia-search "
                "verify --repair。会话都在档案里，没有丢失。"
            )

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
            found.setdefault(hit["fields"]["id"][0], []).append(named(hit["_index"]).partition)
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


def written_through(index: str) -> str:
    """The alias through which an index is written."""
    return f"{index}.{format_version()}"


def pattern(prefix: str) -> str:
    """What the indices of all generations are called like."""
    return f"{prefix}.g*"


class _Name(NamedTuple):
    """What the name of an index says."""

    generation: str
    partition: str


def named(index: str) -> _Name:
    """The generation and partition of an index."""
    found = _NAME.search(index)
    if not found:
        raise IndexMissing
    return _Name(*found.groups())


def document_id(conversation_id: str) -> str:
    """What a conversation is called in its index: ids of conversations can be longer than the server takes."""
    return blake2b(conversation_id.encode(), digest_size=16).hexdigest()
