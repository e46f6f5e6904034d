"""Decimals as the tables keep them: rounded half up before they are compared and stored.

Without this, a price of 1.23456 would differ from the stored 1.2346 whenever the same file comes again.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import AfterValidator, Field


def _rounded(places: int) -> AfterValidator:
    step = Decimal(1).scaleb(-places)
    return AfterValidator(lambda value: value.quantize(step, ROUND_HALF_UP))


#: Twelve digits before the point: rounding never leaves the eighteen digits of the columns.
_LIMIT = Decimal(10) ** 12

Money = Annotated[Decimal, Field(gt=-_LIMIT, lt=_LIMIT), _rounded(2)]
Price = Annotated[Decimal, Field(ge=0, lt=_LIMIT), _rounded(4)]
SignedQuantity = Annotated[Decimal, Field(gt=-_LIMIT, lt=_LIMIT), _rounded(3)]
Quantity = Annotated[Decimal, Field(ge=0, lt=_LIMIT), _rounded(3)]
Usage = Annotated[Decimal, Field(gt=0, lt=_LIMIT), _rounded(6), Field(gt=0)]
Share = Annotated[Decimal, Field(ge=0, le=1), _rounded(4)]
#: A share that is something: no line may be given to nobody.
PartShare = Annotated[Decimal, Field(gt=0, le=1), _rounded(4), Field(gt=0)]
