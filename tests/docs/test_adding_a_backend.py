"""The backend of docs/adding-a-backend.md works as printed: from the command line and in its conformance test."""

import re
from pathlib import Path
from typing import Final

from openai import OpenAI

from plugin_runs import run_pytest
from processes import serving_in

PAGE: Final = Path(__file__).parents[2] / "docs" / "adding-a-backend.md"


def write_examples(folder: Path) -> None:
    """Write the page's examples to a folder, by the names that the page gives them."""
    backend, test = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (folder / "shouting.py").write_text(backend)
    (folder / "test_shouting.py").write_text(test)


def test_the_backend_serves(tmp_path: Path) -> None:
    write_examples(tmp_path)
    (command,) = re.findall(r"```sh\nchatdouble serve (.*)\n", PAGE.read_text())
    with (
        serving_in(tmp_path, *command.split()) as served,
        OpenAI(base_url=served.base_url, api_key="sk-test") as client,
    ):
        completion = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello!"}])
        assert completion.choices[0].message.content == "HELLO!"


def test_the_conformance_test_passes(tmp_path: Path) -> None:
    write_examples(tmp_path)
    run_pytest(tmp_path, passed=6)
