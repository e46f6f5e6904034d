"""Days and moments of requests, written out (ISO 8601): pydantic would take bare numbers for seconds since 1970."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

_WRITTEN_OUT = re.compile(r"\s*\d{4}-\d\d-\d\d")
_DETAIL = "as it stands in no calendar"  # the user reads the wording that shared.http.messages has for the code


def _written_out(fault: str) -> BeforeValidator:
    """Refuses 20261231 and "2026" as `fault`, a code of pydantic's: each would be an hour of 1970."""

    def check(value: Any) -> Any:
        if isinstance(value, int | float) or (isinstance(value, str) and not _WRITTEN_OUT.match(value)):
            raise PydanticCustomError(fault, _DETAIL)
        return value

    return BeforeValidator(check)


Day = Annotated[date, _written_out("date_parsing")]
Moment = Annotated[AwareDatetime, _written_out("datetime_parsing")]
