"""Registrations: an enterprise applies by itself, a reviewer decides; claims of known ones; merges of two records."""
