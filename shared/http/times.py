"""Days and moments of requests, written out (ISO 8601): pydantic would take bare numbers for seconds since 1970."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

_WRITTEN_OUT = re.compile(r"\s*\d{4}-\d\d-\d\d")
_DETAIL = "as it stands in no calendar"  # the user reads the wording that shared.http.messages has for the code


def _day(value: Any) -> Any:
    """Refuse 20261231 and "2026": each would be an hour of 1970."""
    if _is_number(value):
        raise PydanticCustomError("date_parsing", _DETAIL)
    return value


def _moment(value: Any) -> Any:
    if _is_number(value):
        raise PydanticCustomError("datetime_parsing", _DETAIL)
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and not _WRITTEN_OUT.match(value))


Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
