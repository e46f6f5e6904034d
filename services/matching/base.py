"""The base of matching's tables: a registry and metadata of this service alone."""

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.db.tables import NAMING


class Table(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMING))):
    """Base of all tables of matching; another service's tables never get into its metadata."""
