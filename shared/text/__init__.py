"""Chinese names and texts: normalising, words, synonyms, ranking."""
