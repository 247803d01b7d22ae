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


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no file without an end")
@pytest.mark.parametrize(
    "command",
    [
        ("import", "har", "/dev/zero", "--into", "."),
        ("rules", "import", "/dev/zero"),
        ("verdict", "--baseline", "/dev/zero"),
    ],
)
def test_a_file_without_an_end_is_not_read_to_it(command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatdouble.core.files._LARGEST", 1024 * 1024)
    done = run(*command)
    assert done.returncode != 0
    assert "larger than 1,048,576 bytes" in done.stderr
