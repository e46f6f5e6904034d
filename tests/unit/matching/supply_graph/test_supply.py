"""Who has how much of which line at which stage."""

from dataclasses import replace

from services.matching.engine.plan import Plan, Suggestion
from services.matching.engine.snapshot import Incumbent, Snapshot
from services.matching.engine.supply_graph.supply import STAGES, Stage, place_of, supply_of
from tests.unit.matching.engine.build import PLAIN, QINGDAO, supplier
from tests.unit.matching.supply_graph.market import BING, DING, JIA, YI, A, B, approved, plan, supply, world


def rows(of: Snapshot, until: Stage, made: Plan | None = None) -> dict[tuple[int, int, str], int]:
    found = supply(of, until, made)
    columns = (found.line, found.supplier, found.stage, found.amount)
    return {(ln, s, STAGES[t].value): n for ln, s, t, n in zip(*(c.tolist() for c in columns), strict=True)}


def test_what_is_bought_now() -> None:
    assert rows(world(), Stage.CURRENT)[A, JIA, "current"] == 600
    assert len(rows(world(), Stage.CURRENT)) == 4


def test_only_the_lines_that_are_seen() -> None:
    found = supply_of(world(), plan(), PLAIN, Stage.CURRENT, [B])
    assert (found.lines, found.line.tolist(), found.amount.tolist()) == ((B,), [B], [500])


def test_what_is_approved_takes_the_place_of_what_comes_from_outside() -> None:
    """甲 and 乙 of cluster A are local and stay; 丙's place is local too, so an outsider is put there."""
    outsider = replace(world().suppliers[BING], region="320500")
    tables = approved(250) | {"suppliers": [*world().suppliers[:2], outsider, world().suppliers[DING]]}
    of = world(**tables, incumbents=[Incumbent(A, JIA, 600), Incumbent(A, BING, 400)])
    assert rows(of, Stage.APPROVED) == {
        (A, JIA, "current"): 600,
        (A, BING, "current"): 300,  # 400 · 750 / 1000 of what was outside before
        (A, DING, "approved"): 250,
    }


def test_what_is_suggested_comes_on_top() -> None:
    outsider = replace(world().suppliers[BING], region="320500")
    tables = approved(250) | {"suppliers": [*world().suppliers[:2], outsider, world().suppliers[DING]]}
    of = world(**tables, incumbents=[Incumbent(A, BING, 400)])
    made = plan(suggestions=[Suggestion(A, YI, 0, 500, None, 1, {}, [])])
    assert rows(of, Stage.SUGGESTED, made) == {
        (A, BING, "current"): 100,  # 400 · (1000 - 250 - 500) / 1000
        (A, DING, "approved"): 250,
        (A, YI, "suggested"): 500,
    }
    assert rows(of, Stage.APPROVED, made)[A, BING, "current"] == 300


def test_one_of_unknown_origin_gives_way_after_those_outside() -> None:
    nowhere = supplier("丙", region=None)
    line = replace(world().lines[A], outside=600, unknown=400)
    of = world(
        suppliers=[*world().suppliers[:2], nowhere, world().suppliers[DING]],
        lines=[line, *world().lines[1:]],
        incumbents=[Incumbent(A, BING, 400)],
    )
    assert (
        rows(of, Stage.SUGGESTED, plan(suggestions=[Suggestion(A, YI, 0, 600, None, 1, {}, [])]))[A, BING, "current"]
        == 400
    )
    more = plan(suggestions=[Suggestion(A, YI, 0, 700, None, 1, {}, [])])
    assert rows(of, Stage.SUGGESTED, more)[A, BING, "current"] == 300


def test_one_related_to_the_leader_is_never_displaced() -> None:
    outsider = replace(world().suppliers[BING], region="320500")
    suppliers = [*world().suppliers[:2], outsider, world().suppliers[DING]]
    of = world(**approved(1000) | {"suppliers": suppliers}, incumbents=[Incumbent(A, BING, 400, related=True)])
    assert rows(of, Stage.APPROVED)[A, BING, "current"] == 400


def test_a_region_that_is_no_more_counts_as_its_successor() -> None:
    assert place_of(supplier(region="371200")) == "370100"
    assert place_of(supplier(region=QINGDAO)) == QINGDAO
    assert place_of(supplier(region=None)) is None
