"""Candidates: retrieval, rules and score of all pairs, beside bm25s per block with rules in numpy.

Both start from the same columns. The chain of libraries ranks each line's block by an index per block (bm25s, the
wider blocks are left out: that favours it), takes the best 120, and judges and scores them by arrays over all pairs:
what somebody would write who knows numpy. It keeps the 30 best eligible ones of each line.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.bench.harness import Bench, Rival, parser

QUICK = [["--size", "M", "--rounds", "5"]]
LARGE = [["--size", "L", "--rounds", "5"]]

Block = tuple[NDArray[np.int64], NDArray[np.int64], list[list[str]], list[list[str]]]

TRIED = 120
KEPT = 30


def own(size: str, seed: int) -> Callable[[], Any]:
    """The engine's stage, from columns to shortlists."""
    from services.matching.engine.candidates.search import open_hall, shortlists
    from tests.bench.worlds import columns_instance

    columns = columns_instance(size, seed)

    def run() -> int:
        return len(shortlists(open_hall(columns)).candidates)

    return run


def library(size: str, seed: int) -> Callable[[], Any]:
    """bm25s per block, then numpy over all pairs that were retrieved."""
    from tests.bench.worlds import columns_instance

    columns = columns_instance(size, seed)

    blocks = list(_blocks(columns))

    def run() -> int:
        line, capability, rank = _ranked(blocks)
        fits, score = _judged(columns, line, capability, rank)
        line, score = line[fits], score[fits]
        order = np.lexsort((-score, line))
        first = np.searchsorted(line[order], line[order])
        return int(np.count_nonzero(np.arange(len(order)) - first < KEPT))

    return run


def _blocks(columns: Any) -> Iterator[Block]:
    """Per block its lines and capabilities, and the words of both: made before the clock starts."""
    lines, offers = columns.lines, columns.capabilities
    group = np.array([int(code[:3]) for code in columns.vocabulary.classes])
    for block in np.unique(group):
        asking = np.flatnonzero(group[lines.class_code] == block)
        offering = np.flatnonzero(group[offers.class_code] == block)
        if len(asking) and len(offering):
            yield asking, offering, [_words(lines, row) for row in asking], [_words(offers, row) for row in offering]


def _words(table: Any, row: int) -> list[str]:
    return [str(token) for token in table.token[table.token_starts[row] : table.token_starts[row + 1]]]


