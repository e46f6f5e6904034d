"""Enterprises: credit codes, roles, size, status, verification, certificates."""
