"""`chatdouble import` in a process of its own."""

import json
from pathlib import Path

import pytest

from commands import run

FIXTURES = {
    "fixtures": [
        {"match": {"userMessage": "hello"}, "response": {"content": "Hi"}},
        {"match": {"inputText": "hello"}, "response": {"embedding": [0.5]}},
    ]
}


def test_imported_files_and_skipped_fixtures_are_printed(tmp_path: Path) -> None:
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


def test_an_import_without_results_exits_with_code_1(tmp_path: Path) -> None:
    done = run("import", "vcr", str(tmp_path / "no.yaml"), "--into", str(tmp_path / "made"))
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == f"{tmp_path / 'no.yaml'}: cannot be read: No such file or directory"


@pytest.mark.parametrize("kind", ["betamax", ""])
def test_an_unknown_format_is_refused_with_the_known_ones(kind: str, tmp_path: Path) -> None:
    done = run("import", kind, str(tmp_path), "--into", str(tmp_path))
    assert done.returncode == 2
    assert "vcr" in done.stderr


def test_an_unwritable_folder_is_reported_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "greetings.json"
    file.write_text(json.dumps(FIXTURES))
    done = run("import", "aimock", str(file), "--into", str(file))
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("chatdouble: ")
