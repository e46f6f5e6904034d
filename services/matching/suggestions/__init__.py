"""The review of suggestions: states, reasons, history."""
