"""A connection of the driver's own that reads and writes all rows, as the service itself does."""

AS_SERVICE = "-c app.actor=service -c app.role=service -c app.reads=all -c app.writes=all"
"""To be given as `options` when connecting; sessions of `Database` say it by themselves (shared/db/acting.py)."""
