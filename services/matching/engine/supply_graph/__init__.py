"""The supply network as a graph: who supplies what to whom, what hangs on one firm or place, what others could take."""
