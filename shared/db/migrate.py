"""Migrations: bring a database to the newest version, and tell where models and migrations differ."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine
from sqlalchemy.pool import NullPool

from shared.db.alembic_env import include_object
from shared.db.database import driver_url


def alembic_config(script_location: Path, url: str) -> Config:
    """The configuration that both the program and `revision --autogenerate` use; no alembic.ini is needed."""
    config = Config()
    # configparser interpolates, so that a percent sign in the path must be doubled
    config.set_main_option("script_location", str(script_location).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config


def upgrade(script_location: Path, url: str) -> None:
    """Apply every migration that the database lacks, in one transaction, as the owner that `url` names."""
    command.upgrade(alembic_config(script_location, url), "head")


def revise(script_location: Path, url: str, message: str) -> None:
    """Write a new migration from what the models have and the database at `url` has not."""
    command.revision(alembic_config(script_location, url), message=message, autogenerate=True)


def differences(metadata: MetaData, url: str) -> list[Any]:
    """What alembic would change to make the database at `url` equal to the models; empty when they agree."""
    engine = create_engine(driver_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": include_object}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, metadata))
