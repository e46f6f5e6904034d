"""The supply network of a run: its picture, and what hangs on one firm, one part, one place."""
