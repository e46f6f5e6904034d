"""What a supplier is told of its own near misses: what is lacking, and a band only behind three leaders or more."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid4

from services.matching.engine.plan import Evidence, NearMiss, Plan, Rule, Verdict
from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Product, Snapshot
from services.matching.gaps.own import own_obstacles
from shared.db.acting import act_for
from shared.db.database import Database
from shared.security.actor import Actor, Role
from tests.support import small_province as province
from tests.support.small_province import JINAN, S3, S4

OWN = Actor("供应商", Role.SUPPLIER, S3)
PRICE = Evidence(Rule.PRICE, Verdict.FAILED, "限价 100 元", "120 元", "要求限价 100 元，该供给能力报价 120 元")


def kept(database: Database, made: Snapshot, result: Plan) -> UUID:
    """A succeeded run of this snapshot and plan, beside the small province."""
    run = uuid4()
    with database.session() as session:
        province.settle(session, runs=False)
        for rows in province.run_rows(run, made, result, Policy()):
            session.add_all(rows)
            session.flush()
        session.commit()
    return run


def told(database: Database, actor: Actor, run: UUID) -> list[tuple[Rule, str | None, tuple[Decimal, Decimal] | None]]:
    """What an actor is told: rule, what is asked, and the band."""
    with database.session() as session:
        act_for(session, actor)
        return [(each.rule, each.what, each.demand) for each in own_obstacles(session, actor, run)]


def test_its_own_alone_and_no_band_behind_one_leader(matching_database: Database) -> None:
    run = kept(matching_database, province.snapshot(), province.plan())
    assert told(matching_database, OWN, run) == [(Rule.CERTIFICATE, "IATF 16949", None)]
    assert told(matching_database, Actor("另一家", Role.SUPPLIER, S4), run) == [(Rule.CERTIFICATE, "IATF 16949", None)]
    assert told(matching_database, Actor("没有企业", Role.SUPPLIER), run) == []


def test_a_band_behind_three_leaders_and_never_a_price(matching_database: Database) -> None:
    made, result = province.snapshot(), province.plan()
    third = Product("R", str(uuid4()), "示例机床", "F9", "示例9号厂", JINAN, None, 5000)
    lines = [replace(line, product=3) if line.key == "P2/a" else line for line in made.lines]
    lacking = result.near_misses[0].evidence
    near = [
        *(NearMiss(at, 1, 1, Rule.CERTIFICATE, lacking, 600, amount) for at, amount in ((0, 700), (2, 400), (4, 200))),
        NearMiss(0, 1, 1, Rule.PRICE, PRICE, 600, 45),
    ]
    asked = [replace(line, certificates=lines[0].certificates) for line in lines]
    made = replace(made, products=[*made.products, third], lines=asked)
    run = kept(matching_database, made, replace(result, near_misses=near))
    assert told(matching_database, OWN, run) == [
        (Rule.CERTIFICATE, "IATF 16949", (Decimal(1000), Decimal(2000))),
        (Rule.PRICE, None, None),
    ]
