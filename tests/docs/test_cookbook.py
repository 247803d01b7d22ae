"""Every recipe of the cookbook works as it is written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from openai import OpenAI

from chatdouble.scripts.lint import lint
from chatdouble.scripts.reading.load import Script, parse
from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from chatdouble_backends.scripted import Scripted
from scripting import echoing

TEXT: Final = (Path(__file__).parents[2] / "docs" / "cookbook.md").read_text("utf-8")
_PREPARATION, *_SECTIONS = re.split(r"^## ", TEXT, flags=re.MULTILINE)
RECIPES: Final = {section.splitlines()[0]: section for section in _SECTIONS}


@dataclass
class Kitchen:
    """A server whose script the recipes change.

    Attributes:
        script: The script in force.
        server: The server.
    """

    script: Script = field(default_factory=lambda: parse(""))
    server: RunningServer | None = None


@pytest.fixture(scope="module")
def kitchen() -> Iterator[Kitchen]:
    made = Kitchen()
    with running(Settings(models="strict", clock="fixed:2026-12-01"), Scripted(lambda: made.script, echoing)) as server:
        made.server = server
        yield made


def fenced(language: str, text: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def test_there_are_more_than_twenty_recipes() -> None:
    assert len(RECIPES) > 20


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_works(title: str, kitchen: Kitchen) -> None:
    (script,), snippets = fenced("yaml", RECIPES[title]), fenced("python", RECIPES[title])
    kitchen.script = parse(script, f"{title}.yaml")
    assert kitchen.server is not None
    with OpenAI(base_url=kitchen.server.base_url, api_key=f"sk-test-{title}".replace(" ", "-")) as client:
        names: dict[str, Any] = {}
        execute(fenced("python", _PREPARATION)[0], names)
        names["client"].close()
        names["client"] = client
        for snippet in snippets:
            execute(snippet, names)


@pytest.mark.parametrize("title", RECIPES)
def test_lint_finds_nothing_in_a_recipe(title: str) -> None:
    assert lint(parse(fenced("yaml", RECIPES[title])[0])) == []


def execute(code: str, names: dict[str, Any]) -> None:
    exec(compile(code, "cookbook.md", "exec"), names)  # noqa: S102 - the documentation's own code
