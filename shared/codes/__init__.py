"""Code lists: regions, industry classes, units, certificate schemes, credit codes."""
