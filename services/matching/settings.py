"""The settings of the matching service, from environment variables."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings

from services.matching.suggestions.rules import USUAL_WAITING, Waiting


class MatchingSettings(BaseSettings):
    """What every process of the service needs; the keys that verify tokens are in a file or at an address.

    `shows_rates` lets visitors who have not signed in see the clusters' rates on the front page. `outlines_file` is a
    GeoJSON file of cities for the map, in place of that of a wheel.
    """

    database_url: str = Field(validation_alias="MATCHING_DATABASE_URL")
    jwks_file: Path | None = Field(None, validation_alias="XIESHOU_JWKS_FILE")
    jwks_url: str | None = Field(None, validation_alias="XIESHOU_JWKS_URL")
    outlines_file: Path | None = Field(None, validation_alias="MATCHING_OUTLINES_FILE")
    shows_rates: bool = Field(False, validation_alias="MATCHING_SHOWS_RATES")

    @model_validator(mode="after")
    def _names_keys(self) -> Self:
        """One of the two, so that nobody wonders which counts."""
        if (self.jwks_file is None) == (self.jwks_url is None):
            raise ValueError("请设置 XIESHOU_JWKS_FILE（公钥文件）或 XIESHOU_JWKS_URL（公钥地址）之一。")
        return self

    @property
    def keys(self) -> Path | str:
        """Where the published keys are read from."""
        return self.jwks_url or self.jwks_file or Path()


class DatabaseSettings(BaseSettings):
    """What a command that reads rows needs."""

    database_url: str = Field(validation_alias="MATCHING_DATABASE_URL")


class WorkerSettings(BaseSettings):
    """What the worker needs: it alone calls the catalog. `waiting` in JSON: the days that differ from the usual."""

    database_url: str = Field(validation_alias="MATCHING_DATABASE_URL")
    catalog_url: str = Field(validation_alias="CATALOG_URL")
    catalog_token_file: Path = Field(validation_alias="MATCHING_CATALOG_TOKEN_FILE")
    waiting: Waiting = Field(default=USUAL_WAITING, validation_alias="MATCHING_WAITING_DAYS")


class MigrationSettings(BaseSettings):
    """What a migration needs: the owner's URL, or the ordinary one where one role does both."""

    database_url: str = Field(validation_alias="MATCHING_DATABASE_URL")
    owner_database_url: str | None = Field(None, validation_alias="MATCHING_OWNER_DATABASE_URL")

    @property
    def url(self) -> str:
        """The URL to migrate with."""
        return self.owner_database_url or self.database_url
