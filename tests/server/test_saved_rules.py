"""Rules that a test has added are saved as a script file, in the folder for them and nowhere else."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from chatdouble.scripts.reading.load import load
from chatdouble.testing.server import RunningServer
from raw import control
from ruled import SCRIPT, add


def test_saved_rules_are_a_script_file_without_secrets(scripted: RunningServer, key: str, folder: Path) -> None:
    secret = "sk-proj-" + "Ab1" * 16
    add(scripted, key, {"name": "rest", "reply": "Line 1\nLine 2"}, "last")
    add(scripted, key, {"name": "top", "when": {"user": "x"}, "reply": f"Your key is {secret}."})
    off = add(scripted, key, {"reply": "never saved"})
    control(scripted, key, "PATCH", f"rules/{off}", {"disabled": True})
    file = folder / "saved" / "mine.yaml"
    assert control(scripted, key, "POST", "rules/save", {"name": "mine"}) == {"file": str(file), "rules": 2}
    assert [placed.id for placed in load([file]).rules] == ["top", "rest"]
    text = file.read_text()
    assert text.startswith("# Saved by chatdouble")
    assert secret not in text
    assert control(scripted, key, "POST", "rules/save", {"name": "mine.yml"})["rules"] == 2
    named = Path(control(scripted, key, "POST", "rules/save")["file"])
    assert named.parent == file.parent
    assert named.read_text() == text


@pytest.mark.parametrize("name", ["../out", "a/b", ".hidden", "", "/etc/passwd", "x" * 200, "a\nb"])
def test_rules_are_saved_in_their_folder_only(scripted: RunningServer, key: str, name: str) -> None:
    add(scripted, key, {"reply": "x"})
    assert control(scripted, key, "POST", "rules/save", {"name": name})["error"]["code"] == "invalid_name"


def test_no_file_is_named_like_a_key(scripted: RunningServer, key: str, folder: Path) -> None:
    secret = "sk-proj-" + "aB3" * 12
    for session in (key, secret):
        add(scripted, session, {"reply": "x"})
    for name in (secret, f"rules-{secret}.yaml", "AKIAZ2J4X6V8T0Q2W4E6"):
        assert control(scripted, key, "POST", "rules/save", {"name": name})["error"]["code"] == "invalid_name"
    saved = control(scripted, secret, "POST", "rules/save", {})
    assert saved["rules"] == 1
    assert "aB3aB3" not in "".join([saved["file"], *(path.name for path in (folder / "saved").iterdir())])


def test_a_file_of_somebody_else_is_not_overwritten(scripted: RunningServer, key: str, folder: Path) -> None:
    add(scripted, key, {"reply": "x"})
    (folder / "saved").mkdir(exist_ok=True)
    theirs = folder / "saved" / "theirs.yaml"
    theirs.write_text(SCRIPT)
    assert control(scripted, key, "POST", "rules/save", {"name": "theirs"})["error"]["code"] == "file_exists"
    assert theirs.read_text() == SCRIPT


def test_nothing_is_saved_without_a_folder_or_without_rules(
    server: RunningServer, scripted: RunningServer, key: str
) -> None:
    assert control(server, key, "POST", "rules/save", {})["error"]["code"] == "no_folder"
    assert control(scripted, key, "POST", "rules/save", {})["error"]["code"] == "no_rules"


def test_rules_are_written_one_by_one(
    monkeypatch: pytest.MonkeyPatch, scripted: RunningServer, key: str, folder: Path
) -> None:
    for at in range(20):
        add(scripted, key, {"name": f"r{at}", "reply": "word " * 1000})
    written: list[int] = []

    def noting(value: Any, **options: Any) -> str:
        text: str = dump(value, **options)
        written.append(len(text))
        return text

    dump: Any = yaml.dump
    monkeypatch.setattr(yaml, "dump", noting)
    assert control(scripted, key, "POST", "rules/save", {"name": "many"})["rules"] == 20
    assert len(written) == 20
    assert max(written) < 6000
    assert len(load([folder / "saved" / "many.yaml"]).rules) == 20
