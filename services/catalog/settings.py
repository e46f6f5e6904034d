"""The settings of the catalog, from environment variables: what each kind of process needs, and no more."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class CatalogSettings(BaseSettings):
    """What the web process needs; tokens are verified with the published keys."""

    database_url: str = Field(validation_alias="CATALOG_DATABASE_URL")
    jwks_file: Path = Field(validation_alias="XIESHOU_JWKS_FILE")


class KeySettings(BaseSettings):
    """What issuing tokens needs: the private key, and where its public half is published."""

    signing_key_file: Path = Field(validation_alias="CATALOG_SIGNING_KEY_FILE")
    jwks_file: Path = Field(validation_alias="XIESHOU_JWKS_FILE")


class DatabaseSettings(BaseSettings):
    """What a command that reads or writes rows needs."""

    database_url: str = Field(validation_alias="CATALOG_DATABASE_URL")


class MigrationSettings(BaseSettings):
    """What a migration needs: the owner's URL, or the ordinary one where one role does both."""

    database_url: str = Field(validation_alias="CATALOG_DATABASE_URL")
    owner_database_url: str | None = Field(None, validation_alias="CATALOG_OWNER_DATABASE_URL")

    @property
    def url(self) -> str:
        """The URL to migrate with."""
        return self.owner_database_url or self.database_url
