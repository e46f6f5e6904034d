"""Functions over arrays as machine code: one decorator, and one place for numba's options.

A compiled function takes arrays and numbers, releases the interpreter lock while it runs (threads help), and is kept
on disk, so that only the first process after a change compiles. numba looks at a function's own file only, never at
what it calls in another one; the folder that it keeps code in is therefore named by all sources together.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import numba
from numba import config

Function = TypeVar("Function", bound=Callable[..., object])

_ROOT = Path(__file__).resolve().parents[1]
_SOURCES = ("shared/compiled.py", "shared/text/**/*.py", "services/matching/engine/**/*.py")


def compiled(function: Function) -> Function:
    """The function as machine code, compiled at its first call for the types that it then gets.

    Callers fix the types at their door (int64, float64, C-contiguous): each new combination is compiled anew.
    """
    return cast(Function, numba.njit(cache=_KEPT, nogil=True)(function))


def _keep_code() -> bool:
    """Choose where machine code is kept; False where nothing can be written: then each process compiles.

    NUMBA_CACHE_DIR, when set, is taken as it is.
    """
    if os.environ.get("NUMBA_CACHE_DIR"):
        return True
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(base).expanduser() / "xieshou" / f"machine-code-{_digest()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, RuntimeError):
        return False
    os.environ["NUMBA_CACHE_DIR"] = str(folder)  # numba reads it again whenever it compiles; children inherit it
    config.reload_config()  # type: ignore[no-untyped-call]
    return True


def _digest() -> str:
    content = hashlib.sha256()
    for pattern in _SOURCES:
        for path in sorted(_ROOT.glob(pattern)):
            content.update(path.read_bytes())
    return content.hexdigest()[:16]


_KEPT = _keep_code()
