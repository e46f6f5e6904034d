"""The funnel: every suggested 元 stands in one place, and a contract may be in two stages by parts."""

from services.matching.cooperation.stages import Funnel, Sums, funnel_of
from services.matching.suggestions.rules import MAIN_WAY, State


def sums(state: State, stage: State | None = None, *, amount: int = 100, agreed: int = 0, placed: int = 100,
         contracted: int = 0, invoiced: int = 0) -> Sums:  # fmt: skip
    return Sums(state, stage or state, 1, amount, agreed, placed, contracted, invoiced)


def reached(funnel: Funnel) -> list[int]:
    return [funnel.stages[stage].amount for stage in MAIN_WAY]


def stands(funnel: Funnel) -> list[int]:
    return [funnel.stages[stage].here for stage in MAIN_WAY]


def everywhere(funnel: Funnel) -> int:
    beside = sum(standing.here for standing in funnel.beside.values())
    return sum(stands(funnel)) + beside + funnel.returned


def test_a_contract_half_invoiced_stands_in_two_stages() -> None:
    found = funnel_of([sums(State.INVOICED, agreed=70, placed=60, contracted=60, invoiced=20)])
    assert reached(found) == [100, 100, 70, 70, 60, 20]
    assert stands(found) == [0, 0, 0, 0, 40, 20]
    assert found.returned == 40
    assert [found.stages[stage].suggestions for stage in MAIN_WAY] == [1] * 6


def test_what_left_the_way_keeps_how_far_it_came() -> None:
    found = funnel_of([
        sums(State.DECLINED_BY_SUPPLIER, State.LEADER_ACCEPTED, agreed=80, placed=80),
        sums(State.REJECTED, State.PROPOSED),
        sums(State.DEFERRED, State.PROPOSED),
    ])  # fmt: skip
    assert reached(found) == [300, 100, 80, 0, 0, 0]
    assert stands(found) == [0] * 6
    assert {state: standing.here for state, standing in found.beside.items() if standing.here} == {
        State.DECLINED_BY_SUPPLIER: 80,
        State.REJECTED: 100,
        State.DEFERRED: 100,
    }


def test_an_ended_contract_keeps_its_invoices() -> None:
    found = funnel_of([sums(State.ENDED, State.INVOICED, agreed=100, placed=100, contracted=100, invoiced=30)])
    assert reached(found) == [100, 100, 100, 100, 100, 30]
    assert found.stages[State.INVOICED].here == 30
    assert found.beside[State.ENDED].here == 70


def test_every_suggested_yuan_stands_in_one_place() -> None:
    rows = [
        sums(State.PROPOSED),
        sums(State.APPROVED),
        sums(State.LEADER_ACCEPTED, agreed=60, placed=60),
        sums(State.ACCEPTED, agreed=50, placed=50),
        sums(State.CONTRACTED, agreed=50, placed=40, contracted=40),
        sums(State.INVOICED, agreed=90, placed=80, contracted=80, invoiced=25),
        sums(State.WITHDRAWN, State.ACCEPTED, agreed=30, placed=30),
        sums(State.EXPIRED, State.APPROVED),
        sums(State.ENDED, State.INVOICED, agreed=90, placed=80, contracted=80, invoiced=25),
    ]
    assert everywhere(funnel_of(rows)) == 100 * len(rows)
