"""The comparison with an earlier commit: what is started in which order, and what is made of the results."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from bench.payloads import WHOLE
from bench.process import Spec

from bench import against


def _here(_commit: str) -> Path:
    return Path(__file__).parents[2]


def test_both_are_asked_in_turns_and_the_ratio_is_the_median_of_the_launches(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    spent = iter([(100.0, 50.0), (100.0, 90.0), (300.0, 270.0)])

    def race(specs: Sequence[Spec], load: Any, _plan: Any) -> dict[str, dict[str, float]]:
        if load is not WHOLE:
            return {"before": {"spent": 10.0}, "now": {"spent": 5.0}}
        asked.append([spec.name for spec in specs])
        before, now = next(spent)
        return {"now": {"spent": now}, "before": {"spent": before}}

    def launched(spec: Spec) -> dict[str, float]:
        return {"seconds": 0.5 if spec.name == "now" else 0.25, "idle_mib": 40.0}

    monkeypatch.setattr(against, "race", race)
    monkeypatch.setattr(against, "launched", launched)
    monkeypatch.setattr(against, "checked_out", _here)
    found = against.measure("HEAD", launches=3)
    assert asked == [["before", "now"], ["now", "before"], ["before", "now"]]
    assert found["ratios"]["1 KB, us"] == {"before": 100.0, "now": 90.0, "ratio": 0.9}
    assert found["ratios"]["stream, us"]["ratio"] == 0.5
    assert found["ratios"]["first answer, s"]["ratio"] == 2
    assert found["ratios"]["idle memory, MiB"]["ratio"] == 1


def test_a_server_that_does_not_start_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def race(*_: object) -> dict[str, dict[str, Any]]:
        return {"before": {"failed": "it ended with 1"}, "now": {"spent": 1.0}}

    monkeypatch.setattr(against, "race", race)
    monkeypatch.setattr(against, "checked_out", _here)
    with pytest.raises(RuntimeError, match="before: it ended with 1"):
        against.measure("HEAD", launches=1)


def test_a_commit_ischecked_out_beside_the_benchmark_and_then_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*words: str) -> str:
        given = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.example", *words]
        return subprocess.run(given, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "--quiet")
    commits: list[str] = []
    for text in ("one", "two"):
        (tmp_path / "text").write_text(text, "utf-8")
        git("add", "text")
        git("commit", "--quiet", "--message", text)
        commits.append(git("rev-parse", "HEAD"))
    monkeypatch.setattr(against, "_ROOT", tmp_path)
    monkeypatch.setattr(against, "_BEFORE", tmp_path / ".before")
    assert [(against.checked_out(commit) / "text").read_text("utf-8") for commit in commits] == ["one", "two"]
