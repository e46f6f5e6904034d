"""Where the server's files go: into the data folder, or, as root where `nobody` cannot enter, to a private folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.embedded.place import choose
from deploy.embedded.postgres import EmbeddedServer

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def closed_folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder inside one that only its owner enters, as root's home is."""
    closed = tmp_path / "家"
    closed.mkdir(mode=0o700)
    yield closed / "data"
    if choose(closed / "data").area.exists():
        EmbeddedServer(closed / "data", say=lambda _: None).erase()


def test_a_folder_that_only_its_owner_enters(closed_folder: Path) -> None:
    said: list[str] = []
    with EmbeddedServer(closed_folder, durable=False, say=said.append) as server:
        with psycopg.connect(server.url("postgres", "postgres")) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        area = server.place.area
    if AS_ROOT:
        assert area.is_relative_to("/var/tmp")
        assert server.place.binaries.is_relative_to("/var/tmp")
        assert area.parent.stat().st_mode & 0o777 == 0o711
        (line,) = said
        assert str(area.parent) in line
        assert "nobody" in line
    else:
        assert (area, said) == (closed_folder, [])


def test_the_same_folder_has_the_same_place(closed_folder: Path) -> None:
    assert choose(closed_folder) == choose(closed_folder)
    other = choose(closed_folder.parent / "other")
    assert other.area != choose(closed_folder).area
    if AS_ROOT:
        EmbeddedServer(closed_folder.parent / "other", say=lambda _: None).erase()
