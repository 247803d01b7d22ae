"""Names of files with line breaks and escape sequences: terminals and logs get them as escapes."""

from pathlib import Path

import pytest

from commands import run
from processes import run as run_process

NAME = "red\x1b[31m\nchatdouble: all is well.yaml"
SHOWN = "red\\x1b[31m\\nchatdouble: all is well.yaml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / NAME


@pytest.mark.parametrize("text", ["rules: [", "- reply: {txt: x}", "- {reply: a}\n- {reply: b}"])
def test_lint_shows_a_name(file: Path, text: str) -> None:
    file.write_text(text)
    printed = run("lint", str(file)).stdout
    assert f"{file.parent / SHOWN}:" in printed
    assert NAME not in printed


@pytest.mark.parametrize("flag", ["--scripts", "--config", "--models", "--recordings"])
def test_a_start_shows_a_name(file: Path, flag: str) -> None:
    file.write_text("[[")
    done = run_process("serve", "--port", "0", flag, str(file))
    assert done.returncode == 2
    assert SHOWN in done.stderr
    assert NAME not in done.stderr


def test_commands_show_a_name(file: Path) -> None:
    file.write_text("[")
    folder = file.parent / "out"
    commands = (
        ("init", str(file)),
        ("verdict", "--baseline", str(file)),
        ("script", f"@{file}"),
        ("rules", "add", f"@{file}"),
        ("models", "--models", str(file)),
        ("import", "vcr", str(file), "--into", str(folder)),
        ("verify", "--recordings", str(file), "--upstream", "http://127.0.0.1:9", "--upstream-key", "k"),
    )
    for command in commands:
        done = run(*command)
        assert SHOWN in done.stderr, command
        assert NAME not in done.stderr, command
