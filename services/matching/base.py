"""The base of matching's tables: a registry and metadata of this service alone."""

from sqlmodel import SQLModel

from shared.db.tables import service_registry


class Table(SQLModel, registry=service_registry("matching")):
    """Base of all tables of matching; another service's tables never get into its metadata."""
