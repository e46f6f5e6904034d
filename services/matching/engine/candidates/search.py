"""Which capabilities are tried for which line, and which of them fit: the k best *eligible* ones of every line.

Hits are ranked by words and meaning (shared.text.fusion) within the class's block, widened up the class tree as long as
eligible ones are lacking. A hit must reach the policy's text floor. The text measure weighs words by how rare they are
among the *needs*, never among the capabilities: one more supplier cannot push another one's text below the floor. It is
half the share of the part's name that the offered words cover, half that of the whole text.
"""

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.candidates.docket import Desk, desk_of
from services.matching.engine.candidates.pairs import Shortlists, merged
from services.matching.engine.candidates.retrieval import ROW_BITS, retrieve
from services.matching.engine.candidates.selection import EVERYTHING, Limits, Selected, select
from services.matching.engine.candidates.text_rows import Needs, TextRows, kinds_of, levels_of, needs_of, text_rows
from services.matching.engine.candidates.verdicts import Verdicts, verdicts_of
from services.matching.engine.columns import Columns, Ints

AT_ONCE = 4096
"""How many lines are searched for at a time: what was tried for them stays in the cache until it is judged."""


@dataclass(frozen=True)
class Hall:
    """Everything that a search reads, built once from the columns; `natural`: see `select`."""

    columns: Columns
    text: TextRows
    needs: Needs
    levels: NDArray[np.int8]
    verdicts: Verdicts
    desk: Desk
    natural: Ints
    limits: Limits


def open_hall(columns: Columns) -> Hall:
    """Index the texts, ask the predicates, and lay out the records. O(columns).

    Raises ValueError for more capabilities than a search can tell apart.
    """
    if len(columns.capabilities.supplier) >> ROW_BITS:
        raise ValueError(f"{len(columns.capabilities.supplier)} capabilities are too many for one search")
    kinds, policy = kinds_of(columns), columns.policy
    text, idf = text_rows(columns, kinds)
    kept, verdicts = policy.candidates_per_need, verdicts_of(columns)
    return Hall(
        columns=columns,
        text=text,
        needs=needs_of(columns, kinds, idf),
        levels=levels_of(columns.vocabulary.classes, policy),
        verdicts=verdicts,
        desk=desk_of(columns, verdicts, text.position),
        natural=_natural(columns, text),
        limits=Limits(EVERYTHING if kept is None else kept, policy.text_floor, policy.score_floor),
    )


def _natural(columns: Columns, text: TextRows) -> Ints:
    """The place of each offered row's capability among all, by supplier and position."""
    supplier = columns.capabilities.supplier
    place = np.empty(len(supplier), np.int64)
    place[np.argsort(supplier, kind="stable")] = np.arange(len(supplier))
    return place[text.position]


def shortlists(hall: Hall, executor: Executor | None = None, *, at_once: int = AT_ONCE) -> Shortlists:
    """The shortlists of all lines, so many lines of neighbouring blocks at a time, on an executor if there is one."""
    order = np.lexsort((hall.needs.question, hall.columns.lines.class_code)).astype(np.int64)
    chunks = [order[begin : begin + at_once] for begin in range(0, max(1, len(order)), at_once)]
    run = map if executor is None else executor.map
    parts = list(run(selected, [hall] * len(chunks), chunks))
    return merged(parts, hall.text.position, len(order))


def selected(hall: Hall, lines: Ints) -> Selected:
    """What is kept for some lines; what several of them ask is searched for once."""
    questions, asked_at = np.unique(hall.needs.question[lines], return_inverse=True)
    classes = hall.columns.lines.class_code[questions]
    tried = retrieve(questions, classes, hall.limits.text_floor, hall.text, hall.needs, hall.levels)
    return select(lines, asked_at, tried, hall.desk, hall.limits, hall.natural)
