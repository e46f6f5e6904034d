"""The whole way from a snapshot to a plan, on one page."""

from collections.abc import Callable

from services.matching.engine.explain import explain
from services.matching.engine.judgement.facts import gather
from services.matching.engine.optimise import optimise
from services.matching.engine.plan import Plan
from services.matching.engine.policy import Policy
from services.matching.engine.preparation.canonical import original
from services.matching.engine.preparation.prepared import prepare
from services.matching.engine.snapshot import Snapshot


def solve(snapshot: Snapshot, policy: Policy, progress: Callable[[str], None]) -> Plan:
    """Make the plan of a snapshot under a policy.

    The same snapshot and policy give the same plan, whatever the order of the rows. `progress` is told the name (zh)
    of each step as it begins, so that the caller can show and time it. Positions in the plan are those of `snapshot`.
    """
    progress("编为列式数据")
    ready = prepare(snapshot, policy)
    found = optimise(ready.columns, progress)
    return original(explain(gather(ready.snapshot, policy), found, progress), ready.orders)
