"""The resident engine as a program: `python -m services.matching resident`, the child's side of engine_process.py.

It keeps the runs asked about last, within a limit of memory, and answers one question after the other. It ends when
nobody can ask any more: its input is closed, or its parent is gone.
"""

import os
import resource
import sys
from collections import OrderedDict
from dataclasses import asdict
from typing import Any, BinaryIO

import orjson

from services.matching.engine.policy import Policy
from services.matching.engine.what_if.changes import UnknownPair
from services.matching.engine.what_if.rehearsal import Rehearsal
from services.matching.engine.wire import snapshot_from_json
from services.matching.what_if.protocol import Refusal, change_from_wire

KEPT_RUNS = 2
"""Runs that are kept ready."""


def answer_stdin(memory_mb: int) -> None:
    """The child's side of the protocol. What libraries print goes to stderr: stdout belongs to the answers."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until no question comes; a lack of memory is said, and ends the process: the next one starts afresh."""
    runs: OrderedDict[str, Rehearsal] = OrderedDict()
    for line in questions:
        try:
            answer = _answer(runs, orjson.loads(line))
        except MemoryError:
            runs.clear()
            answer = {"refused": Refusal.MEMORY}
        answers.write(orjson.dumps(answer, option=orjson.OPT_NON_STR_KEYS) + b"\n")
        answers.flush()
        if answer.get("refused") == Refusal.MEMORY:
            return


def _answer(runs: OrderedDict[str, Rehearsal], question: dict[str, Any]) -> dict[str, Any]:
    run = question["run"]
    if question["verb"] == "load":
        _load(runs, run, question)
        return {"ok": None}
    if run not in runs:
        return {"refused": Refusal.NOT_LOADED}
    runs.move_to_end(run)
    if question["verb"] == "cures":
        product, kept = question["product"], runs[run]
        found = kept.cluster_cures(question["cluster"]) if product is None else kept.cures(product)
        return {"ok": None if found is None else asdict(found)}
    try:
        changes = [change_from_wire(row) for row in question["changes"]]
        return {"ok": asdict(runs[run].what_if(changes, question["shifts"]))}
    except UnknownPair as error:
        return {"refused": Refusal.UNKNOWN_PAIR, "position": error.position}


def _load(runs: OrderedDict[str, Rehearsal], run: str, question: dict[str, Any]) -> None:
    """Make a run ready; the one asked about longest ago goes first, so that there is room."""
    while len(runs) >= KEPT_RUNS:
        runs.popitem(last=False)
    snapshot = snapshot_from_json(orjson.dumps(question["snapshot"]))
    runs[run] = Rehearsal(snapshot, Policy.model_validate(question["policy"]))
