"""Which column fills which field: our own headings, mappings of foreign ones, guesses, sources that are kept."""
