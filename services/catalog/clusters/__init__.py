"""Clusters with their members and cities, and the code lists as endpoints."""
