"""A plugin of pytest for networkx's own tests: how they ended, and which of their calls landed in the engine.

The calls are counted by what networkx logs when it hands one to a backend, the solves by a wrapper around the engine's
solver. Both are written as JSON to the file that BACKEND_CALLS names.
"""

import json
import logging
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

CALLS: Counter[str] = Counter()


class _Listener(logging.Handler):
    """Counts the calls that networkx says it gives to the backend `xieshou`."""

    def emit(self, record: logging.LogRecord) -> None:
        """Count one message, if it is about such a call."""
        if str(record.msg).startswith("Using backend '%s' for call") and isinstance(record.args, tuple):
            backend, function, *_ = record.args
            CALLS[f"{backend}.{function}"] += 1


def pytest_configure() -> None:
    """Start to listen and to count."""
    from services.matching.engine.flow import networkx_solving

    solve = networkx_solving.solve_flow

    def counted(*arguments: Any, **named: Any) -> Any:
        CALLS["solve_flow"] += 1
        return solve(*arguments, **named)

    networkx_solving.solve_flow = counted
    logger = logging.getLogger("networkx.utils.backends")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(_Listener())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write down the outcomes and the calls."""
    outcomes = {outcome: len(reports) for outcome, reports in terminalreporter.stats.items() if outcome}
    Path(os.environ["BACKEND_CALLS"]).write_text(json.dumps({"outcomes": outcomes, "calls": CALLS}))
