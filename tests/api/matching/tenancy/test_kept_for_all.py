"""What is kept in memory for all who ask (decoded runs, books of rates) is reduced for each: also for the second one.

Everybody asks the same questions in one process, one after the other, over both leaders' runs and purchases; then all
of them in the opposite order, when everything is kept. What each is told has nothing of the others in it, and is the
same whoever asked before.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from services.matching.gaps.rules import By as OfRun
from services.matching.rates.definition import By, Stage
from shared.db.database import Database
from shared.security.actor import Role
from tests.api.matching.conftest import Client, clients_over
from tests.conftest import Signing
from tests.support import small_province
from tests.support.small_province import L1, L2, P1A, QC, R1, R2, SHIPS, numbered

#: What tells of each: the names of its products, and its own.
OF_L1 = {"示例货船", "示例渔船", "示例1号厂"}
OF_L2 = {"示例车床", "示例2号厂"}
FOREIGN = {"first": OF_L2, "second": OF_L1, "organisation": OF_L2, "nobody's organisation": OF_L1 | OF_L2}
RUNS = [
    *(f"/runs/{run}/diagnosis?by={by}" for run in (R1, R2) for by in OfRun),
    *(f"/runs/{R2}/products?by={by}" for by in ("product", "cluster")),
    *(f"/runs/{R2}/lines/{need}" for need in (P1A, QC)),
    *(f"/runs/{R2}/{part}" for part in ("near-misses", "levers", "cure-sets", "capacity-values")),
]
RATES = [
    *(f"/rates?by={by}" for by in By if by is not By.ALL),
    *(f"/rates?by=product&stage={stage}" for stage in Stage),
    *(f"/{part}?run={R2}" for part in ("network", "single-sources", "concentration")),
]
Answers = dict[tuple[str, str], tuple[int, Any]]


@pytest.fixture
def asking(matching_database: Database, signing: Signing) -> Iterator[Client]:
    """The routes over a small province of one's own, of which nothing has been read yet."""
    with matching_database.session() as session:
        small_province.settle(session)
    with clients_over(matching_database, signing) as opened:
        yield opened


def everybody(asking: Client) -> dict[str, httpx.Client]:
    return {
        "reviewer": asking(Role.REVIEWER),
        "first": asking(Role.CHAIN_LEADER, L1),
        "second": asking(Role.CHAIN_LEADER, L2),
        "organisation": asking(Role.CLUSTER_ORGANISATION, None, frozenset({SHIPS})),
        "nobody's organisation": asking(Role.CLUSTER_ORGANISATION, None, frozenset({numbered(9999)})),
    }


def ask(clients: dict[str, httpx.Client], order: list[str], questions: list[str]) -> Answers:
    found: Answers = {}
    for question in questions:
        for who in order:
            answer = clients[who].get(question)
            found[who, question] = answer.status_code, _untimed(answer.json())
    return found


def _untimed(told: Any) -> Any:
    """The id of a request is its own."""
    return {name: value for name, value in told.items() if name != "request_id"} if isinstance(told, dict) else told


@pytest.mark.parametrize("questions", [RUNS, RATES], ids=["runs", "rates"])
def test_whoever_asks_second_gets_only_its_own(asking: Client, questions: list[str]) -> None:
    clients = everybody(asking)
    before = ask(clients, ["first", "second", "organisation", "nobody's organisation", "reviewer"], questions)
    after = ask(clients, ["reviewer", "nobody's organisation", "organisation", "second", "first"], questions)
    assert after == before
    said = {who: "".join(str(told) for (asker, _), (_, told) in before.items() if asker == who) for who in clients}
    assert [word for word in OF_L1 | OF_L2 if word not in said["reviewer"]] == [], "there to be found"
    for who, words in FOREIGN.items():
        assert [word for word in words if word in said[who]] == [], who


def test_a_line_that_was_just_read_is_not_there_for_the_next_one(asking: Client) -> None:
    first, second = asking(Role.CHAIN_LEADER, L1), asking(Role.CHAIN_LEADER, L2)
    for need, theirs, other in ((P1A, first, second), (QC, second, first)):
        address = f"/runs/{R2}/lines/{need}"
        assert [who.get(address).status_code for who in (theirs, other, theirs)] == [200, 404, 200]
