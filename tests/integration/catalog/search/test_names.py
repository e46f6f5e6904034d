"""The names that a process keeps are those of the database: new ones, changed ones, and none that are gone."""

from uuid import UUID

from sqlmodel import Session

from services.catalog.enterprises import service as enterprises
from services.catalog.enterprises.schemas import EnterpriseWrite
from services.catalog.history.retiring import seen
from services.catalog.history.reversal import remove
from services.catalog.kinds import KINDS
from services.catalog.search.names import names
from services.catalog.search.similar import pairs, similar
from shared.codes.credit_code import make
from shared.db.database import Database
from tests.support.catalog_world import REVIEWER
from tests.support.queries import recorded


def register(session: Session, serial: int, name: str) -> UUID:
    """A committed enterprise."""
    row = EnterpriseWrite(credit_code=make(serial), name=name, is_supplier=True)
    (outcome,) = enterprises.upsert_enterprises(session, REVIEWER, [row])
    session.commit()
    return outcome.id


def alike(session: Session, id: UUID) -> list[str]:
    """The names that are like an enterprise's."""
    return [each.name for each in similar(session, [id]).get(id, [])]


def test_names_follow_what_is_written(session: Session) -> None:
    first = register(session, 1, "青岛携手示例机械有限公司")
    assert alike(session, first) == []
    second = register(session, 2, "烟台携手示例机械股份有限公司")
    assert alike(session, first) == ["烟台携手示例机械股份有限公司"]
    register(session, 2, "烟台远航铸造有限公司")
    assert (alike(session, first), alike(session, second)) == ([], [])
    register(session, 2, "携手示例机械厂")
    assert alike(session, first) == ["携手示例机械厂"]
    remove(session, KINDS["enterprise"], [seen(session, REVIEWER, KINDS["enterprise"], second)])
    session.commit()
    assert (alike(session, first), alike(session, second)) == ([], [])


def test_what_is_rolled_back_is_not_known(session: Session) -> None:
    first = register(session, 1, "青岛携手示例机械有限公司")
    row = EnterpriseWrite(credit_code=make(2), name="携手示例机械厂", is_supplier=True)
    enterprises.upsert_enterprises(session, REVIEWER, [row])
    session.rollback()
    assert alike(session, first) == []


def test_one_character_of_eight_may_differ(session: Session) -> None:
    first = register(session, 1, "青岛携手示例精密机械有限公司")
    near = register(session, 2, "青岛携手示列精密机械有限公司")
    register(session, 3, "青岛携手远航精密机械有限公司")
    assert alike(session, first) == ["青岛携手示列精密机械有限公司"]
    ((pair,), more) = pairs(session, 10)
    assert ({pair.one.id, pair.other.id}, pair.score, more) == ({first, near}, 88, False)


def test_only_what_changed_is_read_again(session: Session, catalog_database: Database) -> None:
    for serial in range(1, 20):
        register(session, serial, f"第{serial}家携手示例有限公司")
    names(session)
    with recorded(catalog_database.engine) as still:
        names(session)
    assert still.total == 1
    register(session, 20, "第二十家携手示例有限公司")
    with recorded(catalog_database.engine) as changed:
        known = names(session)
    assert changed.total == 3
    assert len(known.all()) == 20
