"""The command line in a process of its own, most of which are forks of one that has imported what they need."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import warm

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


def chatdouble() -> tuple[str, ...]:
    """Return the beginning of a command that does what `chatdouble` does."""
    return *warm.python(), "-P", "-m", "chatdouble"


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(  # the test checks the exit code
        [*chatdouble(), *arguments],
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def shell(lines: str, folder: Path | None = None, **variables: str) -> str:
    """Run lines in a shell with this checkout's `chatdouble`, and return their output."""
    env = environment(PATH=warm.path(), **variables)
    command = ["/bin/sh", "-ec", lines]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=True).stdout


def serving(*arguments: str, **variables: str) -> AbstractContextManager[Served]:
    """Serve on a free port in a process, until the context ends."""
    return serving_in(None, *arguments, **variables)


def serving_in(folder: Path | None, *arguments: str, **variables: str) -> AbstractContextManager[Served]:
    """Serve on a free port in a process with another working directory, until the context ends."""
    return _serving([*chatdouble(), "serve", "--port", "0", *arguments], folder, environment(**variables))


def serving_alone(*arguments: str, **variables: str) -> AbstractContextManager[Served]:
    """Serve on a free port in a process that is no fork, until the context ends: its signals reach it directly."""
    return _serving([*CHATDOUBLE, "serve", "--port", "0", *arguments], None, environment(**variables))


def is_open(origin: str) -> bool:
    """Tell whether a server accepts connections."""
    try:
        socket.create_connection(("127.0.0.1", int(origin.rpartition(":")[2])), timeout=30).close()
    except ConnectionError:
        return False
    return True


@contextmanager
def _serving(command: Sequence[str], folder: Path | None, env: Mapping[str, str]) -> Generator[Served]:
    with subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
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
