"""The engine: from a snapshot to an exact, explained supply plan. Pure: no database, no web, no clock, no settings."""
