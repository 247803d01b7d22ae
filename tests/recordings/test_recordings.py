"""A folder of recordings: written, found, read."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from chatdouble.recordings.recording import Piece, Recording
from chatdouble.recordings.recordings import Recordings, is_transient
from chatdouble.scripts.reading.load import parse

HEADERS = (("content-type", "application/json"),)
RECORDER = """
import sys
from pathlib import Path
from chatdouble.recordings.recording import Recording, Piece
from chatdouble.recordings.recordings import Recordings

recordings = Recordings(Path(sys.argv[1]))
for number in range(30):
    body = b'{"by": "%d"}' % number
    recordings.save(Recording({"messages": [{"role": "user", "content": f"{number % 5}"}]}, 200, (), (Piece(0, body),)))
"""


def asking(content: str, **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": content}], **more}


def exchanged(request: Any, body: bytes = b"{}", status: int = 200) -> Recording:
    return Recording(request, status, HEADERS, (Piece(0.1, body),))


def bodies(recordings: Recordings) -> list[bytes]:
    """Return the bodies of all recordings."""
    replies = [reply for placed in recordings.all().rules for reply in placed.rule.replies()]
    return [data for reply in replies if reply.recorded for _, data in reply.recorded.pieces()]


def test_a_recording_is_found_by_its_request(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path / "new")
    path = recordings.save(exchanged(asking("hello", seed=1)))
    same = recordings.normalised({"seed": 1.0, "messages": [{"content": "hello", "role": "user"}], "model": "m"})
    assert recordings.path(same) == path
    assert recordings.of(same) is not None
    assert recordings.of(recordings.normalised(asking("hello", seed=2))) is None


def test_one_request_has_one_file_and_the_last_answer_counts(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    first = recordings.save(exchanged(asking("hello"), b'{"a":1}'))
    second = recordings.save(exchanged(asking("hello"), b'{"a":2}'))
    assert first == second
    assert [*tmp_path.iterdir()] == [first]
    assert bodies(recordings) == [b'{"a":2}']


def test_what_is_recorded_again_is_the_same_file_byte_for_byte(tmp_path: Path) -> None:
    path = Recordings(tmp_path).save(exchanged(asking("hello", b=1, a=2)))
    before = path.read_bytes()
    assert Recordings(tmp_path).save(exchanged(asking("hello", a=2, b=1))) == path
    assert path.read_bytes() == before


def test_the_folder_says_what_counts_and_what_is_secret(tmp_path: Path) -> None:
    (tmp_path / "recordings.toml").write_text("ignore = ['seed']\nnormalise = ['dates']\nsecrets = ['hush-\\w+']\n")
    recordings = Recordings(tmp_path)
    path = recordings.save(exchanged(asking("on 2026-01-01 hush-me", seed=1), b'"hush-you"'))
    assert "hush-" not in path.read_text()
    assert recordings.of(recordings.normalised(asking("on 2027-02-03 hush-another", seed=2))) is not None


def test_a_folder_that_says_nonsense_is_refused(tmp_path: Path) -> None:
    (tmp_path / "recordings.toml").write_text("nonsense = 1")
    with pytest.raises(ValueError, match="nonsense"):
        Recordings(tmp_path)


def test_recorders_at_the_same_time_leave_whole_files(tmp_path: Path) -> None:
    recorders = [subprocess.Popen([sys.executable, "-c", RECORDER, str(tmp_path)]) for _ in range(3)]
    recordings = Recordings(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        paths = [*pool.map(recordings.save, [exchanged(asking(f"{number % 5}")) for number in range(40)])]
    assert [recorder.wait(60) for recorder in recorders] == [0, 0, 0]
    assert len(Recordings(tmp_path).all().rules) == len([*tmp_path.iterdir()]) == 10
    assert set(paths) <= {*tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("statuses", "passing"), [((429,), True), ((503, 408), True), ((200,), False), ((429, 401), False)]
)
def test_troubles_that_pass_are_told_from_answers(statuses: tuple[int, ...], passing: bool) -> None:
    rules = [{"reply": {"recorded": {"status": status, "body": "x"}}} for status in statuses]
    assert is_transient(parse(str({"rules": rules}))) is passing


def test_a_rule_of_another_kind_does_not_pass() -> None:
    assert not is_transient(parse("rules: [{reply: {error: 429}}]"))
