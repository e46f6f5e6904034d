"""Matching's own copy of the catalog, kept by following its change feed."""
