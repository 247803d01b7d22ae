"""A folder of recordings: written, found, read, and read again when its files change."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from chatdouble.recordings.folder import Library
from chatdouble.recordings.recording import Piece, Recording
from chatdouble.recordings.recordings import Recordings
from chatdouble.scripts.reading.load import Script

HEADERS = (("content-type", "application/json"),)
RECORDER = """
import sys
from pathlib import Path
from chatdouble.recordings.recording import Piece, Recording
from chatdouble.recordings.recordings import Recordings

recordings = Recordings(Path(sys.argv[1]))
for number in range(30):
    body = b'{"by": "%d"}' % number
    recordings.save(Recording({"messages": [{"role": "user", "content": f"{number % 5}"}]}, 200, (), (Piece(0, body),)))
"""


def request(content: str, **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": content}], **more}


def recording(request: Any, body: bytes = b"{}", status: int = 200) -> Recording:
    return Recording(request, status, HEADERS, (Piece(0.1, body),))


def bodies(recordings: Recordings) -> list[bytes]:
    """Return the bodies of all recordings."""
    replies = [reply for placed in recordings.all().rules for reply in placed.rule.replies()]
    return [data for reply in replies if reply.recorded for _, data in reply.recorded.pieces()]


def test_a_recording_is_found_by_its_request(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path / "new")
    path = recordings.save(recording(request("hello", seed=1)))
    same = recordings.normalised({"seed": 1.0, "messages": [{"content": "hello", "role": "user"}], "model": "m"})
    assert recordings.path(same) == path
    assert recordings.at(path) is not None
    assert recordings.at(recordings.path(recordings.normalised(request("hello", seed=2)))) is None


def test_a_request_has_one_file_with_its_latest_answer(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    first = recordings.save(recording(request("hello"), b'{"a":1}'))
    second = recordings.save(recording(request("hello"), b'{"a":2}'))
    assert first == second
    assert [*tmp_path.iterdir()] == [first]
    assert bodies(recordings) == [b'{"a":2}']


def test_recording_the_same_answer_again_writes_the_same_bytes(tmp_path: Path) -> None:
    path = Recordings(tmp_path).save(recording(request("hello", b=1, a=2)))
    before = path.read_bytes()
    assert Recordings(tmp_path).save(recording(request("hello", a=2, b=1))) == path
    assert path.read_bytes() == before


def test_the_folders_configuration_applies_to_its_recordings(tmp_path: Path) -> None:
    (tmp_path / "recordings.toml").write_text("ignore = ['seed']\nnormalise = ['dates']\nsecrets = ['hush-\\w+']\n")
    recordings = Recordings(tmp_path)
    path = recordings.save(recording(request("on 2026-01-01 hush-me", seed=1), b'"hush-you"'))
    assert "hush-" not in path.read_text()
    assert recordings.path(recordings.normalised(request("on 2027-02-03 hush-another", seed=2))) == path
    assert recordings.at(path) is not None


def test_a_folder_with_an_invalid_configuration_is_refused(tmp_path: Path) -> None:
    (tmp_path / "recordings.toml").write_text("nonsense = 1")
    with pytest.raises(ValueError, match="nonsense"):
        Recordings(tmp_path)


def test_concurrent_recorders_leave_complete_files(tmp_path: Path) -> None:
    recorders = [subprocess.Popen([sys.executable, "-c", RECORDER, str(tmp_path)]) for _ in range(3)]
    recordings = Recordings(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        paths = [*pool.map(recordings.save, [recording(request(f"{number % 5}")) for number in range(40)])]
    assert [recorder.wait(60) for recorder in recorders] == [0, 0, 0]
    assert len(Recordings(tmp_path).all().rules) == len([*tmp_path.iterdir()]) == 10
    assert set(paths) <= {*tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("statuses", "indices"), [((429,), [None]), ((503, 408), [None, None]), ((200,), [0]), ((429, 404), [None, 1])]
)
def test_an_answer_with_a_status_that_sdks_retry_is_still_to_be_recorded(
    tmp_path: Path, statuses: tuple[int, ...], indices: list[int | None]
) -> None:
    recordings = Recordings(tmp_path)
    paths = [recordings.save(recording(request("x"), b"{}", status), (), at) for at, status in enumerate(statuses)]
    assert [recordings.index_of(paths[0], at) for at in range(len(statuses) + 1)] == [*indices, None]


def test_answers_are_in_the_order_of_requests_whichever_is_complete_first(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    for position in (2, 0, 1):
        recordings.save(recording(request("x"), b"%d" % position), (), position, renew=False)
    assert bodies(Recordings(tmp_path)) == [b"0", b"1", b"2"]
    recordings.save(recording(request("x"), b"3"), (), 3, renew=False)
    Recordings(tmp_path).save(recording(request("x"), b"4"), (), 4, renew=False)
    assert bodies(Recordings(tmp_path)) == [b"0", b"1", b"2", b"3", b"4"]


def test_an_answer_is_missing_until_it_is_recorded(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    path = recordings.save(recording(request("x"), b"2"), (), 2, renew=False)
    assert [recordings.index_of(path, position) for position in range(4)] == [None, None, 0, None]


def test_what_was_edited_by_hand_stays_when_an_answer_is_added(tmp_path: Path) -> None:
    path = Recordings(tmp_path).save(recording(request("x"), b'{"a":1}'))
    path.write_text(path.read_text().replace("  reply:", "  note: mine\n  times: 9\n  reply:"))
    Recordings(tmp_path).save(recording(request("x"), b'{"a":2}'), (), 1, renew=False)
    text = path.read_text()
    assert "note: mine" in text
    assert "times: 9" in text
    assert bodies(Recordings(tmp_path)) == [b'{"a":1}', b'{"a":2}']


@pytest.mark.parametrize("end", ["loop", "unmatched"])
def test_the_folder_says_how_its_sequences_end_unless_a_file_does(tmp_path: Path, end: str) -> None:
    (tmp_path / "recordings.toml").write_text(f"then = '{end}'")
    (tmp_path / "own.yaml").write_text("- {when: {user: y}, sequence: [a, b]}")
    recordings = Recordings(tmp_path)
    for position in (0, 1):
        recordings.save(recording(request("x")), (), position, renew=False)
        path = recordings.save(recording(request("z")), (), position, renew=False)
    path.write_text(path.read_text() + "  then: stay\n")
    recordings.save(recording(request("single")))
    ends = {placed.id: placed.rule.then for placed in recordings.all().rules}
    assert {name.split("-")[1]: then for name, then in ends.items() if name.startswith("m-")} == {
        "x": end,
        "z": "stay",
        "single": end,
    }
    assert ends["rule 1"] == "stay"


def rule(name: str) -> str:
    return f"rules: [{{name: {name}, when: {{user: x}}, reply: y}}]\n"


def names(script: Script | None) -> list[str]:
    assert script is not None
    return [placed.id for placed in script.rules]


@pytest.fixture
def tick() -> Callable[[], float]:
    """Return a clock that moves on by a second at each reading."""
    now = 0.0

    def monotonic() -> float:
        nonlocal now
        now += 1
        return now

    return monotonic


def test_files_are_noticed_when_they_appear_change_or_disappear(tmp_path: Path, tick: Callable[[], float]) -> None:
    library = Library(tmp_path / "later", tick)
    assert names(library.whole()) == []
    (tmp_path / "later" / "inner").mkdir(parents=True)
    (tmp_path / "later" / "b.yaml").write_text(rule("one"))
    (tmp_path / "later" / "inner" / "a.yaml").write_text(rule("two"))
    assert names(library.whole()) == ["one", "two"]
    (tmp_path / "later" / "b.yaml").write_text(rule("changed"))
    (tmp_path / "later" / "inner" / "a.yaml").unlink()
    assert names(library.whole()) == ["changed"]


def test_without_changes_the_script_is_the_same_object(tmp_path: Path, tick: Callable[[], float]) -> None:
    (tmp_path / "a.yaml").write_text(rule("one"))
    library = Library(tmp_path, tick)
    assert library.whole() is library.whole()


def test_the_folder_is_not_searched_for_every_request(tmp_path: Path) -> None:
    library = Library(tmp_path, lambda: 7.0)
    assert names(library.whole()) == []
    (tmp_path / "a.yaml").write_text(rule("one"))
    assert names(library.whole()) == []
    assert names(library.of(tmp_path / "a.yaml")) == ["one"]


def test_a_single_file_is_always_up_to_date(tmp_path: Path) -> None:
    library, file = Library(tmp_path, lambda: 7.0), tmp_path / "a.yaml"
    assert library.of(file) is None
    file.write_text(rule("one"))
    assert names(library.of(file)) == ["one"]
    file.write_text(rule("other"))
    os.utime(file, ns=(1, 1))
    assert names(library.of(file)) == ["other"]
    file.unlink()
    assert library.of(file) is None


def test_a_file_that_does_not_load_is_logged_once_and_the_others_are_used(
    tmp_path: Path, tick: Callable[[], float], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.yaml").write_text("rules: [{reply: x, wen: {}}]\n")
    (tmp_path / "b.yaml").write_text(rule("good"))
    library = Library(tmp_path, tick)
    assert names(library.whole()) == names(library.whole()) == ["good"]
    (report,) = caplog.messages
    assert f"{tmp_path / 'a.yaml'}:1:" in report
    assert "did you mean 'when'?" in report
