"""The engine: from a snapshot to an exact, explained supply plan. Pure: no database, no web, no clock, no settings.

The way of a run: `snapshot` → `preparation` (one order, columns) → `candidates` (retrieve, judge, score, select) →
`raise_rate` or another of the `modes`, by way of the `flow` → `diagnosis` → `explain`. `judgement` says of one pair in
words what `candidates` decides in arrays. `what_if` and `supply_graph` ask further questions of the same columns,
`assignment` solves one problem from a file.
"""

VERSION = "2"
"""Kept with every plan: it changes when the same snapshot and policy may give another plan."""
