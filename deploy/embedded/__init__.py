"""The embedded start: PostgreSQL, migrations, both services on one port, the worker."""
