"""Minimum-cost flow on arrays: the problem, the network simplex that solves it, and the doors that lead there."""
