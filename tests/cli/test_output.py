"""Commands that cannot go on: their output cannot be written, or Ctrl+C ends them early. None has a traceback."""

import gc
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from chatdouble import cli
from chatdouble.__main__ import main
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


@pytest.mark.parametrize("arguments", [["serve"], ["lint", "rules.yaml"]])
def test_ctrl_c_while_modules_are_imported_ends_a_command(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    class Interrupted:
        def __getattr__(self, name: str) -> None:
            raise KeyboardInterrupt(name)

    monkeypatch.setattr(sys, "argv", ["chatdouble", *arguments])
    monkeypatch.setattr(gc, "set_threshold", int)
    for module in ("flags", "main"):
        monkeypatch.setitem(sys.modules, f"chatdouble.cli.{module}", Interrupted())
        monkeypatch.setattr(cli, module, Interrupted(), raising=False)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
