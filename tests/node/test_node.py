"""The official JavaScript client and the Vercel AI SDK over a real socket, run by node's own test runner."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final, Protocol

import pytest

HERE: Final = Path(__file__).parent
TOOLS: Final = ("node", "npm")


class Live(Protocol):
    """A server that listens."""

    base_url: str


@pytest.fixture(scope="session")
def node() -> str:
    """Return node's path, with the packages of package-lock.json installed beside the tests."""
    missing = [name for name in TOOLS if shutil.which(name) is None]
    if missing and "CI" not in os.environ:
        pytest.skip(f"not installed: {' and '.join(missing)}")
    assert not missing, f"CI needs {' and '.join(missing)}"
    _install()
    return shutil.which("node") or ""


def _install() -> None:
    """Install what package-lock.json asks for, once, whatever the number of test workers."""
    wanted = (HERE / "package-lock.json").read_bytes()
    with (HERE / ".install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed = HERE / "node_modules" / ".wanted"
        if installed.exists() and installed.read_bytes() == wanted:
            return
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True)  # noqa: S607 - npm's place is the user's
        installed.write_bytes(wanted)


@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_every_test_of_this_file_passes(node: str, server: Live, name: str) -> None:
    environ = os.environ | {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "sk-node"}
    ran = subprocess.run(
        [node, "--test", "--test-reporter=tap", name],
        cwd=HERE,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "# pass 0\n" not in ran.stdout
