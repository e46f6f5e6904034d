"""The outbox of the catalog, served as a change feed without gaps."""
