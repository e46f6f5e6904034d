"""The settings of the matching service, from environment variables."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class MatchingSettings(BaseSettings):
    """What every process of the service needs."""

    database_url: str = Field(validation_alias="MATCHING_DATABASE_URL")
    jwks_file: Path = Field(validation_alias="XIESHOU_JWKS_FILE")


class WorkerSettings(BaseSettings):
    """What the worker needs: it alone calls the catalog."""

    database_url: str = Field(validation_alias="MATCHING_DATABASE_URL")
    catalog_url: str = Field(validation_alias="CATALOG_URL")
    catalog_token_file: Path = Field(validation_alias="MATCHING_CATALOG_TOKEN_FILE")


class MigrationSettings(BaseSettings):
    """What a migration needs: the owner's URL, or the ordinary one where one role does both."""

    database_url: str = Field(validation_alias="MATCHING_DATABASE_URL")
    owner_database_url: str | None = Field(None, validation_alias="MATCHING_OWNER_DATABASE_URL")

    @property
    def url(self) -> str:
        """The URL to migrate with."""
        return self.owner_database_url or self.database_url
