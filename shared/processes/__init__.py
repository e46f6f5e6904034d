"""Processes: what a child owes its parent."""
