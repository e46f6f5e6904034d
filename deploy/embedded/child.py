"""Run a Python module as a child that dies with its parent: `python -m deploy.embedded.child PARENT MODULE ARG…`."""

import runpy
import sys

from shared.processes.lifeline import die_with_parent


def main() -> None:
    """Tie this process to its parent, then become the module."""
    parent, module = int(sys.argv[1]), sys.argv[2]
    die_with_parent(parent)
    sys.argv = sys.argv[2:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
