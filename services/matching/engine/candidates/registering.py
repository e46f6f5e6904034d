"""One firm registers: the pairs of a single new capability, without searching for every line anew.

The columns get one row more, the new capability is an index of its own, and every line looks at it alone. Rareness and
lengths of words stay as they were counted: with one text more they would hardly move, and the next run counts anew.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.candidates.docket import desk_with
from services.matching.engine.candidates.judging import judge
from services.matching.engine.candidates.pairs import Pairs, Shortlists
from services.matching.engine.candidates.retrieval import retrieve
from services.matching.engine.candidates.scoring import score
from services.matching.engine.candidates.search import Hall
from services.matching.engine.candidates.selection import EVERYTHING, may_be_kept
from services.matching.engine.candidates.text_rows import TextRows, kinds_of, levels_of
from services.matching.engine.candidates.verdicts import verdicts_of
from services.matching.engine.columns import NOT_TOLD, Columns, Ints
from services.matching.engine.preparation.coding import Codes, Coding, place_of
from services.matching.engine.preparation.encoding import capability_columns, supplier_columns
from services.matching.engine.snapshot import Capability, Certificate, Supplier
from shared.codes.parameters import point_of
from shared.text.evidence import FACTORS, FLATNESS, evidence
from shared.text.postings import SATURATION, lucene_idf

Table = TypeVar("Table")


@dataclass(frozen=True)
class Registration:
    """A capability (whose `supplier` is the position that it gets), and its firm where that is new as well."""

    capability: Capability
    supplier: Supplier | None = None
    certificates: Sequence[Certificate] = ()


def with_capability(columns: Columns, new: Registration) -> Columns:
    """The columns with the capability, and its supplier if it is new, as last rows; codes stay what they are.

    The certificates are those of the new supplier.
    """
    tokens = Counter(evidence(f"{new.capability.name} {new.capability.text}"))
    coding = _coding(columns, new, tokens)
    offers, firms = capability_columns([new.capability], [tokens], coding), columns.suppliers
    offers = replace(offers, meaning=offers.meaning[:, : columns.capabilities.meaning.shape[1]])
    if new.supplier is not None:
        held = [replace(row, supplier=0) for row in new.certificates]
        firms = _appended(firms, supplier_columns([new.supplier], held, columns.policy, coding))
    return replace(
        columns,
        vocabulary=coding.vocabulary(),
        capabilities=_appended(columns.capabilities, offers),
        suppliers=firms,
    )


def pairs_of_capability(hall: Hall, lists: Shortlists, extended: Columns) -> tuple[Pairs, Pairs]:
    """The candidates and the near misses of the last capability of `extended`, the columns of `hall` with one more.

    Lines that have enough candidates take it only where it ranks above the last one that was tried for them. Those that
    it pushes out stay in `lists`: they are eligible all the same.
    """
    new = len(extended.capabilities.supplier) - 1
    kinds, lines = kinds_of(extended), np.arange(len(extended.lines.product))
    text, levels = _one_row(hall, extended, kinds), hall.levels
    if extended.vocabulary.classes != hall.columns.vocabulary.classes:
        levels = levels_of(extended.vocabulary.classes, extended.policy)
    verdicts = hall.verdicts if _says_nothing_new(hall.columns, extended) else verdicts_of(extended)
    desk = desk_with(hall.desk, extended, verdicts, np.array([new]))
    classes = extended.lines.class_code
    tried = retrieve(lines, classes, hall.limits.text_floor, text, hall.needs, levels)
    line = np.repeat(lines, np.diff(tried.starts))
    line, texts, ranks = _entering(hall, lists, levels, extended, line, tried.text, tried.rank)
    rows = np.zeros(len(line), np.int64)
    failed, scores = np.zeros(len(line), np.int64), np.zeros(len(line), np.int64)
    judge(desk, line, np.arange(len(line) + 1), rows, EVERYTHING, failed)
    score(desk, line, rows, texts, scores)
    pairs = Pairs(line, np.full(len(line), new, np.int64), scores, failed, texts, ranks)
    worth = may_be_kept(failed)
    return (
        _some(pairs, worth & (failed == 0) & (scores >= hall.limits.score_floor)),
        _some(pairs, worth & (failed != 0)),
    )


def _says_nothing_new(columns: Columns, extended: Columns) -> bool:
    """Whether the verdict tables hold: the firm is known, and so is every code but words."""
    known, now = columns.vocabulary, replace(extended.vocabulary, tokens=columns.vocabulary.tokens)
    return len(columns.suppliers.party) == len(extended.suppliers.party) and now == known


def _entering(
    hall: Hall,
    lists: Shortlists,
    levels: NDArray[np.int8],
    extended: Columns,
    line: Ints,
    texts: NDArray[np.float64],
    ranks: NDArray[np.float64],
) -> tuple[Ints, NDArray[np.float64], NDArray[np.float64]]:
    """The pairs that stand before the last one tried, where the line has enough."""
    asked = extended.lines.class_code[line] + 1
    own = levels[asked, extended.capabilities.class_code[-1] + 1]
    of_last = np.append(hall.columns.capabilities.class_code, NOT_TOLD)[lists.last[line]]
    last = levels[asked, of_last + 1]
    before = (own < last) | ((own == last) & (ranks > lists.least[line]))
    stays = before | ~lists.enough[line]
    return line[stays], texts[stays], ranks[stays]


def _one_row(hall: Hall, extended: Columns, kinds: NDArray[np.int8]) -> TextRows:
    """The new capability's text as an index of one row, weighed by the statistics of the kept one."""
    offers = extended.capabilities
    token = offers.token[offers.token_starts[-2] :]
    times = offers.times[offers.token_starts[-2] :]
    lengths = np.bincount(kinds[token], times, minlength=len(FACTORS))
    flatness = np.array(FLATNESS)
    norms = SATURATION * (1 - flatness + flatness * lengths / np.maximum(_mean_lengths(hall, kinds), 1e-9))
    unheard = float(lucene_idf(len(hall.text.position), np.zeros(1, np.int64))[0]) * np.array(FACTORS)
    idf = unheard[kinds[token]]
    known = token < len(hall.postings.idf)
    idf[known] = hall.postings.idf[token[known]]
    weight = (times * idf / (times + norms[kinds[token]])).astype(np.float32)
    held = np.zeros(len(kinds) + 1, np.int64)
    held[token + 1] = 1
    return TextRows(
        position=np.array([len(offers.supplier) - 1]),
        class_code=offers.class_code[-1:].copy(),
        token_starts=np.array([0, len(token)]),
        token=token.astype(np.int32),
        weight=weight,
        holding_starts=np.cumsum(held),
        holding=np.zeros(len(token), np.int32),
        meaning=offers.meaning[-1:].copy(),
    )


