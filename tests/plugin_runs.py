"""Runs of pytest on test modules of their own, with the plugin."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from textwrap import dedent
from typing import Final

import warm
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
    env = alone({"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **(variables or {})})
    command = [*warm.python(), "-m", "pytest", *words]
    ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    counts = [f"{number} {word}" for number, word in ((failed, "failed"), (passed, "passed")) if number]
    assert ", ".join(counts) in ran.stdout.splitlines()[-1], ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


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


def write_module(folder: Path, text: str, ini: str = "", name: str = "test_app.py") -> None:
    """Write a test module, and the ini file."""
    (folder / "pytest.ini").write_text(f"[pytest]\n{ini}", "utf-8")
    (folder / name).write_text(IMPORTS + dedent(text), "utf-8")
