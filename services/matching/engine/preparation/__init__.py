"""From a snapshot to columns: one order of rows, classes for needs that have none, texts and codes as numbers."""
