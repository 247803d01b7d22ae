"""The page of the verdict: every kind as the code has it, and every block as printed."""

import subprocess
import sys
from pathlib import Path

import warm
from chatdouble.settings import Settings, load
from chatdouble.testing.server import RunningServer
from pages import ROOT, blocks
from processes import environment
from raw import control, post

PAGE = "verdict.md"


def test_the_page_has_every_kind_as_the_code_has_it() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts" / "verdict_page.py", "--check"], check=False)
    assert done.returncode == 0, "run scripts/verdict_page.py"


def test_the_settings_of_the_page_are_some(tmp_path: Path) -> None:
    (text,) = blocks(PAGE, "toml")
    file = tmp_path / "chatdouble.toml"
    file.write_text(text)
    assert load({}, {}, file).verdict_off == ("usage_never_asked",)
    assert load({}, {}, file) != Settings()


def test_the_commands_of_the_page_work(server: RunningServer, tmp_path: Path) -> None:
    post(server.origin, {"model": "gpt-4.1", "messages": [], "temperature": 3}, "sk-test-42")
    asked, *others = blocks(PAGE, "sh")
    variables = environment(CHATDOUBLE_URL=server.origin, OPENAI_API_KEY="sk-test-42", PATH=warm.path())
    for command, code in ((asked.replace("sk-test", "sk-test-42"), 1), *((other, 0) for other in others)):
        lines = command.replace("http://localhost:8000", server.origin).replace("Bearer sk-test", "Bearer sk-test-42")
        done = subprocess.run(["/bin/sh", "-ec", lines], cwd=tmp_path, env=variables, check=False, timeout=120)
        assert done.returncode == code, command
    control(server, "sk-test-42", "POST", "reset")
