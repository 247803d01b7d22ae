"""The manual's backend works as printed: from the command line, and under its own test."""

import re
import subprocess
import sys
from pathlib import Path

from openai import OpenAI

from processes import environment, serving

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-backend.md"


def _written(folder: Path) -> None:
    backend, check = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (folder / "shouting.py").write_text(backend)
    (folder / "test_shouting.py").write_text(check)


def test_the_manuals_backend_serves(tmp_path: Path) -> None:
    _written(tmp_path)
    with (
        serving("--backend", "shouting:Shout", PYTHONPATH=str(tmp_path)) as served,
        OpenAI(base_url=served.base_url, api_key="sk-test") as client,
    ):
        completion = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello!"}])
        assert completion.choices[0].message.content == "HELLO!"


def test_the_manuals_test_passes(tmp_path: Path) -> None:
    _written(tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(PYTHONPATH=str(tmp_path)), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout
