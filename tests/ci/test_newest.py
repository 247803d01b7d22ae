"""`scripts/newest`, with stand-ins for the renewal of the lock and for make."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from pages import ROOT

FILES: Final = (
    "scripts/newest",
    "pyproject.toml",
    "requirements/dev.txt",
    "requirements/peers/fakellm.txt",
    *(f"{folder}/package.json" for folder in ("tests/node", "requirements/peers/aimock")),
    *(f"{folder}/package-lock.json" for folder in ("tests/node", "clients/typescript", "requirements/peers/aimock")),
)
UPDATE: Final = """#!/bin/sh
grep -q 'lark>=1.3",' pyproject.toml || exit 9
test "$BREAKS" != update || { echo 'no versions fit together' >&2; exit 1; }
sed 's/^webcolors==[^ ]*/webcolors==99.0/' requirements/dev.txt >dev.txt && mv dev.txt requirements/dev.txt
"""
MAKE: Final = """#!/bin/sh
test "$1" = "$BREAKS" || exit 0
echo '1 passed'
echo 'E   ImportError: webcolors 99 has no names'
echo 'FAILED tests/json_schema/test_validator.py::test_one'
exit 2
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout with what the script reads and the stand-ins, all of it committed."""
    folder = tmp_path / "checkout"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name, text in (("scripts/update", UPDATE), ("bin/make", MAKE)):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
        (folder / name).chmod(0o700)
    (folder / ".gitignore").write_text(".newest\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "all")
    return folder


def git(folder: Path, *words: str) -> str:
    """Run git in a folder and return its output."""
    command = ["git", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def newest(checkout: Path, breaks: str) -> "subprocess.CompletedProcess[str]":
    """Run the script where a step of make fails."""
    path = f"{checkout / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environ = os.environ | {"PATH": path, "BREAKS": breaks}
    return subprocess.run(
        [checkout / "scripts/newest"], cwd=checkout, env=environ, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("step", ["check", "test", "ecosystem"])
def test_it_says_what_broke_and_why_and_leaves_the_lock_alone(checkout: Path, step: str) -> None:
    done = newest(checkout, step)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [f"newest: make {name}" for name in ("check", "test", "ecosystem")]
    assert done.stdout.splitlines() == [
        "newest: releases that the lock does not have:",
        "  webcolors==99.0",
        f"newest: make {step} failed (all of it: .newest/{step}.log):",
        "E   ImportError: webcolors 99 has no names",
        "FAILED tests/json_schema/test_validator.py::test_one",
    ]
    assert git(checkout, "status", "--short") == ""


def test_it_says_so_if_the_newest_releases_do_not_fit_together(checkout: Path) -> None:
    done = newest(checkout, "update")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "no versions fit together",
        "newest: the newest releases cannot be locked together; the reason is above",
    ]
    assert git(checkout, "status", "--short") == ""


def test_it_says_that_nothing_broke(checkout: Path) -> None:
    done = newest(checkout, "nothing")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "newest: nothing broke")
