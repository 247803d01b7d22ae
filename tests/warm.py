"""Python in forks of a process that has imported what most programs of the tests need, which takes longer than they do.

Tests of what a process is by itself, such as how it starts or what its sudden death leaves, do without.
"""

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
PROGRAMS: Final = {"python": "", "python3": "", "chatdouble": " -P -m chatdouble", "pytest": " -P -m pytest"}
"""Programs, with the words of Python's command line that stand for them."""


def python() -> tuple[str, ...]:
    """Return the beginning of a command, to be followed by what Python's own has: `-P`, `-c`, `-m` or a file."""
    return sys.executable, "-I", "-S", str(HERE / "warm_client.py"), str(_folder() / "socket")


def program(name: str) -> Path:
    """Return a file that runs a program of `PROGRAMS`."""
    return _folder() / name


def path() -> str:
    """Return a PATH that has these programs first."""
    return os.pathsep.join((str(_folder()), str(Path(sys.executable).parent), os.environ["PATH"]))


@cache
def _folder() -> Path:
    """Start the process, once, and return the folder with its socket and commands."""
    folder = Path(tempfile.mkdtemp(prefix="warm-"))
    with socket.create_server(str(folder / "socket"), family=socket.AF_UNIX, backlog=100) as listener:
        server = subprocess.Popen(
            [sys.executable, "-P", HERE / "warm_server.py", str(listener.fileno())],
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
    atexit.register(_end, server, folder)
    for name, words in PROGRAMS.items():
        command = f'"{sys.executable}" -I -S "{HERE / "warm_client.py"}" "{folder / "socket"}"'
        (folder / name).write_text(f'#!/bin/sh\nexec {command}{words} "$@"\n')
        (folder / name).chmod(0o700)
    return folder


def _end(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    """End the process, and remove its folder."""
    server.communicate()
    shutil.rmtree(folder)
