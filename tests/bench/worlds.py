"""Made-up provinces in columns, of any size: blocks, firms and money as skewed as real ones, without any row of Python.

A line and a capability of one block meet by the block's words; with `cross`, all blocks have some words in common, so
that a block that lacks suppliers finds some in its neighbours. About a third of what is retrieved is eligible.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from services.matching.engine.columns import (
    NOT_TOLD,
    CapabilityColumns,
    Columns,
    Holdings,
    Ints,
    LineColumns,
    ParameterColumns,
    Preferences,
    ProductColumns,
    Refusals,
    Shares,
    SupplierColumns,
    Vocabulary,
)
from services.matching.engine.locality import Anchor
from services.matching.engine.policy import Policy, Scope
from shared.codes.classes import all_classes
from shared.codes.regions import all_regions, circles

AS_OF = date(2026, 11, 1).toordinal()
UNITS = ("件", "千克", "吨", "套")
SCHEMES = ("IATF 16949", "ISO 14001", "ISO 45001", "ISO 9001")
STATUSES = ("submitted", "verified")
NUMBERS = 400


@dataclass(frozen=True)
class Size:
    """How many lines, capabilities and blocks (groups of GB/T 4754)."""

    lines: int
    capabilities: int
    blocks: int


SIZES = {"S": Size(1_000, 1_000, 20), "M": Size(10_000, 10_000, 80), "L": Size(100_000, 50_000, 200)}


@dataclass(frozen=True)
class Draw:
    """What the tables of one instance share."""

    random: Generator
    size: Size
    regions: tuple[str, ...]
    classes: tuple[str, ...]
    groups: tuple[str, ...]
    share: NDArray[np.float64]
    words_per_block: int
    cross: bool

    @property
    def suppliers(self) -> int:
        """Three firms for five capabilities."""
        return max(1, self.size.capabilities * 3 // 5)

    @property
    def products(self) -> int:
        """One for some fifty lines."""
        return max(1, self.size.lines // 50)

    @property
    def common_words(self) -> int:
        """Words that every block may use: the last of the vocabulary."""
        return 400 if self.cross else 0


def columns_instance(size: str | Size, seed: int, *, cross: bool = True, policy: Policy | None = None) -> Columns:
    """An instance of this size; the same seed gives the same one."""
    shape = SIZES[size] if isinstance(size, str) else size
    draw = _draw(np.random.default_rng(seed), shape, cross)
    cities = sorted(code for codes in circles().values() for code in codes)
    anchors = tuple(sorted((Anchor(None, tuple(group), f"K{n}") for n, group in enumerate(_groups(cities))), key=str))
    suppliers = _suppliers(draw)
    lines = _lines(draw)
    return Columns(
        policy=policy or Policy(scope=Scope.CLUSTER, supplier_cap=0.6),
        as_of=AS_OF,
        vocabulary=Vocabulary(
            tokens=tuple(
                f"词{number:06}" for number in range(draw.size.blocks * draw.words_per_block + draw.common_words)
            ),
            units=UNITS,
            regions=draw.regions,
            classes=draw.classes,
            statuses=STATUSES,
            schemes=SCHEMES,
            parameters=("外径", "重量", "长度"),
            values=(),
            parties=tuple(f"F{number:07}" for number in range(draw.suppliers)),
            places=tuple((region, ()) for region in draw.regions),
            anchors=anchors,
            numbers=tuple(Decimal(number) for number in range(NUMBERS + 1)),
        ),
        lines=lines,
        capabilities=_capabilities(draw, int(lines.movable.sum())),
        suppliers=suppliers,
        products=_products(draw, len(anchors)),
        incumbents=_incumbents(draw, lines),
        commitments=_no_shares(),
        proposals=_no_shares(),
        exclusions=Refusals(*_some_pairs(draw, draw.size.lines // 50)),
        preferences=Preferences(*_some_pairs(draw, 0), np.empty(0, np.bool_)),
    )


def _draw(random: Generator, size: Size, cross: bool) -> Draw:
    groups = [code for code in all_classes() if len(code) == 3 and "13" <= code[:2] <= "51"][: size.blocks]
    classes = tuple(sorted(code for code in all_classes() if len(code) == 4 and code[:3] in groups))
    share = 1 / (np.arange(len(groups)) + 6.0) ** 0.9
    share = random.permutation(share / share.sum())
    regions = tuple(sorted(code for code, row in all_regions().items() if code[:2] == "37" and row.level == "county"))
    words = max(40, size.capabilities * 2 // (3 * size.blocks))
    return Draw(
        random, Size(size.lines, size.capabilities, len(groups)), regions, classes, tuple(groups), share, words, cross
    )


def _groups(cities: list[str]) -> list[list[str]]:
    """Overlapping clusters of eleven of the sixteen cities."""
    return [[cities[(start * 2 + step) % len(cities)] for step in range(11)] for start in range(8)]


def _blocks(draw: Draw, count: int) -> tuple[Ints, Ints]:
    """The block of each of some rows, and a class of that block."""
    block = draw.random.choice(len(draw.groups), count, p=draw.share)
    of_group = np.array([draw.groups.index(code[:3]) for code in draw.classes])
    first = np.searchsorted(of_group, np.arange(len(draw.groups)))
    many = np.bincount(of_group, minlength=len(draw.groups))
    return block, first[block] + draw.random.integers(0, many[block])


def _texts(draw: Draw, block: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """4–10 words per row: (starts, distinct words, how often, at which place each came first)."""
    count = draw.random.integers(4, 11, len(block))
    row = np.repeat(np.arange(len(block)), count)
    near = (draw.words_per_block * draw.random.random(len(row)) ** 1.6).astype(np.int64)
    word = block[row] * draw.words_per_block + near
    if draw.cross:
        common = draw.random.random(len(row)) < 0.15
        far = (draw.common_words * draw.random.random(len(row)) ** 1.6).astype(np.int64)
        word = np.where(common, len(draw.groups) * draw.words_per_block + far, word)
    vocabulary = len(draw.groups) * draw.words_per_block + draw.common_words
    place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    pair, first, times = np.unique(row * vocabulary + word, return_index=True, return_counts=True)
    starts = np.searchsorted(pair // vocabulary, np.arange(len(block) + 1))
    return starts.astype(np.int64), pair % vocabulary, times.astype(np.int64), place[first]


def _optional(draw: Draw, values: NDArray[np.integer], told: float) -> Ints:
    """The values, but for some that nobody told."""
    return np.where(draw.random.random(len(values)) < told, values, NOT_TOLD).astype(np.int64)


def _lists(draw: Draw, rows: int, chances: list[float], choices: int) -> tuple[Ints, Ints]:
    """Short lists of distinct codes per row: (starts, codes)."""
    length = draw.random.choice(len(chances), rows, p=chances)
    first = draw.random.integers(0, choices, rows)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(length)])
    step = np.arange(starts[-1]) - np.repeat(starts[:-1], length)
    return starts, (np.repeat(first, length) + step) % choices


def _parameters(draw: Draw, rows: int, chances: list[float], *, wide: bool) -> ParameterColumns:
    """Intervals of three kinds; what is offered is wide, what is asked narrow."""
    starts, name = _lists(draw, rows, chances, 3)
    low = draw.random.integers(0, 40, len(name)) if wide else draw.random.integers(20, 200, len(name))
    high = low + (draw.random.integers(150, 360, len(name)) if wide else draw.random.integers(0, 100, len(name)))
    nothing = np.full(len(name), NOT_TOLD, np.int64)
    return ParameterColumns(
        starts=starts,
        name=name,
        unit=nothing,
        low=2 * low + 1,
        high=2 * high + 1,
        low_number=low.astype(np.float64),
        high_number=high.astype(np.float64),
        point=nothing,
        value_starts=np.zeros(len(name) + 1, np.int64),
        value=np.empty(0, np.int64),
        value_rank=np.empty(0, np.int64),
    )


def _lines(draw: Draw) -> LineColumns:
    random, count = draw.random, draw.size.lines
    block, class_code = _blocks(draw, count)
    token_starts, token, _, place = _texts(draw, block)
    scheme_starts, scheme = _lists(draw, count, [0.75, 0.2, 0.05], len(SCHEMES))
    price = 10_000 * np.round(np.exp(random.normal(4, 1.5, count))).astype(np.int64).clip(1)
    quantity = 1000 * np.round(np.exp(random.normal(8, 1.5, count))).astype(np.int64).clip(1)
    spend = quantity * price // 10_000_000
    excluded = np.where(random.random(count) < 0.05, spend, 0)
    local = np.where(excluded > 0, 0, spend * random.choice([0, 0, 0, 25, 60], count) // 100)
    left = spend - excluded - local
    unknown = left * random.choice([0, 0, 50, 100], count) // 100
    return LineColumns(
        product=np.sort(random.integers(0, draw.products, count)),
        class_code=class_code,
        class_guessed=np.zeros(count, np.bool_),
        unit=random.choice(4, count, p=[0.91, 0.03, 0.03, 0.03]),
        quantity=quantity,
        unit_price=price,
        spend=spend,
        excluded=excluded,
        local_now=local,
        committed=np.zeros(count, np.int64),
        outside=left - unknown,
        unknown=unknown,
        movable=left * random.choice([50, 100, 100, 100], count) // 100,
        lead_time_days=_optional(draw, random.choice([30, 45, 60, 90], count), 0.3),
        max_moq=_optional(draw, quantity, 0.3),
        price_ceiling=_optional(draw, price * 3, 0.2),
        distance_limit_km=_optional(draw, np.full(count, 200), 0.03),
        token_starts=token_starts,
        token=token,
        in_name=place < 3,
        meaning=np.empty((count, 0), np.int8),
        scheme_starts=scheme_starts,
        scheme=scheme,
        on_day=AS_OF + 30 * random.integers(0, 6, len(scheme)),
        supplier_cap=np.full(count, -1, np.int64),
        parameters=_parameters(draw, count, [0.8, 0.15, 0.05], wide=False),
    )


def _capabilities(draw: Draw, demand: int) -> CapabilityColumns:
    """Together they can make nine tenths of what may be moved; a third states pieces."""
    random, count = draw.random, draw.size.capabilities
    block, class_code = _blocks(draw, count)
    token_starts, token, times, _ = _texts(draw, block)
    weight = random.pareto(1.3, count) + 0.2
    yuan = np.round(0.9 * demand * weight / weight.sum(), -4).astype(np.int64) + 10_000
    in_pieces = random.random(count) < 0.33
    price = 10_000 * np.round(np.exp(random.normal(4, 1.2, count))).astype(np.int64).clip(1)
    return CapabilityColumns(
        supplier=np.sort(random.integers(0, draw.suppliers, count)),
        class_code=class_code,
        capacity_yuan=np.where(in_pieces, NOT_TOLD, yuan),
        capacity_units=np.where(in_pieces, yuan * 10_000 // price * 1000, NOT_TOLD),
        unit=np.where(random.random(count) < 0.05, NOT_TOLD, random.choice(4, count, p=[0.94, 0.02, 0.02, 0.02])),
        unit_price=_optional(draw, price, 0.8),
        moq=_optional(draw, 1000 * random.integers(1, 2000, count), 0.5),
        lead_time_days=_optional(draw, random.choice([15, 30, 45, 60], count), 0.9),
        token_starts=token_starts,
        token=token,
        times=times,
        meaning=np.empty((count, 0), np.int8),
        parameters=_parameters(draw, count, [0.2, 0.2, 0.2, 0.4], wide=True),
    )


def _suppliers(draw: Draw) -> SupplierColumns:
    random, count = draw.random, draw.suppliers
    scheme_starts, scheme = _lists(draw, count, [0.1, 0.2, 0.3, 0.2, 0.2], len(SCHEMES))
    region = (len(draw.regions) * random.random(count) ** 1.3).astype(np.int64)
    return SupplierColumns(
        party=np.arange(count),
        status=(random.random(count) < 0.95).astype(np.int64),
        region=region,
        place=region,
        known=random.random(count) < 0.3,
        total_capacity=_optional(draw, random.integers(1, 400, count) * 1_000_000, 0.05),
        scheme_starts=scheme_starts,
        scheme=scheme,
        valid_from=np.full(len(scheme), NOT_TOLD, np.int64),
        valid_until=AS_OF + random.integers(-60, 1000, len(scheme)),
    )


def _products(draw: Draw, clusters: int) -> ProductColumns:
    random, count = draw.random, draw.products
    cluster = random.integers(0, clusters, count)
    return ProductColumns(
        leader=random.integers(0, draw.suppliers, count),
        leader_region=random.integers(0, len(draw.regions), count),
        cluster=cluster,
        target=np.full(count, 5000, np.int64),
        anchor=cluster,
    )


def _incumbents(draw: Draw, lines: LineColumns) -> Holdings:
    served = np.flatnonzero(lines.local_now)
    return Holdings(
        line=served,
        supplier=draw.random.integers(0, draw.suppliers, len(served)),
        amount=lines.local_now[served],
        related=draw.random.random(len(served)) < 0.02,
    )


def _some_pairs(draw: Draw, count: int) -> tuple[Ints, Ints]:
    return draw.random.integers(0, draw.size.lines, count), draw.random.integers(0, draw.suppliers, count)


def _no_shares() -> Shares:
    nothing = np.empty(0, np.int64)
    return Shares(nothing, nothing, nothing)
