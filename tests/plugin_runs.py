"""Runs of pytest on test modules of their own, with the plugin."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from textwrap import dedent
from typing import Final

from processes import environment

Run = Callable[..., str]
"""Runs pytest and returns its output; see `run_pytest`."""

IMPORTS: Final = """
import os
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
    own = () if "no:chatdouble" in plugins else (plugin(),)
    named = [word for name in (*own, "asyncio", "no:cacheprovider", *plugins) for word in ("-p", name)]
    command = [sys.executable, "-m", "pytest", *named, *arguments]
    # The run is nobody's worker, whoever runs this one; in CI, pytest's summary would repeat each report whole.
    kept = {
        name: value for name, value in environment().items() if not name.startswith(("PYTEST_", "CI", "BUILD_NUMBER"))
    }
    env = kept | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | dict(variables or {})
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    counts = [f"{number} {word}" for number, word in ((failed, "failed"), (passed, "passed")) if number]
    assert ", ".join(counts) in done.stdout.splitlines()[-1], done.stdout + done.stderr
    return done.stdout + done.stderr


def write_module(folder: Path, text: str, ini: str = "", name: str = "test_app.py") -> None:
    """Write a test module, and the ini file."""
    (folder / "pytest.ini").write_text(f"[pytest]\n{ini}", "utf-8")
    (folder / name).write_text(IMPORTS + dedent(text), "utf-8")
