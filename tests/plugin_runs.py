"""Runs of pytest on test modules of their own, with the plugin.

A run is a fork of a process that has imported what every run needs, which takes five times as long as a run.
"""

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path
from textwrap import dedent
from typing import Final

import pytest

from processes import environment

Run = Callable[..., str]
"""Runs pytest and returns its output; see `run_pytest`."""

IMPORTS: Final = """
import os
import subprocess
import openai
import pytest
from chatdouble.testing import turn

def ask(text="Hello", **more):
    messages = more.pop("messages", [{"role": "user", "content": text}])
    more = {"model": "gpt-5.4-mini", **more}
    return openai.OpenAI(max_retries=0).chat.completions.create(messages=messages, **more).choices[0].message
"""
"""The beginning of each test module."""


def plugin() -> str:
    """Return the plugin's name: that of its entry point, which is not there before the project is installed."""
    installed = {point.name for point in entry_points(group="pytest11")}
    return "chatdouble" if "chatdouble" in installed else "chatdouble.pytest.plugin"


def run_pytest(
    folder: Path,
    *arguments: str,
    passed: int = 0,
    failed: int = 0,
    plugins: tuple[str, ...] = (),
    variables: Mapping[str, str] | None = None,
) -> str:
    """Run pytest in a folder, check the numbers of its last line, and return its output.

    Only this plugin, asyncio's and those named here are loaded, since loading all that are installed takes seconds.

    Args:
        folder: The working directory.
        arguments: The arguments.
        passed: The number of tests that pass.
        failed: The number of tests that fail.
        plugins: Further plugins by the names of their entry points.
        variables: Variables of the environment.
    """
    # pytest would warn that it cannot rewrite the asserts of a plugin that was imported before, which has none.
    words = [*loading(plugins), "-W", "ignore::pytest.PytestAssertRewriteWarning", *arguments]
    streams = folder / "stdout.log", folder / "stderr.log"
    env = alone({"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **(variables or {})})
    process = forks().Process(target=in_fork, args=(folder, words, env, streams))
    process.start()
    process.join()
    stdout, stderr = (file.read_text("utf-8") for file in streams)
    for file in streams:
        file.unlink()
    counts = [f"{number} {word}" for number, word in ((failed, "failed"), (passed, "passed")) if number]
    assert ", ".join(counts) in stdout.splitlines()[-1], stdout + stderr
    return stdout + stderr


def run_alone(folder: Path, *arguments: str, **variables: str) -> str:
    """Run pytest in a folder, in a process that has imported nothing before, and return its output."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    ran = subprocess.run(command, cwd=folder, env=alone(variables), capture_output=True, text=True, check=False)
    return ran.stdout


def loading(plugins: tuple[str, ...]) -> list[str]:
    """Return the arguments that load this plugin, asyncio's and others."""
    return [word for name in (plugin(), "asyncio", "no:cacheprovider", *plugins) for word in ("-p", name)]


def alone(variables: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for a run: it is nobody's worker, and in CI its summary would repeat each report whole."""
    others = "PYTEST_", "CI", "BUILD_NUMBER"
    return {name: value for name, value in environment().items() if not name.startswith(others)} | dict(variables)


def forks() -> ForkServerContext:
    """Return what forks the process that has imported what every run needs; it is started with the first."""
    context = get_context("forkserver")
    context.set_forkserver_preload(
        ["pytest", "openai.resources.chat", "httpcore2", "chatdouble.testing", "chatdouble.server.routes.contract"]
    )
    return context


def in_fork(folder: Path, words: list[str], env: Mapping[str, str], streams: tuple[Path, Path]) -> None:
    """Run pytest in this process, and send its output to files."""
    for number, file in enumerate(streams, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    gc.freeze()  # pytest looks for garbage at its end, which is not among what was imported
    sys.exit(pytest.main(words))


def write_module(folder: Path, text: str, ini: str = "", name: str = "test_app.py") -> None:
    """Write a test module, and the ini file."""
    (folder / "pytest.ini").write_text(f"[pytest]\n{ini}", "utf-8")
    (folder / name).write_text(IMPORTS + dedent(text), "utf-8")
