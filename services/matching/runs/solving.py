"""The engine as a program: `python -m services.matching solve`, the child's side of child.py.

The protocol: two lines on stdin (the policy, the snapshot; both JSON), the plan as JSON on stdout, and on stderr one
line per step, marked as such. The child dies with its parent, so that a killed worker leaves nothing that computes on.
"""

import sys

from services.matching.engine.policy import Policy
from services.matching.engine.solve import solve
from services.matching.engine.wire import plan_to_json, snapshot_from_json
from services.matching.runs.child import STEP
from shared.processes.collector import collector_held


@collector_held()
def solve_stdin() -> None:
    """The child's side of the protocol."""
    policy, snapshot = sys.stdin.buffer.readline(), sys.stdin.buffer.readline()
    _say("读取快照")
    plan = solve(snapshot_from_json(snapshot), Policy.model_validate_json(policy), _say)
    _say("写出方案")
    sys.stdout.buffer.write(plan_to_json(plan))


def _say(step: str) -> None:
    print(STEP + step, file=sys.stderr, flush=True)
