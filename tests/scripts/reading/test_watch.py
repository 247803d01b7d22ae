"""Scripts that follow changes of their files."""

import logging
import os
from pathlib import Path

import pytest

from chatdouble.scripts.reading.load import ScriptError
from chatdouble.scripts.reading.watch import Watched


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.at


def write(file: Path, text: str, version: int) -> None:
    file.write_text(text)
    os.utime(file, ns=(version, version))


def first_text(watched: Watched) -> str | None:
    rules = watched.current().rules
    return rules[0].rule.replies()[0].text if rules else None


@pytest.fixture
def clock() -> Hands:
    return Hands()


def test_a_change_applies_after_the_next_check_of_the_files(tmp_path: Path, clock: Hands) -> None:
    file = tmp_path / "s.yaml"
    write(file, "- reply: old", 1)
    watched = Watched([tmp_path], clock)
    write(file, "- reply: new", 2)
    clock.at = 0.4
    assert first_text(watched) == "old"
    clock.at = 0.5
    assert first_text(watched) == "new"


def test_a_change_that_does_not_load_keeps_the_previous_rules_and_is_logged_once(
    tmp_path: Path, clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "s.yaml"
    write(file, "- reply: old", 1)
    watched = Watched([file], clock)
    write(file, "- rply: new", 2)
    with caplog.at_level(logging.INFO):
        for clock.at in (1.0, 2.0, 3.0):
            assert first_text(watched) == "old"
        assert len(caplog.records) == 1
        assert "s.yaml:1:3: rules[0].rply: unknown key; did you mean 'reply'?" in caplog.text
        write(file, "- reply: mended", 3)
        clock.at = 4.0
        assert first_text(watched) == "mended"
    assert "rules now: 1" in caplog.text


def test_added_and_removed_files_are_changes(tmp_path: Path, clock: Hands) -> None:
    write(tmp_path / "b.yaml", "- reply: b", 1)
    watched = Watched([tmp_path], clock)
    write(tmp_path / "a.yaml", "- reply: a", 1)
    clock.at = 1.0
    assert first_text(watched) == "a"
    (tmp_path / "a.yaml").unlink()
    clock.at = 2.0
    assert first_text(watched) == "b"


def test_the_rules_of_a_removed_script_stay(tmp_path: Path, clock: Hands) -> None:
    file = tmp_path / "s.yaml"
    write(file, "- reply: old", 1)
    watched = Watched([file], clock)
    file.unlink()
    clock.at = 1.0
    assert first_text(watched) == "old"


def test_unchanged_files_are_not_loaded_again(tmp_path: Path, clock: Hands) -> None:
    write(tmp_path / "s.yaml", "- reply: a", 1)
    watched = Watched([tmp_path], clock)
    before = watched.current()
    clock.at = 9.0
    assert watched.current() is before


def test_a_reply_of_an_upstream_that_is_not_there_does_not_load(
    tmp_path: Path, clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "s.yaml"
    write(file, "- reply: {upstream: true}", 1)
    with pytest.raises(ScriptError, match=r"s\.yaml:1:11: rules\[0\]\.reply\.upstream: there is no upstream"):
        Watched([file], clock, has_upstream=False)
    write(file, "- reply: old", 2)
    watched = Watched([file], clock, has_upstream=False)
    write(file, "- sequence: [a, {upstream: true}]", 3)
    clock.at = 1.0
    assert first_text(watched) == "old"
    assert "s.yaml:1:18: rules[0].sequence[1].upstream: there is no upstream" in caplog.text


def test_many_files_are_looked_at_when_a_thread_does_so(tmp_path: Path, clock: Hands) -> None:
    for at in range(60):
        write(tmp_path / f"{at:02}.yaml", f"- reply: old {at}", 1)
    watched = Watched([tmp_path], clock)
    write(tmp_path / "00.yaml", "- reply: new", 2)
    clock.at = 0.4
    assert not watched.is_late
    clock.at = 0.5
    assert watched.is_late
    assert first_text(watched) == "old 0"
    watched.look()
    assert not watched.is_late
    assert first_text(watched) == "new"
