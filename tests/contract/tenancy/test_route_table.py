"""Every route of both documents, asked by everybody about tenant A, against a written table.

`routes_catalog.csv` and `routes_matching.csv` have a row for each route and a column for each who: `done`, `let in`
(refused for what the request says, not for who asks: a version long past, an example that does not fit), or the status
of the refusal. A route that the table does not know fails, and so does a row without a route. After a change,
`XIESHOU_ROUTE_TABLE=write` writes the tables anew: read each line that differs. What no table may say is below.
"""

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.security.actor import Role
from tests.contract.tenancy.asking import Question, outcome, questions
from tests.contract.tenancy.stand import Stand

Table = dict[tuple[str, str], dict[str, str]]

SERVICES = ("catalog", "matching")
WRITES = os.environ.get("XIESHOU_ROUTE_TABLE") == "write"

#: Who comes in, or shows what is public, has no token yet: the secret of a link, a password or a follow code is theirs.
OPEN = re.compile(
    r"^/(catalog|matching)/(health|v1/(jwks|session|sessions|oauth|links|password-resets|registrations)(/|$))"
)
#: What others may read although a tenant's id is in the path: cards of verified suppliers, and clusters.
PUBLIC = re.compile(r"^/catalog/v1/codes/")


#: What is kept about a person is given out by reviewers, on that person's demand.
NOT_FOR_AUDITORS = ("GET", "/catalog/v1/accounts/{id}/personal-data")


@pytest.fixture(scope="module", params=SERVICES)
def asked(request: pytest.FixtureRequest, stand: Stand) -> tuple[str, list[Question], Table]:
    """A service, its questions, and what became of each for everybody."""
    service: str = request.param
    app, _ = stand.apps[service]
    every = list(questions(app, lambda path, name: _id(stand, path, name), _known(stand)))
    found: Table = {question.key: {} for question in every}
    for who, actor in stand.actors.items():
        _forget_attempts(stand)
        with stand.client(service, actor) as client:
            for question in every:
                answer = client.request(question.verb, question.url, **question.sent)
                found[question.key][who] = outcome(answer)
                if found[question.key][who].startswith("5"):
                    print(question.key, who, answer.text)
    return service, every, found


def _forget_attempts(stand: Stand) -> None:
    """What somebody tried at the doors must not keep the next one waiting."""
    with stand.desk.app.state.database.session() as session:
        session.execute(text("DELETE FROM sign_in_throttles"))
        session.commit()


def _id(stand: Stand, path: str, name: str) -> str:
    """The id of what is tenant A's for a parameter of a path."""
    if name == "form":
        return "csv"
    if name in ("code", "source"):
        return "370000"
    return stand.ids.get(name) or stand.ids.get(path.split("/")[3]) or str(UUID(int=1))


def _known(stand: Stand) -> dict[str, str]:
    """Ids of tenant A for the fields of examples."""
    names = {"leader_id": "enterprises", "product_id": "products", "cluster_id": "clusters", "owner_id": "enterprises"}
    known = {field: stand.ids[kind] for field, kind in names.items()}
    near = str(stand.desk.world.enterprises["near"])
    asked = {"need_id": stand.ids["needs"], "capability_id": stand.ids["capabilities"]}
    return known | asked | {"supplier_id": near, "enterprise_id": near, "owned_id": near}


def test_everybody_is_answered_as_the_table_says(asked: tuple[str, list[Question], Table]) -> None:
    service, _, found = asked
    if WRITES:
        _write(service, found)
    written = _read(service)
    assert set(found) - set(written) == set(), "routes that the table does not know"
    assert set(written) - set(found) == set(), "rows of the table without a route"
    differing = [
        (*key, who, f"written: {written[key].get(who)}, found: {each}")
        for key, got in found.items()
        for who, each in got.items()
        if written[key].get(who) != each
    ]
    assert differing == []


def test_nobody_gets_in_but_where_people_come_in(asked: tuple[str, list[Question], Table]) -> None:
    _, _, found = asked
    assert [key for key, got in found.items() if got["nobody"] != "401" and not OPEN.match(key[1])] == []


def test_who_only_reads_changes_nothing(asked: tuple[str, list[Question], Table]) -> None:
    _, every, found = asked
    for question in every:
        if question.reads or OPEN.match(question.path):
            continue
        for who in ("auditor", "leader reader", "supplier reader", "leader machine", "supplier machine"):
            assert found[question.key][who] == "403", (question.key, who)


def test_an_auditor_reads_what_a_reviewer_reads(asked: tuple[str, list[Question], Table]) -> None:
    _, every, found = asked
    differing = [q.key for q in every if q.reads and found[q.key]["auditor"] != found[q.key]["reviewer"]]
    assert [key for key in differing if not OPEN.match(key[1]) and key != NOT_FOR_AUDITORS] == []


def test_what_is_a_tenants_by_its_id_is_nobody_elses(asked: tuple[str, list[Question], Table], stand: Stand) -> None:
    """Others are told 403 or 404; not even that a version is past."""
    _, every, found = asked
    mine = set(stand.ids.values()) - {stand.ids["run_id"]}
    for question in _with_ids(every, mine):
        for who in ("other organisation", "other leader", "other supplier", "no tenant"):
            actor, got = stand.actors[who], found[question.key][who]
            assert actor is not None
            if actor.role is Role.CHAIN_LEADER and question.path.startswith("/catalog/v1/enterprises/"):
                continue
            assert got in ("403", "404"), (question.key, who)


def _with_ids(every: list[Question], mine: set[str]) -> Iterator[Question]:
    for question in every:
        if any(id in question.url for id in mine) and not OPEN.match(question.path) and not PUBLIC.match(question.path):
            yield question


def test_nothing_breaks(asked: tuple[str, list[Question], Table]) -> None:
    _, _, found = asked
    broken = [(key, who) for key, got in found.items() for who, each in got.items() if each.startswith("5")]
    assert broken == []


def _file(service: str) -> Path:
    return Path(__file__).with_name(f"routes_{service}.csv")


def _read(service: str) -> Table:
    with _file(service).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row.pop("method"), row.pop("path")): row for row in rows}


def _write(service: str, found: Table) -> None:
    with _file(service).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["method", "path", *next(iter(found.values()))])
        writer.writerows([*key, *got.values()] for key, got in sorted(found.items(), key=lambda each: each[0][::-1]))
