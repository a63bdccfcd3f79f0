"""A secured server for the tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.secured import Secured, running_secured


@pytest.fixture(scope="session")
def secured() -> Iterator[Secured]:
    """An OpenSearch server with the security plugin; a test without one is skipped with the reason."""
    with running_secured() as server:
        yield server
