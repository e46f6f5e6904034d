"""From the mirror and people's decisions to the frozen input of a run: pure functions over rows already read."""
