"""Output that cannot be written: one line says why, and nothing is broken off with a traceback."""

import subprocess
from pathlib import Path
from typing import Final

import pytest

from processes import chatdouble, environment

FULL: Final = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize(
    "arguments", [("schema", "script"), ("--help",), ("serve", "--help"), ("serve", "--port", "0")]
)
def test_a_full_disk_is_a_line(arguments: tuple[str, ...]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [*chatdouble(), *arguments],
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (2, "chatdouble: No space left on device\n")
