"""`chatdouble models` in a process of its own."""

from pathlib import Path

from chatdouble.catalogue.data import built_in
from commands import run


def test_the_models_are_listed_with_their_shutdown_dates() -> None:
    done = run("models")
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["model", "endpoints", "answers", "as", "shutdown"]
    assert [row.split()[0] for row in rows] == list(built_in())
    assert ["gpt-4o", "chat,", "responses", "gpt-4o-2024-08-06", "2027-01-14"] in [row.split() for row in rows]
    assert ["gpt-5.4", "chat,", "responses", "gpt-5.4-2026-03-05", "-"] in [row.split() for row in rows]
    assert ["gpt-audio-1.5", "chat", "gpt-audio-1.5", "-"] in [row.split() for row in rows]


def test_the_rules_of_a_model_have_the_keys_of_a_file_of_models() -> None:
    lines = run("models", "o4-mini", "gpt-4o").stdout.splitlines()
    assert lines[0] == "o4-mini"
    assert "  efforts: low, medium, high" in lines
    assert "  logprobs: forbidden" in lines
    assert lines.count("  logprobs: allowed") == 1
    assert "  shutdown_date: 2027-01-14" in lines[lines.index("gpt-4o") :]


def test_the_models_of_a_file_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "models.json"
    file.write_text('{"models": [{"id": "mine", "like": "gpt-4o", "shutdown_date": "2030-01-31"}]}')
    row = run("models", "--models", str(file)).stdout.splitlines()[-1]
    assert row.split() == ["mine", "chat,", "responses", "mine", "2030-01-31"]


def test_an_unknown_model_and_an_unreadable_file_are_refused(tmp_path: Path) -> None:
    unknown = run("models", "gpt-4o", "nobody")
    assert (unknown.returncode, unknown.stderr) == (1, "chatdouble: no such model: nobody\n")
    missing = run("models", "--models", str(tmp_path / "no.json"))
    assert missing.returncode == 2
    assert "cannot be read" in missing.stderr
