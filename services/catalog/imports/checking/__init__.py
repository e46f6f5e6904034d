"""Rows against what is there: whose they are, what they refer to, what they would make; then written."""
