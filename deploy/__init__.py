"""How Xieshou is started: embedded on one machine, or on servers of one's own."""
