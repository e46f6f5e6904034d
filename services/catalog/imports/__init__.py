"""Spreadsheets in: templates, mapping of foreign headings, rows with their problems."""
