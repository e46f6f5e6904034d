"""The front of the system: what visitors see, and where each role begins."""
