"""Which capabilities are tried for which line, and which of them fit: the k best *eligible* ones of every line.

Hits are ranked by BM25 within the class's block, widened up the class tree as long as eligible ones are lacking. A hit
must reach the policy's text floor. The text measure weighs words by how rare they are among the *needs*, never among
the capabilities: one more supplier cannot push another one's text below the floor. It is half the share of the part's
name that the offered words cover, half that of the whole text.
"""

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from services.matching.engine.columns import Columns, Ints
from services.matching.engine.docket import Desk, desk_of
from services.matching.engine.pairs import Outcome, Shortlists, merged
from services.matching.engine.search import Limits, search
from services.matching.engine.text_rows import Levels, Needs, TextRows, kinds_of, levels_of, needs_of, text_rows
from services.matching.engine.verdicts import verdicts_of
from shared.text.postings import Postings


@dataclass(frozen=True)
class Hall:
    """Everything that a search reads, built once from the columns."""

    columns: Columns
    text: TextRows
    postings: Postings
    needs: Needs
    levels: Levels
    desk: Desk
    limits: Limits


def open_hall(columns: Columns) -> Hall:
    """Index the texts, ask the predicates, and lay out the records. O(columns)."""
    kinds, policy = kinds_of(columns), columns.policy
    text, postings = text_rows(columns, kinds)
    row_class = columns.capabilities.class_code[text.position]
    kept = policy.candidates_per_need
    return Hall(
        columns=columns,
        text=text,
        postings=postings,
        needs=needs_of(columns, kinds),
        levels=levels_of(columns.vocabulary.classes, row_class, policy),
        desk=desk_of(columns, verdicts_of(columns), text.position),
        limits=Limits(len(row_class) + 1 if kept is None else kept, policy.text_floor, policy.score_floor),
    )


def shortlists(hall: Hall, executor: Executor | None = None, parts: int = 1) -> Shortlists:
    """The shortlists of all lines; on an executor in `parts`, each of some neighbouring blocks, or at once."""
    lines = hall.columns.lines
    by_class = np.argsort(lines.class_code, kind="stable").astype(np.int64)
    orders = np.array_split(by_class, parts)
    run = map if executor is None else executor.map
    outcomes = list(run(_searched, [hall] * len(orders), orders))
    return merged(outcomes, hall.text.position, hall.columns.capabilities.supplier, len(by_class))


def _searched(hall: Hall, order: Ints) -> Outcome:
    order = np.ascontiguousarray(order)
    return order, *search(order, hall.text, hall.needs, hall.levels, hall.desk, hall.limits)
