"""The command line in a process of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

# -P: the working directory is no more importable than it is for the installed command.
CHATDOUBLE: Final = (sys.executable, "-P", "-m", "chatdouble")
_ADDRESS: Final = re.compile(r"chatdouble answers at (http://\S+)/v1 ")


@dataclass(frozen=True, slots=True)
class Served:
    """A server process.

    Attributes:
        process: The process.
        origin: Its address, such as http://127.0.0.1:40123.
        lines: What it printed up to the line with its address.
    """

    process: subprocess.Popen[str]
    origin: str
    lines: tuple[str, ...] = ()

    @property
    def base_url(self) -> str:
        """The base URL for an OpenAI SDK."""
        return f"{self.origin}/v1"


def environment(**variables: str) -> dict[str, str]:
    """Return the environment without settings of chatdouble, plus these variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHATDOUBLE_")}
    return kept | variables


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(  # the test checks the exit code
        [*CHATDOUBLE, *arguments], env=environment(**variables), capture_output=True, text=True, timeout=60, check=False
    )


def shell(lines: str, folder: Path | None = None, **variables: str) -> str:
    """Run lines in a shell with this checkout's `chatdouble`, and return their output."""
    script = f'set -e\nchatdouble() {{ "{sys.executable}" -m chatdouble "$@"; }}\n{lines}'
    command = ["/bin/sh", "-c", script]
    ran = subprocess.run(
        command, cwd=folder, env=environment(**variables), capture_output=True, text=True, timeout=60, check=True
    )
    return ran.stdout


def serving(*arguments: str, **variables: str) -> AbstractContextManager[Served]:
    """Serve on a free port in a process, until the context ends."""
    return serving_in(None, *arguments, **variables)


@contextmanager
def serving_in(folder: Path | None, *arguments: str, **variables: str) -> Generator[Served]:
    """Serve on a free port in a process with another working directory, until the context ends."""
    command = [*CHATDOUBLE, "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command, cwd=folder, env=environment(**variables), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield Served(process, *_address(process.stdout))
        finally:
            process.terminate()
            process.wait(timeout=30)


def _address(output: IO[str] | None) -> tuple[str, tuple[str, ...]]:
    lines: list[str] = []
    for line in output or ():
        lines.append(line)
        if found := _ADDRESS.search(line):
            return found[1], tuple(lines)
    raise AssertionError(f"the server printed no address: {''.join(lines)}")
