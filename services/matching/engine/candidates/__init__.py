"""The k best eligible capabilities of every line, and the near misses beside them, in one pass over arrays."""
