"""The projects in examples/ pass against a server, where their toolchains are."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from chatdouble.testing.server import RunningServer
from pages import ROOT
from plugin_runs import run_pytest
from processes import environment

EXAMPLES: Final = ROOT / "examples"
# Without optimisation the Go SDK builds in half the time.
GO: Final = ("go", "test", "-vet=off", "-gcflags=all=-N -l", "-count=1", "-v", "./...")
CARGO: Final = ("cargo", "test", "--offline", "--locked", "--no-default-features")
LOCKS: Final = ("go.sum", "Cargo.lock", "pom.xml")
MAVEN: Final = ("mvn", "--offline", "--batch-mode", "test")


def run(server: RunningServer, name: str, *command: str) -> str:
    """Run an example's tests against the server and return their output; skip them where the tool is missing."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"not installed: {command[0]}")
    fetched(EXAMPLES / name)
    environ = environment(CHATDOUBLE_URL=server.origin, GOPROXY="off", GOFLAGS="-mod=readonly")
    ran = subprocess.run(
        command, cwd=EXAMPLES / name, env=environ, capture_output=True, text=True, check=False, timeout=600
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def fetched(example: Path) -> None:
    """Skip a test whose dependencies were not fetched; CI fetches those of all toolchains that it has."""
    for lock in (example / name for name in LOCKS if (example / name).exists()):
        stamp = example / ".fetched"
        if not stamp.exists() and "CI" not in os.environ:
            pytest.skip("not fetched: run scripts/install-examples")
        assert stamp.read_text() == lock.read_text(), "run scripts/install-examples"


def test_the_python_example_passes(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "python", tmp_path / "python", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "python" / "pytest.ini").write_text("[pytest]\n")
    run_pytest(tmp_path / "python", passed=2)


def test_the_shell_example_passes(server: RunningServer) -> None:
    if shutil.which("jq") is None:
        pytest.skip("not installed: jq")
    run(server, "shell", "curl", "--version")
    assert run(server, "shell", "sh", "test.sh") == "1 passed, 0 failed\n"


def test_the_go_example_passes(server: RunningServer) -> None:
    assert run(server, "go", *GO).count("--- PASS") == 2


def test_the_rust_example_passes(server: RunningServer) -> None:
    assert "test result: ok. 2 passed" in run(server, "rust", *CARGO)


def test_the_java_example_passes(server: RunningServer) -> None:
    assert re.search(r"Tests run: 2, Failures: 0, Errors: 0, Skipped: 0,.*WeatherTest", run(server, "java", *MAVEN))


def test_the_page_lists_every_example() -> None:
    listed = re.findall(r"^\| \[.*?\]\((\w+)/README.md\)", (EXAMPLES / "README.md").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


@pytest.mark.parametrize("page", sorted(EXAMPLES.glob("**/README.md")), ids=lambda page: page.parent.name)
def test_every_link_of_an_example_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert links
    assert [link for link in links if not (page.parent / link).exists()] == []
