"""Files and folders that the system refuses: to a user without permission, or because there is no room."""

import os
import resource
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from processes import CHATDOUBLE, environment

_AS_A_USER: Final = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-all")
"""The beginning of a command for which permissions count, also if root starts it."""


def run(*arguments: str, most_bytes: int = -1) -> subprocess.CompletedProcess[str]:
    """Run a command as a user without special rights, whose files may have so many bytes."""
    is_root = os.geteuid() == 0
    if is_root and shutil.which(_AS_A_USER[0]) is None:
        pytest.skip("needs setpriv, since nothing is refused to root")
    return subprocess.run(
        [*(_AS_A_USER if is_root else ()), *CHATDOUBLE, *arguments],
        # Without a measurement of its coverage, which could not be written either.
        env={name: value for name, value in environment().items() if not name.startswith("COVERAGE_")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes)),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "open.yaml").write_text("- reply: hi\n")
    (tmp_path / "closed").mkdir(mode=0)
    return tmp_path


def test_a_folder_in_a_folder_is_named(folder: Path) -> None:
    linted = run("lint", str(folder))
    assert (linted.returncode, linted.stderr) == (1, "1 errors, 0 warnings\n")
    assert linted.stdout.startswith(f"{folder / 'closed'}:1:1: error: cannot be read: [Errno 13] Permission denied")
    served = run("serve", "--port", "0", "--scripts", str(folder))
    assert (served.returncode, served.stdout) == (2, "")
    assert served.stderr.startswith(f"chatdouble: {folder / 'closed'}:1:1: cannot be read: [Errno 13] Permission")


def test_the_folder_itself_is_named(folder: Path) -> None:
    served = run("serve", "--port", "0", "--scripts", str(folder / "closed"))
    assert (served.returncode, "closed:1:1: cannot be read: [Errno 13] Permission denied" in served.stderr) == (2, True)


def test_no_part_of_a_new_script_is_left(tmp_path: Path) -> None:
    done = run("init", str(tmp_path / "new.yaml"), most_bytes=10)
    assert (done.returncode, done.stderr) == (2, f"chatdouble: {tmp_path / 'new.yaml'}: File too large\n")
    assert [*tmp_path.iterdir()] == []
