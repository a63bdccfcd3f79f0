"""Where an archive of a test is kept: in a folder, or on a PostgreSQL server and an OpenSearch cluster."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from meiqia_search.settings import Settings

NewPlace: TypeAlias = Callable[[Path], Settings]
"""Gives what configures a new archive; the folder is its own in any case."""


only_in_folder = pytest.mark.parametrize("new_place", ["in a folder"], indirect=True)
"""For a test that is about the files there, or has nothing to do with where things are kept."""


def in_folder(folder: Path) -> Settings:
    """Everything in one folder."""
    return Settings(data_dir=folder, index_memory_mb=32, search_threads=2)


def on_servers(folder: Path, database_url: str, opensearch_url: str, prefix: str) -> Settings:
    """Record and index on servers."""
    return Settings(
        data_dir=folder,
        search_threads=2,
        database_url=database_url,
        opensearch_url=opensearch_url,
        opensearch_prefix=prefix,
    )


def as_environment(place: Settings) -> dict[str, str]:
    """What tells a program of its own where the archive is."""
    values = {
        "DATABASE_URL": place.database_url,
        "OPENSEARCH_URL": place.opensearch_url,
        "OPENSEARCH_PREFIX": place.opensearch_prefix,
    }
    return {f"MEIQIA_{name}": value for name, value in values.items() if value}
