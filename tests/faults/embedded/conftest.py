"""A folder for a server that a test may kill."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.embedded.postgres import EmbeddedServer


@pytest.fixture
def server_folder(new_data_folder: Callable[[], Path]) -> Iterator[Path]:
    """A server's folder; removed with what runs in it."""
    folder = new_data_folder()
    yield folder
    EmbeddedServer(folder).erase()
