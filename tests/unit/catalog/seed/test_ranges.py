"""The ranges that suppliers state: they hold what is asked, or miss exactly one thing when they are to fall short."""

import pytest

from services.catalog.seed.book import leaders
from services.catalog.seed.dice import Dice
from services.catalog.seed.ranges import parameter_cell
from shared.codes.parameters import Parameter, contains, parse_parameters

ASKED = [part.parameters for leader in leaders() for part in leader.parts if part.parameters]


def missed(asked: str, cell: str) -> list[str]:
    """The names of what is asked and not within what the cell states."""
    offered: list[Parameter] = parse_parameters(cell)
    wanted = parse_parameters(asked.replace(";", "；"))
    return [one.name for one in wanted if not any(contains(one, each) for each in offered if each.name == one.name)]


def test_an_offer_holds_what_is_asked() -> None:
    for asked in ASKED:
        for number in range(3):
            assert missed(asked, parameter_cell(Dice(1, asked, str(number)), [asked])) == []


def test_a_narrow_offer_misses_at_most_one_thing() -> None:
    counts = [len(missed(asked, parameter_cell(Dice(1, asked), [asked], narrow=True))) for asked in ASKED]
    assert max(counts) == 1
    assert sum(counts) > 0.95 * len(counts)


def test_one_workshop_holds_what_several_parts_ask() -> None:
    several = ["外径=430mm;材质=HT250", "外径=120mm;重量=56kg;材质=QT450-10", "公差等级=IT7"]
    cell = parameter_cell(Dice(1, "workshop"), several)
    assert all(missed(asked, cell) == [] for asked in several)


def test_data_that_nobody_can_read_is_an_error() -> None:
    with pytest.raises(ValueError, match="外径大"):
        parameter_cell(Dice(1, "wrong"), ["外径大"])
