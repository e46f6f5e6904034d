"""Functions over arrays as machine code: one decorator, and one place for numba's options.

A compiled function takes arrays and numbers, releases the interpreter lock while it runs (threads help), and is kept
on disk, so that only the first process after a change compiles. numba looks at a function's own file only, never at
what it calls or names in another one; the folder that it keeps code in is therefore named by all sources that compiled
functions come from, directly or by way of imports.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import numba
from numba import config

Function = TypeVar("Function", bound=Callable[..., object])

_ROOT = Path(__file__).resolve().parents[1]
_CLONE = _ROOT / ".xieshou" / "cache"
_HOMES = ("shared/text", "services/matching/engine")
"""Where compiled functions are."""
_IMPORT = re.compile(rb"^from ((?:shared|services)[\w.]*) import ([^\n]*)", re.MULTILINE)


def compiled(function: Function) -> Function:
    """The function as machine code, compiled at its first call for the types that it then gets.

    Callers fix the types at their door (int64, float64, C-contiguous): each new combination is compiled anew.
    """
    return cast(Function, numba.njit(cache=_KEPT, nogil=True)(function))


def _keep_code() -> bool:
    """Choose where machine code is kept; False where nothing can be written: then each process compiles.

    NUMBA_CACHE_DIR, when set, is taken as it is. A clone keeps it where `make` does, so that a command typed by hand
    finds what was compiled then.
    """
    if os.environ.get("NUMBA_CACHE_DIR"):
        return True
    base = os.environ.get("XDG_CACHE_HOME") or (_CLONE if _CLONE.is_dir() else "~/.cache")
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
    for path in sorted(_sources()):
        content.update(path.read_bytes())
    return content.hexdigest()[:16]


def _sources() -> set[Path]:
    """The modules with compiled functions, and all modules of ours that they import."""
    modules = (path for home in _HOMES for path in (_ROOT / home).rglob("*.py"))
    waiting = [path for path in modules if b"@compiled" in path.read_bytes()]
    found = {Path(__file__).resolve()}
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path.read_bytes())
    return found


def _imported(source: bytes) -> list[Path]:
    """The files of the modules of ours that a source imports; `from package import module` too."""
    found: list[Path] = []
    for module, names in _IMPORT.findall(source):
        base = _ROOT / module.decode().replace(".", "/")
        places = [base.with_suffix(".py"), base / "__init__.py"]
        places += [base / f"{name}.py" for name in re.findall(r"\w+", names.decode())]
        found += [path for path in places if path.is_file()]
    return found


_KEPT = _keep_code()
