"""Finding damage: tantivy writes a checksum behind every file, but does not look at it when it reads."""

import json
import mmap
import zlib
from collections.abc import Iterator
from pathlib import Path

import tantivy

from meiqia_search.engines.tantivy.schema import schema

MAGIC = (1337).to_bytes(4, "little")
_PARTS = ("fast", "fieldnorm", "idx", "pos", "store", "term")


def intact(generation: Path) -> bool:
    """Whether the newest commit of a generation is whole: every file there, as it was written, of our schema."""
    looked_at = None
    while (commit := _commit(generation)) != looked_at:  # a writer may have replaced it, and deleted its files
        if _is_whole(generation, commit):
            return True
        looked_at = commit
    return False


def _commit(generation: Path) -> bytes:
    try:
        return (generation / "meta.json").read_bytes()
    except OSError:
        return b""


def _is_whole(generation: Path, commit: bytes) -> bool:
    try:
        if not all(_as_written(path) for path in files(generation, commit)):
            return False  # opening it could make tantivy panic
        return bool(tantivy.Index.open(str(generation)).schema == schema())
    except (ValueError, OSError, LookupError, TypeError):
        return False


def files(generation: Path, commit: bytes) -> Iterator[Path]:
    """What a commit consists of, by the content of its meta.json."""
    for segment in json.loads(commit)["segments"]:
        name = segment["segment_id"].replace("-", "")
        yield from (generation / f"{name}.{part}" for part in _PARTS)
        if segment["deletes"]:
            yield generation / f"{name}.{segment['deletes']['opstamp']}.del"


def _as_written(path: Path) -> bool:
    """Whether a file ends with the checksum of what stands before it: content, JSON, its length, the magic number."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        begin = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
        if content[-4:] != MAGIC or begin < 0:
            return False
        with memoryview(content) as all_of_it, all_of_it[:begin] as written:
            return bool(json.loads(content[begin:-8])["crc"] == zlib.crc32(written))
