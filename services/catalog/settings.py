"""The settings of the catalog, from environment variables: what each kind of process needs, and no more."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

DEFAULT_URL = "http://127.0.0.1:8000"


def _listed(text: Any) -> Any:
    """A list as operators write it: with commas."""
    return [each.strip() for each in text.split(",") if each.strip()] if isinstance(text, str) else text


Listed = Annotated[list[str], NoDecode, BeforeValidator(_listed)]


class CatalogSettings(BaseSettings):
    """What the web process needs; tokens are verified with the published keys.

    Without the signing key it signs nobody in, without the
    one for secrets it takes no authenticators. `public_url` is how browsers reach the system, for links in letters;
    without an SMTP server these go to the log. The provider is an OpenID Connect one, for sign-in from outside.

    Firms register from pages of `registration_origins` too (https://…, with commas); their documents are kept in
    `documents_folder`, their drafts for `draft_days`; whoever begins proves work of `proof_bits` bits.
    """

    database_url: str = Field(validation_alias="CATALOG_DATABASE_URL")
    jwks_file: Path = Field(validation_alias="XIESHOU_JWKS_FILE")
    signing_key_file: Path | None = Field(None, validation_alias="CATALOG_SIGNING_KEY_FILE")
    secrets_key_file: Path | None = Field(None, validation_alias="CATALOG_SECRETS_KEY_FILE")
    public_url: str = Field(DEFAULT_URL, validation_alias="XIESHOU_PUBLIC_URL")
    smtp_url: SecretStr | None = Field(None, validation_alias="XIESHOU_SMTP_URL")
    mail_from: str = Field("xieshou@localhost", validation_alias="XIESHOU_MAIL_FROM")
    oidc_issuer: str | None = Field(None, validation_alias="CATALOG_OIDC_ISSUER")
    oidc_client_id: str = Field("xieshou", validation_alias="CATALOG_OIDC_CLIENT_ID")
    oidc_client_secret: SecretStr = Field(SecretStr(""), validation_alias="CATALOG_OIDC_CLIENT_SECRET")
    registration_origins: Listed = Field(default=[], validation_alias="CATALOG_REGISTRATION_ORIGINS")
    documents_folder: Path = Field(Path(".xieshou/documents"), validation_alias="CATALOG_DOCUMENTS_FOLDER")
    draft_days: int = Field(30, ge=1, le=365, validation_alias="CATALOG_DRAFT_DAYS")
    proof_bits: int = Field(18, ge=1, le=32, validation_alias="CATALOG_PROOF_BITS")


class KeySettings(BaseSettings):
    """What issuing tokens needs: the private key, and where its public half is published; beside it the key that
    encrypts authenticators' secrets.
    """

    signing_key_file: Path = Field(validation_alias="CATALOG_SIGNING_KEY_FILE")
    jwks_file: Path = Field(validation_alias="XIESHOU_JWKS_FILE")
    secrets_key_file: Path | None = Field(None, validation_alias="CATALOG_SECRETS_KEY_FILE")


class SecretsSettings(BaseSettings):
    """What renewing the key needs that encrypts authenticators' secrets."""

    database_url: str = Field(validation_alias="CATALOG_DATABASE_URL")
    secrets_key_file: Path = Field(validation_alias="CATALOG_SECRETS_KEY_FILE")


class LinkSettings(BaseSettings):
    """What making a one-time link needs: rows, and how browsers reach the system."""

    database_url: str = Field(validation_alias="CATALOG_DATABASE_URL")
    public_url: str = Field(DEFAULT_URL, validation_alias="XIESHOU_PUBLIC_URL")


class DatabaseSettings(BaseSettings):
    """What a command that reads or writes rows needs."""

    database_url: str = Field(validation_alias="CATALOG_DATABASE_URL")


class WorkerSettings(BaseSettings):
    """What the worker needs: changes older than `feed_keep_days` are compacted in the feed.

    From `documents_folder` it removes what belongs to no registration of this database any more; from none, where the
    folder is not named: a guess might be another database's.
    """

    database_url: str = Field(validation_alias="CATALOG_DATABASE_URL")
    feed_keep_days: int = Field(7, ge=1, validation_alias="CATALOG_FEED_KEEP_DAYS")
    documents_folder: Path | None = Field(None, validation_alias="CATALOG_DOCUMENTS_FOLDER")


class MigrationSettings(BaseSettings):
    """What a migration needs: the owner's URL, or the ordinary one where one role does both."""

    database_url: str = Field(validation_alias="CATALOG_DATABASE_URL")
    owner_database_url: str | None = Field(None, validation_alias="CATALOG_OWNER_DATABASE_URL")

    @property
    def url(self) -> str:
        """The URL to migrate with."""
        return self.owner_database_url or self.database_url
