"""Writing rows of any kind by API: one at a time, or many as newline-delimited JSON."""
