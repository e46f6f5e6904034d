"""The demo: spreadsheets in, a reviewed plan and its report out, all through the HTTP API."""
