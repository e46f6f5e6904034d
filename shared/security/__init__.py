"""Actors and signed tokens."""
