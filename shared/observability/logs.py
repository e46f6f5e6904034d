"""Logs of long-running processes: a JSON object per line, on stderr."""

import sys

import orjson
import structlog


def configure_logs() -> None:
    """Log JSON lines from now on; called once, by a program that serves or works.

    Tracebacks are plain: structlog's default shows every frame's local variables, and tokens are among them.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_line),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _line(event: object, **_: object) -> str:
    """One event; what has no JSON form is shown as Python would."""
    return orjson.dumps(event, default=repr).decode()
