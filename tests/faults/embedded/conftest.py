"""A folder for a server that a test may kill."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.postgres import EmbeddedServer

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A folder whose path has a space, quotes and Chinese characters; removed with what runs in it."""
    parent = REPOSITORY / ".xieshou"
    parent.mkdir(exist_ok=True)
    above = Path(tempfile.mkdtemp(prefix="test-", dir=parent))
    above.chmod(0o711)
    folder = above / "数 据'\"库"
    yield folder
    EmbeddedServer(folder).erase()
    shutil.rmtree(above)
