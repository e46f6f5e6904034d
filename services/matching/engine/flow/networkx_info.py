"""What networkx is told of the engine's backend while it is imported itself; it must not import anything heavy."""

_FUNCTIONS = {
    "network_simplex": "The engine's own network simplex, on arrays. Fractions are scaled to whole numbers exactly.",
    "capacity_scaling": "Solved by the engine's network simplex; `heap` is not used.",
    "min_cost_flow": "See network_simplex.",
    "min_cost_flow_cost": "See network_simplex.",
    "max_flow_min_cost": "Two solves by the engine's network simplex: the most flow, then its least cost.",
    "cost_of_flow": "Added up exactly.",
}


def backend_info() -> dict[str, object]:
    """The metadata of the entry point `networkx.backend_info`."""
    return {
        "backend_name": "xieshou",
        "project": "xieshou",
        "package": "services.matching.engine.flow",
        "short_summary": "Minimum-cost flow by an exact network simplex in machine code.",
        "functions": {name: {"additional_docs": notes} for name, notes in _FUNCTIONS.items()},
    }
