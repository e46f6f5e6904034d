"""Foreign keys that are checked by statement refuse what the keys themselves would refuse, whoever writes."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.errors import ForeignKeyViolation

from tests.conftest import Clone
from tests.support.acting import AS_SERVICE

FIRM = (
    "INSERT INTO enterprises (id, version, credit_code, name, is_chain_leader, is_supplier, status) "
    "VALUES (uuidv7(), 1, %s, '某厂（虚构）', false, true, 'verified') RETURNING id"
)
OFFER = (
    "INSERT INTO capabilities (id, version, supplier_id, code, name, text, parameters, processes, materials) "
    "SELECT uuidv7(), 1, supplier, 'C1', '法兰', '', '[]', '{}', '{}' FROM unnest(%s::uuid[]) AS supplier"
)
NOBODY = "01900000-0000-7000-8000-000000000000"


@pytest.fixture
def connection(catalog_clone: Clone) -> Iterator[psycopg.Connection]:
    with psycopg.connect(catalog_clone.app, options=AS_SERVICE) as opened:
        yield opened


def test_a_row_among_others_that_refers_to_nothing(connection: psycopg.Connection) -> None:
    firm = connection.execute(FIRM, ["1"]).fetchone()[0]  # type: ignore[index]
    with pytest.raises(ForeignKeyViolation) as refused:
        connection.execute(OFFER, [[str(firm), NOBODY]])
    assert (refused.value.diag.table_name, refused.value.diag.constraint_name) == (
        "capabilities",
        "fk_capabilities_supplier_id_enterprises",
    )


def test_a_reference_that_is_changed_to_nothing(connection: psycopg.Connection) -> None:
    firm = connection.execute(FIRM, ["1"]).fetchone()[0]  # type: ignore[index]
    connection.execute(OFFER, [[str(firm)]])
    with pytest.raises(ForeignKeyViolation):
        connection.execute("UPDATE capabilities SET supplier_id = %s", [NOBODY])


def test_what_is_referred_to_stays(connection: psycopg.Connection) -> None:
    used, free = (connection.execute(FIRM, [code]).fetchone()[0] for code in "12")  # type: ignore[index]
    connection.execute(OFFER, [[str(used)]])
    connection.execute("DELETE FROM enterprises WHERE id = %s", [free])
    with pytest.raises(ForeignKeyViolation):
        connection.execute("DELETE FROM enterprises WHERE id = %s", [used])


def test_who_deletes_waits_for_who_may_be_referring(catalog_clone: Clone, connection: psycopg.Connection) -> None:
    firm = connection.execute(FIRM, ["1"]).fetchone()[0]  # type: ignore[index]
    connection.commit()
    connection.execute(OFFER, [[str(firm)]])
    with psycopg.connect(catalog_clone.app, options=f"{AS_SERVICE} -c lock_timeout=200") as other:
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("DELETE FROM enterprises WHERE id = %s", [firm])
        other.rollback()
        connection.commit()
        with pytest.raises(ForeignKeyViolation):
            other.execute("DELETE FROM enterprises WHERE id = %s", [firm])
