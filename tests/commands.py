"""Commands of the command line, run in this process: a command needs a twentieth of the time that a process takes.

Tests of commands that serve, or that a signal ends, run them in processes, as `processes` does.
"""

import os
import subprocess

from typer.testing import CliRunner

from chatdouble.cli.main import new_cli


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, without settings of chatdouble in its environment but these variables."""
    unset = {name: None for name in os.environ if name.startswith("CHATDOUBLE_")}
    done = CliRunner().invoke(new_cli(), arguments, env={**unset, **variables})
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)
