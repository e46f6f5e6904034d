"""What schemathesis does not know: newline-delimited JSON."""

from typing import Any

import orjson
import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, value: Any) -> bytes:
    """A text as it is, anything else as one line."""
    return value.encode(errors="replace") if isinstance(value, str) else orjson.dumps(value, default=str)
