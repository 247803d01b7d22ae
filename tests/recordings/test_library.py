"""The rules of a folder follow its files."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chatdouble.recordings.recordings import Library
from chatdouble.scripts.reading.load import Script


def rule(name: str) -> str:
    return f"rules: [{{name: {name}, when: {{user: x}}, reply: y}}]\n"


def names(script: Script | None) -> list[str]:
    assert script is not None
    return [placed.id for placed in script.rules]


@pytest.fixture
def tick() -> Callable[[], float]:
    """Return a clock that is a second later each time."""
    now = 0.0

    def monotonic() -> float:
        nonlocal now
        now += 1
        return now

    return monotonic


def test_files_are_seen_as_they_come_change_and_go(tmp_path: Path, tick: Callable[[], float]) -> None:
    library = Library(tmp_path / "later", tick)
    assert names(library.whole()) == []
    (tmp_path / "later" / "inner").mkdir(parents=True)
    (tmp_path / "later" / "b.yaml").write_text(rule("one"))
    (tmp_path / "later" / "inner" / "a.yaml").write_text(rule("two"))
    assert names(library.whole()) == ["one", "two"]
    (tmp_path / "later" / "b.yaml").write_text(rule("changed"))
    (tmp_path / "later" / "inner" / "a.yaml").unlink()
    assert names(library.whole()) == ["changed"]


def test_nothing_new_is_the_same_script(tmp_path: Path, tick: Callable[[], float]) -> None:
    (tmp_path / "a.yaml").write_text(rule("one"))
    library = Library(tmp_path, tick)
    assert library.whole() is library.whole()


def test_all_files_are_not_looked_at_for_every_request(tmp_path: Path) -> None:
    library = Library(tmp_path, lambda: 7.0)
    assert names(library.whole()) == []
    (tmp_path / "a.yaml").write_text(rule("one"))
    assert names(library.whole()) == []
    assert names(library.of(tmp_path / "a.yaml")) == ["one"]


def test_one_file_is_always_as_it_is_now(tmp_path: Path) -> None:
    library, file = Library(tmp_path, lambda: 7.0), tmp_path / "a.yaml"
    assert library.of(file) is None
    file.write_text(rule("one"))
    assert names(library.of(file)) == ["one"]
    file.write_text(rule("other"))
    os.utime(file, ns=(1, 1))
    assert names(library.of(file)) == ["other"]
    file.unlink()
    assert library.of(file) is None


def test_a_file_that_does_not_load_is_reported_once_and_the_others_stay(
    tmp_path: Path, tick: Callable[[], float], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.yaml").write_text("rules: [{reply: x, wen: {}}]\n")
    (tmp_path / "b.yaml").write_text(rule("good"))
    library = Library(tmp_path, tick)
    assert names(library.whole()) == names(library.whole()) == ["good"]
    (report,) = caplog.messages
    assert f"{tmp_path / 'a.yaml'}:1:" in report
    assert "did you mean 'when'?" in report
