"""The engine: from a snapshot to an exact, explained supply plan. Pure: no database, no web, no clock, no settings."""

VERSION = "1"
"""Kept with every plan: it changes when the same snapshot and policy may give another plan."""