def _mean_lengths(hall: Hall, kinds: NDArray[np.int8]) -> NDArray[np.float64]:
    """How many tokens of each kind a text has, among those that have any."""
    offers = hall.columns.capabilities
    row = np.repeat(np.arange(len(offers.supplier)), np.diff(offers.token_starts))
    cell = row * len(FACTORS) + kinds[offers.token]
    lengths = np.bincount(cell, offers.times, minlength=len(offers.supplier) * len(FACTORS)).reshape(-1, len(FACTORS))
    mean: NDArray[np.float64] = lengths.sum(axis=0) / np.maximum(1, np.count_nonzero(lengths, axis=0))
    return mean


def _some(pairs: Pairs, which: NDArray[np.bool_]) -> Pairs:
    return Pairs(**{column.name: getattr(pairs, column.name)[which] for column in fields(pairs)})


def _appended(table: Table, more: Table) -> Table:
    """A table of columns with the rows of another one behind its own; lists per row go on where the first ones end."""
    found = {}
    for column in fields(table):  # type: ignore[arg-type]
        old, new = getattr(table, column.name), getattr(more, column.name)
        if not isinstance(old, np.ndarray):
            found[column.name] = _appended(old, new)
        elif column.name.endswith("starts"):
            found[column.name] = np.concatenate([old, new[1:] + old[-1]])
        else:
            found[column.name] = np.concatenate([old, new])
    return type(table)(**found)


def _coding(columns: Columns, new: Registration, tokens: Counter[str]) -> Coding:
    """The codes of the columns, and new ones behind them for what is new."""
    words, offer, firm = columns.vocabulary, new.capability, new.supplier
    firms = [firm] if firm is not None else []
    parameters = offer.parameters
    return Coding(
        tokens=Codes(tokens, before=words.tokens),
        units=Codes([offer.unit, *(row.unit for row in parameters)], before=words.units),
        regions=Codes([row.region for row in firms], before=words.regions),
        classes=Codes([offer.class_code], before=words.classes),
        statuses=Codes([row.status for row in firms], before=words.statuses),
        schemes=Codes([row.scheme for row in new.certificates], before=words.schemes),
        parameters=Codes([row.name for row in parameters], before=words.parameters),
        values=Codes([value for row in parameters for value in (*row.values, point_of(row))], before=words.values),
        parties=Codes([row.key for row in firms], before=words.parties),
        places=Codes([place_of(row, columns.policy.scope) for row in firms], before=words.places),
        anchors=Codes([], before=words.anchors),
        numbers=words.numbers,
        steps=words.steps,
    )
