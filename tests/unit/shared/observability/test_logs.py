"""Log lines are JSON, and show no local variable."""

import json
import subprocess
import sys

PROGRAM = """
import structlog
from shared.observability.logs import configure_logs
configure_logs()
log = structlog.get_logger("test")
secret = "keep-me-" + "quiet"
try:
    raise ValueError("不对")
except ValueError:
    log.exception("failed", path="/轴承", thing=object)
"""


def test_a_line_is_json_without_local_variables() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    event = json.loads(line)
    assert (event["event"], event["level"], event["path"]) == ("failed", "error", "/轴承")
    assert event["at"].endswith("Z")
    assert "ValueError: 不对" in event["exception"]
    assert "keep-me-quiet" not in line
