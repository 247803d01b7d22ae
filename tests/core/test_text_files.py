"""Files from any editor are read: with a byte order mark, and with the line ends of Windows."""

import json
from pathlib import Path
from typing import Any

import pytest

from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.importers.importer import KINDS, SkippedPart, import_files
from chatdouble.recordings.cleaning import configuration_of
from chatdouble.scripts.reading.load import load as load_scripts
from chatdouble.settings import load

CASSETTE = """interactions:
- request:
    method: POST
    uri: https://api.openai.com/v1/chat/completions
    body: '{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}'
  response:
    status: {code: 200}
    headers: {Content-Type: [application/json]}
    body: {string: '{"id": "chatcmpl-1"}'}
"""
FIXTURES = {"fixtures": [{"match": {"userMessage": "Hi"}, "response": {"content": "Hello"}}]}
CONVERSATION = """responses:
  - request: {messages: [{role: user, content: Hi}]}
    response: Hello
"""
RULES = """rules:
  - when: {user: Hi}
    reply: |
      Hello
      you
"""


def written(folder: Path, name: str, text: str) -> Path:
    """Write a file as an editor on Windows would."""
    file = folder / name
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    return file


def test_the_configuration(tmp_path: Path) -> None:
    file = written(tmp_path, "double.toml", "port = 9000\nscripts = [\n  'a.yaml',\n]\n")
    assert (load({}, {}, file).port, load({}, {}, file).scripts) == (9000, (Path("a.yaml"),))


def test_models(tmp_path: Path) -> None:
    file = written(tmp_path, "models.json", json.dumps({"models": [{"id": "mine", "like": "gpt-4o"}]}, indent=1))
    assert Catalogue.load(str(file)).get("mine") is not None


def test_the_configuration_of_recordings(tmp_path: Path) -> None:
    written(tmp_path, "recordings.toml", 'emails = true\nheaders = ["x-id"]\n')
    assert configuration_of(tmp_path).headers == ("x-id",)


@pytest.mark.parametrize("name", ["a.yaml", "a.json"])
def test_scripts(tmp_path: Path, name: str) -> None:
    text = RULES if name.endswith("yaml") else json.dumps({"rules": [{"when": {"user": "Hi"}, "reply": "x"}]}, indent=1)
    (placed,) = load_scripts([written(tmp_path, name, text)]).rules
    reply = placed.rule.reply
    assert reply is not None
    assert reply.text == ("Hello\nyou\n" if name.endswith("yaml") else "x")


def har() -> str:
    """Return an archive of one request."""
    request: dict[str, Any] = {
        "method": "POST",
        "url": "https://api.openai.com/v1/chat/completions",
        "headers": [],
        "postData": {"text": '{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}'},
    }
    content = {"mimeType": "application/json", "text": '{"id": "chatcmpl-1"}'}
    response = {"status": 200, "headers": [{"name": "content-type", "value": "application/json"}], "content": content}
    return json.dumps({"log": {"entries": [{"request": request, "response": response}]}}, indent=1)


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        ("vcr", "cassette.yaml", CASSETTE),
        ("aimock", "fixtures.json", json.dumps(FIXTURES, indent=1)),
        ("har", "session.har", har()),
    ],
)
def test_imported_files(tmp_path: Path, kind: str, name: str, text: str) -> None:
    found = [*import_files(KINDS[kind], [written(tmp_path, name, text)], tmp_path / "into")]
    assert [part for part in found if isinstance(part, SkippedPart)] == []
    assert len(found) == 1
