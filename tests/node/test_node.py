"""The official JavaScript client and the Vercel AI SDK over a real socket, run by node's own test runner.

The server of `NAME.test.mjs` has the script `NAME.yaml`, if there is one.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from chatdouble.layers.faults.registry import FAULTS
from chatdouble.testing.server import RunningServer
from conftest import Serve

HERE: Final = Path(__file__).parent
INSTALLED: Final = HERE / "node_modules" / ".installed"


@pytest.fixture(scope="session")
def node() -> str:
    """Return node's path, with the packages of package-lock.json installed beside the tests."""
    found = shutil.which("node")
    missing = "node" if found is None else "" if INSTALLED.exists() else "its packages (scripts/install-node)"
    if missing and "CI" not in os.environ:
        pytest.skip(f"not installed: {missing}")
    assert not missing, f"CI needs {missing}"
    assert INSTALLED.read_text() == (HERE / "package-lock.json").read_text(), "run scripts/install-node"
    return found or ""


@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_every_test_of_this_file_passes(node: str, serve: Serve, name: str) -> None:
    script = HERE / name.replace(".test.mjs", ".yaml")
    with serve(scripts=[script] if script.exists() else []) as served:
        _run(node, served, name)


def test_every_fault_is_shown_to_the_client() -> None:
    shown = (HERE / "faults.test.mjs").read_text()
    assert [name for name in FAULTS if f"'{name}'" not in shown] == []


def _run(node: str, served: RunningServer, name: str) -> None:
    environ = os.environ | {"OPENAI_BASE_URL": served.base_url, "OPENAI_API_KEY": "sk-node"}
    ran = subprocess.run(
        [node, "--test-reporter=spec", name],  # by itself: `--test` would start a second node
        cwd=HERE,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"pass [1-9]", ran.stdout)
