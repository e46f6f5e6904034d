"""Why spend stays outside: diagnosis and near misses of a run."""