def _ranked(blocks: list[Block]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Line, capability and score of the best of each line's block."""
    import bm25s

    found = []
    for asking, offering, queries, texts in blocks:
        index = bm25s.BM25(method="lucene", backend="numba")
        index.index(texts, show_progress=False)
        places, scores = index.retrieve(queries, k=min(TRIED, len(offering)), sorted=True, show_progress=False)
        hit = scores > 0
        found.append((np.repeat(asking, hit.sum(axis=1)), offering[places[hit]], scores[hit]))
    line, capability, rank = (np.concatenate(part) for part in zip(*found, strict=True))
    return line, capability, rank


def _judged(
    columns: Any, line: NDArray[np.int64], capability: NDArray[np.int64], rank: NDArray[np.float32]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """The rules and the score over all pairs as arrays; tables and ranges as the engine has them."""
    from services.matching.engine.candidates.verdicts import verdicts_of

    verdicts, lines, offers, firms = verdicts_of(columns), columns.lines, columns.capabilities, columns.suppliers
    supplier, product = offers.supplier[capability], lines.product[line]
    kind = verdicts.units.kind[offers.unit[capability], lines.unit[line]]
    limits = np.stack([np.where(row < 0, 2**62, row) for row in (lines.max_moq, lines.quantity)]).min(axis=0)
    told = np.array([float(each) for each in verdicts.units.exact])[np.maximum(kind, 0)]
    far = verdicts.kilometres[columns.products.leader_region[product], firms.region[supplier]]
    days, price = offers.lead_time_days[capability], offers.unit_price[capability]
    fits = verdicts.admitted[firms.status[supplier]]
    fits &= columns.products.leader[product] != firms.party[supplier]
    fits &= verdicts.local[columns.products.anchor[product], firms.place[supplier]]
    fits &= (lines.distance_limit_km[line] < 0) | ((far >= 0) & (far <= lines.distance_limit_km[line]))
    fits &= kind >= 0
    fits &= (offers.moq[capability] < 0) | (offers.moq[capability] * told <= limits[line])
    fits &= (lines.lead_time_days[line] < 0) | ((days >= 0) & (days <= lines.lead_time_days[line]))
    fits &= (lines.price_ceiling[line] < 0) | ((price >= 0) & (price / told <= lines.price_ceiling[line]))
    fits &= _certified(columns, verdicts, line, supplier) & _contained(columns, line, capability)
    fits &= ~np.isin(line * len(firms.party) + supplier, _barred(columns))
    return fits, _score(columns, verdicts, line, capability, rank, far)


def _certified(columns: Any, verdicts: Any, line: NDArray[np.int64], supplier: NDArray[np.int64]) -> NDArray[np.bool_]:
    lines, firms = columns.lines, columns.suppliers
    days = np.unique(lines.on_day)
    owner = np.repeat(np.arange(len(firms.party)), np.diff(firms.scheme_starts))
    held = np.zeros((len(firms.party), len(columns.vocabulary.schemes), len(days)), np.bool_)
    for asked in range(held.shape[1]):
        proof = verdicts.proves[firms.scheme, asked]
        for number, day in enumerate(days):
            valid = proof & (firms.valid_from <= day) & (firms.valid_until >= day)
            held[owner[valid], asked, number] = True
    met = np.ones(len(line), np.bool_)
    counts = np.diff(lines.scheme_starts)[line]
    for number in range(int(counts.max(initial=0))):
        asking = counts > number
        place = lines.scheme_starts[line[asking]] + number
        met[asking] &= held[supplier[asking], lines.scheme[place], np.searchsorted(days, lines.on_day[place])]
    return met


def _contained(columns: Any, line: NDArray[np.int64], capability: NDArray[np.int64]) -> NDArray[np.bool_]:
    asked, offered = columns.lines.parameters, columns.capabilities.parameters
    names = len(columns.vocabulary.parameters)
    low = np.full((len(offered.starts) - 1, names), np.iinfo(np.int64).max)
    high = np.full(low.shape, -1)
    owner = np.repeat(np.arange(len(low)), np.diff(offered.starts))
    low[owner, offered.name], high[owner, offered.name] = offered.low, offered.high
    met = np.ones(len(line), np.bool_)
    counts = np.diff(asked.starts)[line]
    for number in range(int(counts.max(initial=0))):
        asking = counts > number
        place, offer = asked.starts[line[asking]] + number, capability[asking]
        name = asked.name[place]
        met[asking] &= (low[offer, name] <= asked.low[place]) & (asked.high[place] <= high[offer, name])
    return met


def _barred(columns: Any) -> NDArray[np.int64]:
    """Pairs of line and supplier that were rejected, are related, or need no more."""
    firms, bought, refused = len(columns.suppliers.party), columns.incumbents, columns.exclusions
    counted = columns.lines.spend - columns.lines.excluded
    full = bought.related | (bought.amount >= counted[bought.line])
    return np.concatenate([refused.line * firms + refused.supplier, bought.line[full] * firms + bought.supplier[full]])


def _score(
    columns: Any,
    verdicts: Any,
    line: NDArray[np.int64],
    capability: NDArray[np.int64],
    rank: NDArray[np.float32],
    far: NDArray[np.float64],
) -> NDArray[np.int64]:
    """The parts of the score that are quick to tell in arrays; margins and further certificates are left out."""
    lines, offers, points = columns.lines, columns.capabilities, columns.policy.weights
    near = verdicts.nearness[verdicts.near[lines.class_code[line], offers.class_code[capability]]]
    spare, price = offers.capacity_yuan[capability], offers.unit_price[capability]
    today = lines.unit_price[line]
    saving = np.where(price < 0, -1.0, (today - price) / today)
    days = offers.lead_time_days[capability]
    wanted = np.where(lines.lead_time_days[line] > 0, lines.lead_time_days[line], 90)
    parts = [
        points.text * rank / max(1e-9, float(rank.max())),
        points.class_nearness * near,
        points.capacity_headroom * np.where(spare < 0, 1.0, np.minimum(1, spare / np.maximum(1, lines.movable[line]))),
        points.price * np.clip((saving + 0.2) / 0.4, 0, 1),
        points.distance * np.where(far < 0, 0.0, np.maximum(0, 1 - far / 500)),
        points.lead_time * np.where(days < 0, 0.0, np.maximum(0, 1 - days / wanted)),
        points.newcomer * ~columns.suppliers.known[offers.supplier[capability]],
    ]
    return np.sum([part.astype(np.int64) for part in parts], axis=0)


def main() -> None:
    """Measure both, in turns."""
    arguments = parser(__doc__)
    arguments.add_argument("--size", default="M", choices=["S", "M", "L"])
    asked = arguments.parse_args()
    bench = Bench("candidates", asked)
    ours, theirs = bench.alternate(
        [Rival("own", own, (asked.size, asked.seed)), Rival("bm25s and numpy", library, (asked.size, asked.seed))]
    )
    note = f"pairs kept: own {ours.outcome:,}, chain {theirs.outcome:,}"
    size = asked.size
    bench.figure(
        f"candidates at {size} ÷ bm25s per block", theirs.median / ours.median, "×", ours=ours, rival=theirs, note=note
    )
    bench.figure(f"candidates at {size}", ours.median, "s", ours=ours)
    bench.figure(f"memory of the candidates at {size}", ours.peak_mb, "MB", ours=ours)


if __name__ == "__main__":
    main()
