"""Pairs that people propose: judged by the matcher's rules as of today, then on the same way as its own suggestions."""
