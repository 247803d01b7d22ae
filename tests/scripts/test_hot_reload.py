"""Counts and sequence positions survive every change of the files around their rules."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from calls import services
from chatdouble.scripts.reading.watch import Watched
from chatdouble_backends.scripted import Scripted
from scripting import echoing, said
from threads import by_pool

SEQUENCE = "- {when: {user: Hello}, sequence: [one, two, three]}\n"
ONCE = "- {when: {user: Hello}, times: 1, reply: once}\n"
UNRELATED = "- {when: {user: other}, reply: other}\n"


def change(file: Path, text: str) -> None:
    file.write_text(text)
    os.utime(file, ns=(len(text), len(text)))


def added_above(folder: Path) -> None:
    change(folder / "m.yaml", UNRELATED + ONCE + SEQUENCE)


def earlier_file(folder: Path) -> None:
    change(folder / "a.yaml", UNRELATED * 2)


def reordered(folder: Path) -> None:
    change(folder / "m.yaml", UNRELATED.replace("other", "else") + ONCE + SEQUENCE + UNRELATED)


@pytest.mark.parametrize("edit", [added_above, earlier_file, reordered])
async def test_a_sequence_goes_on_where_it_was(tmp_path: Path, edit: Callable[[Path], None]) -> None:
    now = 0.0
    (tmp_path / "m.yaml").write_text(ONCE + SEQUENCE)
    watched = Watched([tmp_path], lambda: now)
    backend, shared = Scripted(watched.current, echoing), services()
    assert [await said(backend, shared=shared) for _ in range(2)] == ["once", "one"]
    edit(tmp_path)
    now = 9.0
    assert [await said(backend, shared=shared) for _ in range(2)] == ["two", "three"]


async def test_a_thread_reads_many_files_before_a_request_is_answered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for at in range(60):
        (tmp_path / f"{at:02}.yaml").write_text(f"- {{when: {{user: word {at}}}, reply: old}}")
    now = [0.0]
    watched = Watched([tmp_path], lambda: now[0])
    backend = Scripted(watched.current, echoing, files=watched)
    (tmp_path / "05.yaml").write_text("- {when: {user: word 5}, reply: changed}")
    looked = by_pool(monkeypatch, "chatdouble.core.files.stamp_of")
    compiled = by_pool(monkeypatch, "chatdouble_backends.scripted.index_of")
    assert await said(backend, messages="word 5") == "old"
    now[0] = 1.0
    assert await said(backend, messages="word 5") == "changed"
    assert looked == [True] * 60
    assert compiled == [True]
