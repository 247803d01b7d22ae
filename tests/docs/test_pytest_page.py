"""The blocks of the page about pytest run as printed."""

import subprocess
from pathlib import Path

import warm
from pages import blocks
from plugin_runs import run_pytest
from processes import environment


def test_the_tests_of_the_page_pass(tmp_path: Path) -> None:
    tests = [block for block in blocks("pytest.md", "python") if "def test_" in block]
    for number, block in enumerate(tests):
        (tmp_path / f"test_page_{number}.py").write_text(block, "utf-8")
    run_pytest(tmp_path, passed=len(tests))


def test_the_scripts_of_the_page_run() -> None:
    scripts = [block for block in blocks("pytest.md", "python") if "def test_" not in block]
    assert len(scripts) == 2
    for script in scripts:
        subprocess.run([*warm.python(), "-P", "-c", script], env=environment(), check=True)


def test_the_test_of_the_readme_passes(tmp_path: Path) -> None:
    (test,) = [block for block in blocks("README.md", "python") if "def test_" in block]
    (tmp_path / "test_readme.py").write_text(test, "utf-8")
    run_pytest(tmp_path, passed=1)
