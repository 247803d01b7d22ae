"""Fixtures that the tests of the plugin share."""

from pathlib import Path
from typing import Any

import pytest

from plugin_runs import Run, run_pytest, write_module


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return what runs pytest on the text of a test module, and returns its output."""

    def ran(text: str, *arguments: str, ini: str = "", **more: Any) -> str:
        write_module(tmp_path, text, ini)
        return run_pytest(tmp_path, *arguments, **more)

    return ran
