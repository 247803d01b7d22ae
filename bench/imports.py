"""A start, by what it imports: the time of each package until the first answer, and the memory that some take."""

import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from bench.payloads import WHOLE
from bench.process import Spec, on_core, running

_STEPS: Final = {
    "the interpreter": "",
    "uvicorn, uvloop, httptools": "import uvicorn, uvloop, httptools",
    "pydantic, orjson": "import pydantic, orjson",
}
"""The imports of a process, step by step."""
_HELD: Final = "print(int(open('/proc/self/statm').read().split()[1]) * __import__('resource').getpagesize())"
_OURS: Final = ("chatdouble", "chatdouble_backends")
_STANDARD: Final = "the standard library"
_LEAST: Final = 1.0
"""Milliseconds below which a package is one of the others."""


def measure() -> dict[str, Any]:
    """Return the milliseconds of each package's imports until the first answer, and the MiB after each step."""
    return {"ms": _spent(), "mib": _held()}


def _spent() -> dict[str, float]:
    with tempfile.NamedTemporaryFile() as file:
        # The interpreter prints the times on standard error.
        words = ["sh", "-c", 'exec 2>"$0" "$@"', file.name, sys.executable, "-X", "importtime", "-m", "chatdouble"]
        spec = Spec("imports", lambda port: [*words, "serve", "--port", str(port), "--log-level", "warning"])
        with running(spec, WHOLE):
            pass
        lines = Path(file.name).read_text("utf-8", errors="replace").splitlines()
    spent: defaultdict[str, float] = defaultdict(float)
    for line in lines:
        own, _, rest = line.removeprefix("import time:").partition("|")
        if line.startswith("import time:") and own.strip().isdigit():
            spent[_package(rest.rpartition("|")[2].strip())] += int(own) / 1e3
    shown = {name: round(ms, 1) for name, ms in spent.items() if ms >= _LEAST}
    others = sum(ms for ms in spent.values() if ms < _LEAST)
    return {**dict(sorted(shown.items(), key=lambda one: -one[1])), "others": round(others, 1)}


def _package(module: str) -> str:
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names:
        return _STANDARD
    return _OURS[0] if top in _OURS else top.lstrip("_")


def _held() -> dict[str, float]:
    code = "\n".join(f"{step}\n{_HELD}" for step in _STEPS.values())
    with on_core(0):
        said = subprocess.check_output([sys.executable, "-c", code], text=True)
    return {name: round(int(held) / 2**20, 1) for name, held in zip(_STEPS, said.split(), strict=True)}
