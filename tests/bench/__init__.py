"""Benchmarks: plain scripts, never collected by pytest. `python -m tests.bench --list` names them."""
