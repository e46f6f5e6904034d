"""The plan's other modes: least change, within a cost, and one source per line."""
