"""The benchmark runs and finds numbers; which ones is not tested here."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from parts import long

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads what Linux says of processes")
def test_it_measures_requests_streams_crowds_and_starts(tmp_path: Path) -> None:
    written = tmp_path / "results.json"
    measured = ("1 KB", "stream", "crowds", "starts")
    only = [word for name in measured for word in ("--only", name)]
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", *only, "--output", written],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "| chatdouble |" in done.stdout
    results = json.loads(written.read_text("utf-8"))
    assert results["1 KB"]["chatdouble"]["per_second"] > 0
    assert results["1 KB"]["chatdouble"]["refused"] == results["1 KB"]["chatdouble"]["errors"] == 0
    assert results["stream"]["chatdouble"]["chunks_per_second"] > results["stream"]["chatdouble"]["per_second"]
    assert results["starts"]["chatdouble"]["idle_mib"] > 0
    (crowd,) = results["crowds"].values()
    assert crowd["chatdouble"]["errors"] == 0
    assert crowd["chatdouble"]["ended"] == 5
    (run,) = map(json.loads, (tmp_path / "history.jsonl").read_text("utf-8").splitlines())
    assert run["targets"] == {one["target"]: one["is"] for one in results["targets"]}


@long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads what Linux says of processes")
def test_it_sends_random_requests_in_each_mode(tmp_path: Path) -> None:
    written = tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--only", "fuzzed", "--output", written],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'tests'}:{os.environ.get('PYTHONPATH', '')}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(written.read_text("utf-8"))["fuzzed"]
    assert {"strict", "off", "replay", "record", "passthrough", "keys"} <= found.keys()
    for mode in found.values():
        assert mode["requests"] == 20
        assert mode["wrong"] == []
        assert mode["waited"] > 0
