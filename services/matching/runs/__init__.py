"""A match run: an immutable record of snapshot, policy, plan, bound and timings."""
