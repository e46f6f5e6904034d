"""Problem files for tests: a small good one, and changed copies of it."""

import json
from typing import Any


def small(**changes: Any) -> dict[str, Any]:
    """Two suppliers and two lines, with some fields changed."""
    return {
        "suppliers": [{"id": "甲", "capacity": 10, "local": True}, {"id": "乙", "capacity": 10, "local": False}],
        "lines": [{"id": "轴承"}, {"id": "法兰"}],
        "cost": [[5, 6], [4, 3]],
        "use": [[5, 5], [5, 5]],
        "single_source": True,
        "objective": "min_cost",
        "min_local_share": None,
        "max_cost": None,
        "time_limit": 10,
        **changes,
    }


def text(**changes: Any) -> str:
    """The same as a file's text."""
    return json.dumps(small(**changes), ensure_ascii=False)


def without(field: str) -> str:
    """The text without a field."""
    return json.dumps({name: value for name, value in small().items() if name != field})
