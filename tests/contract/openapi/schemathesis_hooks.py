"""What schemathesis does not know: newline-delimited JSON, and that `bulk` in the place of an id reads as an id."""

from typing import Any

import orjson
import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, value: Any) -> bytes:
    """A text as it is, anything else as one line."""
    return value.encode(errors="replace") if isinstance(value, str) else orjson.dumps(value, default=str)


@schemathesis.hook
def filter_case(_: Any, case: Any) -> bool:
    """Other methods than POST of a path that ends in `bulk` mean the row of that id: 422 and not 405."""
    return case.method == "POST" or not case.path.endswith("/bulk")
