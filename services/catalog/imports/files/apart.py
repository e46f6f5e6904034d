"""Reading of files that strangers sent, in a process of its own: it has little memory and time, and ends with us.

What a file does to its reader (a zip bomb, a fault in a library) stays there, and comes back as a FileProblem. Files so
small that no packing makes them large are read here: deflate never makes more than 1032 bytes of one. So is a CSV whose
separators and line breaks tell that its cells need no more than that.
"""

import io
import os
import pickle
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import IO, Any

from services.catalog.imports.files.reading import RawSheet, check_size, read_file
from services.catalog.imports.outcomes import FileProblem
from shared.processes.lifeline import die_with_parent

SMALL = 64 * 2**10
MEMORY = 512 * 2**20
SECONDS = 120
CHUNK = 5_000
DEFLATE = 1032
"""What one byte of a packed file can become."""

_LENGTH = 8
#: What Python needs for a list, for a text and its place in a list, and for a character of it.
_ROW, _CELL, _CHARACTER = 120, 88, 4
_SEPARATORS = (b",", b"\t", b";")
_DATES = {each.__name__: each for each in (date, datetime, time, timedelta)}


def read_apart(filename: str, content: bytes) -> list[RawSheet]:
    """Return the sheets of a file, as `read_file` does. Raises FileProblem."""
    check_size(content)
    small = len(content) <= SMALL or (filename.lower().endswith(".csv") and _laid_out(content) <= SMALL * DEFLATE)
    return read_file(filename, content) if small else _ask(filename, content)


def _laid_out(content: bytes) -> int:
    """Bytes that a CSV takes as lists of texts, at most: its characters, and what each row and each cell costs."""
    rows = content.count(b"\n") + content.count(b"\r") + 1
    return _CHARACTER * len(content) + _ROW * rows + _CELL * (rows + max(map(content.count, _SEPARATORS)))


def _ask(filename: str, content: bytes) -> list[RawSheet]:
    command = [sys.executable, "-m", "services.catalog.imports.files.apart", str(os.getpid()), filename]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("a child without pipes")
        try:
            # a child that gave up early does not read to the end
            with child.stdin, _ignoring_a_closed_pipe():
                child.stdin.write(content)
            sheets = _received(child.stdout)
        finally:
            child.kill()
    if sheets is None:
        raise _exhausted(child.returncode)
    return sheets


class _ignoring_a_closed_pipe:
    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, BrokenPipeError)


def _received(pipe: IO[bytes]) -> list[RawSheet] | None:
    """Put the sheets together; None where the child did not come to the end. Raises FileProblem."""
    sheets: list[RawSheet] = []
    while len(head := pipe.read(_LENGTH)) == _LENGTH:
        body = pipe.read(int.from_bytes(head, "big"))
        what, *told = _Plain(io.BytesIO(body)).load()
        if what == "end":
            return sheets
        if what == "problem":
            raise FileProblem(*told)
        if what == "sheet":
            title, troubles, merged = told
            sheets.append(RawSheet(title, [], troubles, merged))
        else:
            sheets[-1].rows.extend(told[0])
    return None


class _Plain(pickle.Unpickler):
    """Reads values and dates, and nothing that could do anything."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the four types of dates and times."""
        if module != "datetime" or name not in _DATES:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return _DATES[name]


def _exhausted(returncode: int | None) -> FileProblem:
    if returncode == -signal.SIGXCPU:
        return FileProblem("too_slow", f"文件过于复杂，{SECONDS} 秒内没有读完", "请拆成几个文件，分次导入")
    return FileProblem(
        "too_large_unpacked",
        f"读取这个文件需要的内存超过 {MEMORY // 2**20} MB",
        "请删去多余的工作表、图片和空白行列，或拆成几个文件",
    )


def _serve(parent: int, filename: str) -> None:
    """Be the child: read the file from stdin, write what it holds to stdout."""
    die_with_parent(parent)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for part in _parts(filename):
        body = pickle.dumps(part, protocol=5)
        sys.stdout.buffer.write(len(body).to_bytes(_LENGTH, "big") + body)
    sys.stdout.buffer.flush()


def _parts(filename: str) -> Iterator[tuple[Any, ...]]:
    try:
        for sheet in read_file(filename, sys.stdin.buffer.read()):
            yield "sheet", sheet.title, sheet.troubles, sheet.merged
            for start in range(0, len(sheet.rows), CHUNK):
                yield "rows", sheet.rows[start : start + CHUNK]
    except FileProblem as problem:
        yield "problem", problem.code, problem.message, problem.remedy
    else:
        yield ("end",)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), sys.argv[2])
