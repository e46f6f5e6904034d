"""One firm registers: the pairs found for it alone are those that a run over everything finds for it."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine.candidates.pairs import Pairs
from services.matching.engine.candidates.registering import Registration, pairs_of_capability, with_capability
from services.matching.engine.candidates.search import open_hall, shortlists
from services.matching.engine.policy import Policy
from services.matching.engine.preparation.encoding import columns_of
from services.matching.engine.snapshot import Snapshot
from tests.property.matching.engine.pair_worlds import full_policies, full_worlds


def last_removed(snapshot: Snapshot, *, its_firm: bool) -> tuple[Snapshot, Snapshot, Registration]:
    """The world with a last capability that nobody is committed to, the world without it, and what comes in between.

    `its_firm`: the firm that offers it is new as well.
    """
    offer, firms = snapshot.capabilities[-1], len(snapshot.suppliers)
    firm = replace(snapshot.suppliers[offer.supplier], key="S99999", id="s-new")
    held = [replace(row, supplier=firms) for row in snapshot.certificates if row.supplier == offer.supplier]
    commitments = [row for row in snapshot.commitments if row.capability != len(snapshot.capabilities) - 1]
    fewer = replace(snapshot, capabilities=snapshot.capabilities[:-1], commitments=commitments)
    if not its_firm:
        return replace(snapshot, commitments=commitments), fewer, Registration(offer)
    moved = replace(offer, supplier=firms)
    full = replace(
        snapshot,
        suppliers=[*snapshot.suppliers, firm],
        capabilities=[*snapshot.capabilities[:-1], moved],
        certificates=[*snapshot.certificates, *held],
        commitments=commitments,
    )
    return full, fewer, Registration(moved, firm, held)


def check_equal(found: Pairs, whole: Pairs, capability: int) -> None:
    """Whether the pairs found are those of the capability among all."""
    its = whole.capability == capability
    for name in ("line", "capability", "score", "failed", "text"):
        assert np.array_equal(getattr(found, name), getattr(whole, name)[its])


@settings(max_examples=60, deadline=None)
@given(full_worlds(), full_policies(), st.booleans())
def test_a_new_capability_finds_the_pairs_of_a_whole_run(snapshot: Snapshot, policy: Policy, its_firm: bool) -> None:
    open_ended = policy.model_copy(update={"candidates_per_need": None if policy.candidates_per_need == 1 else 30})
    full, fewer, new = last_removed(snapshot, its_firm=its_firm)
    hall = open_hall(columns_of(fewer, open_ended))
    candidates, near = pairs_of_capability(hall, shortlists(hall), with_capability(hall.columns, new))
    whole = shortlists(open_hall(columns_of(full, open_ended)))
    check_equal(candidates, whole.candidates, len(full.capabilities) - 1)
    check_equal(near, whole.near, len(full.capabilities) - 1)


@settings(max_examples=30, deadline=None)
@given(full_worlds())
def test_it_takes_no_line_that_has_enough_of_better_ones(snapshot: Snapshot) -> None:
    policy = Policy(scope="province", candidates_per_need=1)
    _, fewer, new = last_removed(snapshot, its_firm=False)
    hall = open_hall(columns_of(fewer, policy))
    lists = shortlists(hall)
    everywhere = open_hall(columns_of(fewer, policy.model_copy(update={"candidates_per_need": 1000})))
    extended = with_capability(hall.columns, new)
    candidates, _ = pairs_of_capability(hall, lists, extended)
    reach, _ = pairs_of_capability(everywhere, shortlists(everywhere), extended)
    assert set(candidates.line.tolist()) <= set(reach.line.tolist())
    lacking = [line for line in reach.line.tolist() if not lists.enough[line]]
    assert set(lacking) <= set(candidates.line.tolist())
