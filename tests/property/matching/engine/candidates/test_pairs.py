"""The compiled search, rules and score against their definitions: evidence, score parts, and a search row by row."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine.candidates.judging import judge, rules_in
from services.matching.engine.candidates.pairs import Pairs, Shortlists
from services.matching.engine.candidates.retrieval import Tried
from services.matching.engine.candidates.scoring import score
from services.matching.engine.candidates.search import open_hall, shortlists
from services.matching.engine.judgement.eligibility import Bench
from services.matching.engine.judgement.facts import gather
from services.matching.engine.judgement.scores import score_parts
from services.matching.engine.policy import Policy
from services.matching.engine.preparation.canonical import canonical
from services.matching.engine.preparation.encoding import columns_of
from services.matching.engine.snapshot import Snapshot
from tests.property.matching.engine.pair_worlds import Teller, full_policies, full_worlds
from tests.property.matching.engine.worlds import make_world, policies, shuffled, worlds

ENOUGH = settings(max_examples=80)


def found(snapshot: Snapshot, policy: Policy) -> Shortlists:
    """The shortlists of a snapshot."""
    return shortlists(open_hall(columns_of(snapshot, policy)))


def told(pairs: Pairs, line: int) -> dict[int, int]:
    """The capabilities of a line's pairs with their scores."""
    at = pairs.of(line)
    return dict(zip(pairs.capability[at].tolist(), pairs.score[at].tolist(), strict=True))


def check_every_pair(snapshot: Snapshot, policy: Policy, texts: list[float]) -> None:
    """Every line with every capability: the mask is what fails by evidence, the score is what its parts add up to."""
    facts, hall = gather(snapshot, policy), open_hall(columns_of(snapshot, policy))
    bench = Bench(facts)
    rows = len(snapshot.capabilities)
    line = np.repeat(np.arange(len(snapshot.lines)), rows)
    row = np.tile(np.arange(rows), len(snapshot.lines))
    text = np.resize(np.array(texts), len(line))
    points = np.zeros(len(line), np.int64)
    all_rows = Tried(np.array([0, rows]), np.arange(rows), np.zeros(rows))
    lines = np.arange(len(snapshot.lines))
    failed = judge(hall.desk, lines, np.zeros_like(lines), all_rows, len(row) + 1).failed
    score(hall.desk, line, row, text, points)
    for place in range(len(line)):
        pair = facts.pair(int(line[place]), int(hall.text.position[row[place]]))
        assert rules_in(int(failed[place])) == bench.judge(pair).failed
        assert int(points[place]) == sum(score_parts(facts, pair, float(text[place])).values())


TEXTS = st.lists(st.floats(0, 1) | st.sampled_from((0.0, 0.25, 1.0)), min_size=1, max_size=9)


@ENOUGH
@given(full_worlds(), full_policies(), TEXTS)
def test_masks_and_scores_are_those_of_evidence_and_parts(
    snapshot: Snapshot, policy: Policy, texts: list[float]
) -> None:
    check_every_pair(snapshot, policy, texts)


@settings(max_examples=30)
@given(worlds(), policies(), TEXTS)
def test_so_they_are_in_the_worlds_that_plans_are_made_of(
    snapshot: Snapshot, policy: Policy, texts: list[float]
) -> None:
    check_every_pair(snapshot, policy, texts)


@ENOUGH
@given(full_worlds(), full_policies())
def test_the_shortlists_are_those_of_a_search_row_by_row(snapshot: Snapshot, policy: Policy) -> None:
    ordered, _ = canonical(snapshot)
    lists, teller = found(ordered, policy), Teller(ordered, policy)
    for line in range(len(ordered.lines)):
        expected = teller.tell(line)
        assert told(lists.candidates, line) == expected.candidates
        assert told(lists.near, line) == expected.near
        assert lists.retrieved[line] == len(expected.tried)
        assert lists.eligible[line] == sum(ruling.eligible for ruling in expected.rulings)
        assert lists.removed[line].sum() == lists.retrieved[line] - lists.eligible[line]
        blocked = [
            (ordered.capabilities[at].supplier, len(ruling.failed) > 1)
            for at, ruling in zip(expected.tried, expected.rulings, strict=True)
            if not ruling.eligible and not ruling.curable
        ]
        of_line = slice(int(lists.blocked_starts[line]), int(lists.blocked_starts[line + 1]))
        pairs = zip(lists.blocked[of_line].tolist(), lists.several[of_line].tolist(), strict=True)
        assert sorted(pairs) == sorted(blocked)


@settings(max_examples=30)
@given(full_worlds(), full_policies(), st.randoms(use_true_random=False))
def test_row_order_does_not_matter(snapshot: Snapshot, policy: Policy, random: Random) -> None:
    one, other = (found(canonical(of)[0], policy) for of in (snapshot, shuffled(random, snapshot)))
    for name, values in vars(one).items():
        rows = vars(values) if isinstance(values, Pairs) else {name: values}
        others = vars(vars(other)[name]) if isinstance(values, Pairs) else {name: vars(other)[name]}
        assert all(np.array_equal(rows[key], others[key]) for key in rows)


def test_a_world_of_some_size_is_searched_as_row_by_row() -> None:
    snapshot, _ = canonical(make_world(Random(3), lines=150, capabilities=400, classes=3))
    for policy in (Policy(scope="province", candidates_per_need=4), Policy(scope="province", candidates_per_need=None)):
        lists, teller = found(snapshot, policy), Teller(snapshot, policy)
        for line in range(0, len(snapshot.lines), 7):
            assert told(lists.candidates, line) == teller.tell(line).candidates
            assert told(lists.near, line) == teller.tell(line).near


def test_an_executor_changes_nothing() -> None:
    hall = open_hall(columns_of(canonical(make_world(Random(4), lines=90, capabilities=60))[0], Policy()))
    alone = shortlists(hall)
    with ThreadPoolExecutor(2) as executor:
        shared = shortlists(hall, executor, at_once=7)
    assert np.array_equal(alone.candidates.capability, shared.candidates.capability)
    assert np.array_equal(alone.candidates.score, shared.candidates.score)
    assert np.array_equal(alone.blocked, shared.blocked)
