"""`chatdouble import`, as its users run it."""

import json
from pathlib import Path

import pytest

from processes import run

FIXTURES = {
    "fixtures": [
        {"match": {"userMessage": "hello"}, "response": {"content": "Hi"}},
        {"match": {"inputText": "hello"}, "response": {"embedding": [0.5]}},
    ]
}


def test_what_is_imported_and_what_is_not_is_said(tmp_path: Path) -> None:
    file = tmp_path / "greetings.json"
    file.write_text(json.dumps(FIXTURES))
    done = run("import", "aimock", str(file), "--into", str(tmp_path / "made"))
    assert done.returncode == 0
    assert done.stdout == f"{tmp_path / 'made' / 'greetings.yaml'}\n"
    assert done.stderr.splitlines() == [
        f"{file}: fixture 2: match.inputText does not apply to chat completions",
        "1 rules in 1 files",
    ]
    assert run("lint", str(tmp_path / "made")).returncode == 0


def test_an_import_of_nothing_fails(tmp_path: Path) -> None:
    done = run("import", "vcr", str(tmp_path / "no.yaml"), "--into", str(tmp_path / "made"))
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == f"{tmp_path / 'no.yaml'}: cannot be read: No such file or directory"


@pytest.mark.parametrize("kind", ["betamax", ""])
def test_an_unknown_kind_is_refused_with_the_known_ones(kind: str, tmp_path: Path) -> None:
    done = run("import", kind, str(tmp_path), "--into", str(tmp_path))
    assert done.returncode == 2
    assert "vcr" in done.stderr


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "greetings.json"
    file.write_text(json.dumps(FIXTURES))
    done = run("import", "aimock", str(file), "--into", str(file))
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("chatdouble: ")
