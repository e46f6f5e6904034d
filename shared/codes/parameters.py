"""Technical parameters: intervals with units, or sets of allowed values.

`parse_parameters` reads what people write in one spreadsheet cell; `contains` is the rule of eligibility.
"""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict


class Parameter(BaseModel):
    """One parameter: an interval [low, high] in the dimension's base unit, or a set of values (materials).

    A missing bound is open. `unit` is the base unit after conversion (mm, kg, MPa …) or None for a pure number.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None
    values: tuple[str, ...] = ()
