"""The folder of the index: numbered generations, of which the file CURRENT names the one in use."""

import contextlib
import os
import shutil
from pathlib import Path

import tantivy

from meiqia_search.engines.base import NO_WAY_BACK
from meiqia_search.engines.tantivy.damage import intact
from meiqia_search.engines.tantivy.schema import format_version, schema
from meiqia_search.errors import IndexMissing

CURRENT = "CURRENT"
FORMAT = "FORMAT"


class IndexFolder:
    """Generations of an index on disk. A switch is one atomic rename; readers and writers look at CURRENT."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def current(self) -> Path:
        """The generation in use.

        Raises:
            IndexMissing: there is none, or a version of the program that segmented differently made it.
        """
        generation = self._in_use()
        made_as = _made_as(generation)
        if not made_as:
            raise IndexMissing
        if made_as != format_version():
            raise IndexMissing(
                "索引是另一个版本的程序建立的，需要重建：请管理员运行 meiqia-search rebuild。会话没有丢失。"
            )
        return generation

    def before(self) -> Path:
        """The newest generation before the one in use that this program can use.

        Raises:
            IndexMissing: there is none.
        """
        older = (path for path in self.root.glob("g[0-9]*") if path.name < self._in_use().name)
        usable = [path for path in older if _made_as(path) == format_version() and intact(path)]
        if not usable:
            raise IndexMissing(NO_WAY_BACK)
        return max(usable)

    def _in_use(self) -> Path:
        try:
            return self.root / (self.root / CURRENT).read_text("ascii").strip()
        except (OSError, ValueError):
            raise IndexMissing from None

    def usable(self) -> bool:
        """Whether there is a generation that this program can use, without damage."""
        try:
            return intact(self.current())
        except IndexMissing:
            return False

    def create(self) -> Path:
        """A new, empty generation, not yet in use. What a killed rebuild left behind is deleted."""
        self.root.mkdir(parents=True, exist_ok=True)
        self._clear()
        number = 1 + max((int(path.name[1:]) for path in self.root.glob("g[0-9]*")), default=0)
        generation = self.root / f"g{number:06}"
        generation.mkdir()
        (generation / FORMAT).write_text(format_version(), "ascii")
        tantivy.Index(schema(), str(generation))
        return generation

    def switch(self, generation: Path) -> None:
        """Put a generation in use; the one before stays for readers that still have it open and for a way back."""
        fresh = self.root / f"{CURRENT}.new"
        fresh.write_text(generation.name, "ascii")
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        fresh.replace(self.root / CURRENT)

    def clean(self, keep: int = 2) -> None:
        """Delete all but the newest generations."""
        for old in sorted(self.root.glob("g[0-9]*"))[:-keep]:
            shutil.rmtree(old, ignore_errors=True)

    def _clear(self) -> None:
        """Delete generations that are newer than the one in use: they were never finished."""
        with contextlib.suppress(IndexMissing):
            in_use = self.current()
            for unfinished in self.root.glob("g[0-9]*"):
                if unfinished.name > in_use.name:
                    shutil.rmtree(unfinished, ignore_errors=True)


def _made_as(generation: Path) -> str:
    """The format of a generation, nothing where it does not say."""
    try:
        return (generation / FORMAT).read_text("ascii")
    except (OSError, ValueError):
        return ""
