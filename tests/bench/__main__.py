"""Run the benches: the quick set, or with --large the large one; --list names them.

Each run is a process of its own. One that fails does not keep the others from running; it shows in the exit status.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence

from tests.bench.catalogue import Entry, benches


def main() -> int:
    """List or run the benches; the exit status is 1 when one failed."""
    asked = _parser().parse_args()
    entries = [entry for entry in benches() if not asked.only or entry.name in asked.only]
    unknown = sorted(set(asked.only or ()) - {entry.name for entry in entries})
    if unknown:
        print(f"no such bench: {', '.join(unknown)}", file=sys.stderr)
        return 2
    if asked.list:
        _list(entries)
        return 0
    return _run(entries, large=asked.large, seed=asked.seed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--list", action="store_true", help="name the benches and what they measure")
    parser.add_argument("--large", action="store_true", help="the large instances")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this bench (may be repeated)")
    parser.add_argument("--seed", type=int, help="of all instances; each bench takes a fresh one if left out")
    return parser


def _list(entries: Sequence[Entry]) -> None:
    for entry in entries:
        print(f"{entry.name:<18} {entry.about}")
        for kind, runs in (("quick", entry.quick), ("large", entry.large)):
            for arguments in runs:
                print(f"{'':<18}   {kind}: python -m tests.bench.{entry.name} {' '.join(arguments)}".rstrip())


def _run(entries: Sequence[Entry], *, large: bool, seed: int | None) -> int:
    seeded = [] if seed is None else ["--seed", str(seed)]
    failed = []
    for entry in entries:
        for arguments in entry.large if large else entry.quick:
            program = [sys.executable, "-m", f"tests.bench.{entry.name}", *arguments, *seeded]
            if subprocess.run(program, check=False).returncode:
                failed.append(" ".join([entry.name, *arguments]))
    for name in failed:
        print(f"failed: {name}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
