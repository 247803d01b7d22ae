"""Commands of the command line, run in this process: a command needs a twentieth of the time that a process takes.

Tests of what a process is for, such as signals and the output of a command that `record` runs, use `processes`.
"""

import logging
import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager

from typer.testing import CliRunner

from chatdouble.cli.main import new_cli


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, without settings of chatdouble in its environment but these variables."""
    unset = {name: None for name in os.environ if name.startswith("CHATDOUBLE_")}
    with _log_kept():
        done = CliRunner().invoke(new_cli(), arguments, env={**unset, **variables})
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


@contextmanager
def _log_kept() -> Generator[None]:
    """Restore where log lines go, which commands with a server set."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
