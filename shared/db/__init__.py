"""Databases: sessions, identifiers, migrations."""
