"""Mechanism that both services use; no policy and no table of a service."""
