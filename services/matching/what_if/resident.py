"""The resident engine as a program: `python -m services.matching resident`, the child's side of engine_process.py.

It keeps the runs asked about last, within a limit of memory, and answers one question after the other. It ends when
nobody can ask any more: its input is closed, or its parent is gone.
"""

import os
import resource
import sys
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

import orjson

from services.matching.engine.plan import Objective, Plan, Suggestion
from services.matching.engine.policy import Policy
from services.matching.engine.supply_graph.perils import Perils
from services.matching.engine.supply_graph.supply import Stage
from services.matching.engine.what_if.changes import UnknownPair
from services.matching.engine.what_if.rehearsal import Rehearsal
from services.matching.engine.wire import snapshot_from_json
from services.matching.what_if.protocol import Refusal, change_from_wire

KEPT_RUNS = 2
"""Runs that are kept ready."""


@dataclass(frozen=True)
class Ready:
    """A run that can be asked about: what changes would bring, and what its supply is exposed to."""

    rehearsal: Rehearsal
    perils: Perils


def answer_stdin(memory_mb: int) -> None:
    """The child's side of the protocol. What libraries print goes to stderr: stdout belongs to the answers."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until no question comes; a lack of memory is said, and ends the process: the next one starts afresh."""
    runs: OrderedDict[str, Ready] = OrderedDict()
    for line in questions:
        try:
            answer = _answer(runs, orjson.loads(line))
        except MemoryError:
            runs.clear()
            answer = {"refused": Refusal.MEMORY}
        answers.write(orjson.dumps(answer, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY) + b"\n")
        answers.flush()
        if answer.get("refused") == Refusal.MEMORY:
            return


def _answer(runs: OrderedDict[str, Ready], question: dict[str, Any]) -> dict[str, Any]:
    run = question["run"]
    if question["verb"] == "load":
        _load(runs, run, question)
        return {"ok": None}
    if run not in runs:
        return {"refused": Refusal.NOT_LOADED}
    runs.move_to_end(run)
    try:
        return {"ok": ASKED[question["verb"]](runs[run], question)}
    except UnknownPair as error:
        return {"refused": Refusal.UNKNOWN_PAIR, "position": error.position}


def _what_if(ready: Ready, question: dict[str, Any]) -> Any:
    changes = [change_from_wire(row) for row in question["changes"]]
    return asdict(ready.rehearsal.what_if(changes, question["shifts"]))


def _cures(ready: Ready, question: dict[str, Any]) -> Any:
    product, kept = question["product"], ready.rehearsal
    found = kept.cluster_cures(question["cluster"]) if product is None else kept.cures(product)
    return None if found is None else asdict(found)


def _critical(ready: Ready, question: dict[str, Any]) -> Any:
    found, together = ready.perils.critical(Stage(question["stage"]), question["lines"], question["k"])
    return {"alone": asdict(found), "together": asdict(together)}


def _outage(ready: Ready, question: dict[str, Any]) -> Any:
    found = asdict(ready.perils.outage(Stage(question["stage"]), question["lines"], question["region"]))
    return found | {"by_product": list(found["by_product"].items())}


ASKED: dict[str, Callable[[Ready, dict[str, Any]], Any]] = {
    "what_if": _what_if,
    "cures": _cures,
    "critical": _critical,
    "outage": _outage,
}
"""What is answered about a ready run, by verb."""


def _load(runs: OrderedDict[str, Ready], run: str, question: dict[str, Any]) -> None:
    """Make a run ready; the one asked about longest ago goes first, so that there is room."""
    while len(runs) >= KEPT_RUNS:
        runs.popitem(last=False)
    snapshot = snapshot_from_json(orjson.dumps(question["snapshot"]))
    policy, plan = Policy.model_validate(question["policy"]), _plan(question["suggested"])
    rehearsal = Rehearsal(snapshot, policy)
    runs[run] = Ready(rehearsal, Perils(snapshot, policy, plan, rehearsal.pairs))


def _plan(suggested: list[list[int]]) -> Plan:
    """What the supply network needs of a plan: its amounts."""
    nothing = Objective(0, 0, 0)
    rows = [Suggestion(line, who, what, amount, None, 0, {}, []) for line, who, what, amount in suggested]
    return Plan(objective=nothing, bound=nothing, greedy=nothing, gap=0.0, suggestions=rows)
