"""What is kept of names and texts is what the database holds: new rows, changed ones, and none that are gone."""

from uuid import UUID

import pytest
from sqlmodel import Session

from services.catalog.capabilities import service as capabilities
from services.catalog.capabilities.schemas import CapabilityWrite
from services.catalog.enterprises import service as enterprises
from services.catalog.enterprises.schemas import EnterpriseWrite
from services.catalog.history.retiring import seen
from services.catalog.history.reversal import remove
from services.catalog.kinds import KINDS
from services.catalog.search.service import search
from shared.codes.credit_code import make
from shared.db.database import Database
from shared.text.through import Through
from tests.support.catalog_world import REVIEWER, World
from tests.support.queries import recorded


def names(session: Session, q: str, kind: str = "capability", limit: int = 20) -> list[str]:
    """The names that a query finds."""
    session.rollback()
    (group,) = search(session, REVIEWER, q, [kind], limit)
    return [hit.name for hit in group.hits]


def offer(session: Session, supplier: UUID, code: str, name: str, text: str = "") -> UUID:
    """A committed capability."""
    row = CapabilityWrite(supplier_id=supplier, code=code, name=name, text=text)
    (outcome,) = capabilities.upsert_capabilities(session, REVIEWER, [row])
    session.commit()
    return outcome.id


def test_texts_follow_what_is_written(session: Session, world: World) -> None:
    near = world.enterprises["near"]
    assert names(session, "球阀") == []
    offer(session, near, "1", "接头", "配套球阀")
    second = offer(session, near, "2", "高压球阀")
    assert names(session, "球阀") == ["高压球阀", "接头"]
    offer(session, near, "1", "接头", "配套阀体")
    assert names(session, "球阀") == ["高压球阀"]
    remove(session, KINDS["capability"], [seen(session, REVIEWER, KINDS["capability"], second)])
    session.commit()
    assert names(session, "球阀") == []


def test_what_is_rolled_back_is_not_found(session: Session, world: World) -> None:
    assert names(session, "球阀") == []
    row = CapabilityWrite(supplier_id=world.enterprises["near"], code="1", name="球阀")
    capabilities.upsert_capabilities(session, REVIEWER, [row])
    session.rollback()
    assert names(session, "球阀") == []


def test_all_words_of_one_row_in_names_and_text_together(session: Session, world: World) -> None:
    near = world.enterprises["near"]
    offer(session, near, "1", "球阀", "316L 不锈钢\n法兰连接")
    offer(session, near, "2", "球阀")
    offer(session, near, "3", "不锈", "钢法兰")
    assert names(session, "球阀 316l") == ["球阀"]
    assert names(session, "钢法") == ["不锈"]
    assert names(session, "锈钢 球阀 法兰") == ["球阀"]


def test_initials_find_names_and_short_names(session: Session) -> None:
    rows = [
        EnterpriseWrite(credit_code=make(1), name="青岛携手示例机械有限公司", is_supplier=True),
        EnterpriseWrite(credit_code=make(2), name="远航铸造厂", short_name="重汽", is_supplier=True),
    ]
    enterprises.upsert_enterprises(session, REVIEWER, rows)
    session.commit()
    assert names(session, "xssl", "enterprise") == ["青岛携手示例机械有限公司"]
    assert names(session, "zq", "enterprise") == names(session, "cq", "enterprise") == ["远航铸造厂"]
    assert names(session, "qq", "enterprise") == []


def test_only_what_changed_is_read_again(session: Session, catalog_database: Database, world: World) -> None:
    near = world.enterprises["near"]
    for number in range(20):
        offer(session, near, str(number), f"球阀{number}")
    names(session, "球阀")
    with recorded(catalog_database.engine) as still:
        assert len(names(session, "球阀")) == 20
    offer(session, near, "20", "球阀")
    with recorded(catalog_database.engine) as changed:
        assert names(session, "球阀", limit=3) == ["球阀", "球阀0", "球阀1"]
    assert (still.total, changed.total) == (2, 4)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("ab", [0, 2]), ("B", [0, 1, 2, 4]), ("a.", []), ("ba", []), ("aab", [2]), ("b𠮷", [4]), ("x", [])],
)
def test_nothing_is_found_across_two_texts(word: str, expected: list[int]) -> None:
    assert Through(["ab", "b", "aab", "", "𠮷b𠮷"]).having(word).tolist() == expected
