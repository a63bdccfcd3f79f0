"""The tantivy index as a whole: its reader, its writer, and generations."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from meiqia_search.checkup import Finding, failed, good, trouble
from meiqia_search.engines.tantivy.folder import IndexFolder
from meiqia_search.engines.tantivy.reader import TantivyReader
from meiqia_search.engines.tantivy.schema import encode
from meiqia_search.engines.tantivy.writer import TantivyWriter
from meiqia_search.errors import IndexMissing

INDEX = "索引"


class TantivyGeneration:
    """A generation in its own folder, beside the one in use."""

    def __init__(self, folder: IndexFolder, path: Path, memory_mb: int) -> None:
        self._folder = folder
        self._path = path
        self.writer = TantivyWriter(self._path, memory_mb)
        self.reader = TantivyReader(lambda: self._path, threads=1)

    def switch(self) -> None:
        """Put it in use and delete what is older than the one before."""
        self.reader.close()
        self.writer.close()
        self._folder.switch(self._path)
        self._folder.clean()

    def drop(self) -> None:
        """Delete it."""
        self.reader.close()
        self.writer.abandon()
        shutil.rmtree(self._path, ignore_errors=True)


class TantivyIndex:
    """Generations in one folder; ``threads`` searches at once."""

    encode = staticmethod(encode)

    def __init__(self, root: Path, memory_mb: int, threads: int) -> None:
        self._folder = IndexFolder(root)
        self._memory_mb = memory_mb
        self.reader = TantivyReader(self._folder.current, threads)

    def usable(self) -> bool:
        """Whether there is a generation in use that this program can read."""
        return self._folder.usable()

    def writer(self) -> TantivyWriter:
        """The writer of the generation in use."""
        return TantivyWriter(self._folder.current(), self._memory_mb)

    def begin(self) -> TantivyGeneration:
        """A new generation, empty."""
        return TantivyGeneration(self._folder, self._folder.create(), self._memory_mb)

    def before(self) -> TantivyGeneration:
        """The generation that was in use before."""
        return TantivyGeneration(self._folder, self._folder.before(), self._memory_mb)

    def examine(self) -> Iterator[Finding]:
        """Whether the generation in use is there and undamaged."""
        try:
            self._folder.current()
        except IndexMissing as missing:
            yield failed(INDEX, missing)
            return
        if self._folder.usable():
            yield good(INDEX, "完好。")
        else:
            yield trouble(INDEX, "索引文件已损坏。请运行 meiqia-search rebuild；会话都在档案里。")

    def rehearse(self) -> Iterator[Finding]:
        """Nobody else has to allow anything: the index is in the data folder."""
        return iter(())

    def close(self) -> None:
        """End the threads of the reader."""
        self.reader.close()
