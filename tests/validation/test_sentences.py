"""The API's sentences stand in one place, each of them once."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2] / "app/chatdouble"
SENTENCES: Final = (*sorted((ROOT / "validation/wording").glob("*.py")), ROOT / "validation/responses/wording.py")
OWN: Final = {
    "answer/compose.py": "limits of this server's work",
    "answer/embeddings.py": "limits of this server's work",
    "answer/generation.py": "limits of this server's work",
    "answer/moderations.py": "limits of this server's work",
    "answer/tool_calls.py": "a grammar's mistake, for which no recording has the API's words",
    "layers/conversations.py": "scripts",
    "layers/queue.py": "queued replies",
    "layers/overrides.py": "the pace and the limits that a session sets",
    "recordings/modes.py": "modes",
    "scripts/": "scripts",
    "server/auth.py": "names of sessions",
    "server/control/": "control routes",
    "server/routes/control/": "control routes",
    "server/routes/api.py": "an unknown control route",
    "server/routes/not_doubled.py": "routes that are not doubled",
    "server/uvicorn_protocol/": "requests that are no HTTP, or too long in coming",
}
"""Modules with errors of this server's own, and what these are about."""


def _errors(path: Path) -> Iterator[ast.Call]:
    """Yield the calls that make an error from a sentence that is written there."""
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    made = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "APIError")
    yield from (call for call in made if isinstance(call.args[0], ast.Constant | ast.JoinedStr))


def _is_own(name: str) -> bool:
    return any(name.startswith(own) for own in OWN)


def test_no_other_module_words_the_api_s_errors() -> None:
    others = [path for path in ROOT.rglob("*.py") if path not in SENTENCES]
    wording = {str(path.relative_to(ROOT)) for path in others for _ in _errors(path)}
    assert {name for name in wording if not _is_own(name)} == set()


@pytest.mark.parametrize("own", OWN)
def test_each_exception_is_one(own: str) -> None:
    place = ROOT / own
    assert any(any(_errors(path)) for path in (place.rglob("*.py") if place.is_dir() else [place]))


def test_a_sentence_is_written_once() -> None:
    written = Counter(ast.unparse(error) for path in SENTENCES for error in _errors(path))
    assert {sentence: count for sentence, count in written.items() if count > 1} == {}
