"""The sample that compiles the engine goes through all that a run goes through."""

from services.matching.engine.plan import SpendClass
from services.matching.engine.warm_up import warm_up


def test_the_sample_has_suggestions_near_misses_and_cures() -> None:
    plan = warm_up()
    assert plan.suggestions and plan.near_misses and plan.levers and plan.cures and plan.capacity_values
    assert sum(row[SpendClass.SUGGESTED] for row in plan.diagnosis if SpendClass.SUGGESTED in row) > 0
