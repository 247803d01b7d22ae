"""Files: found, watched, and written whole or not at all."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatdouble.core.files import UNFINISHED, Watcher, files, stamp_of, write_whole
from chatdouble.scripts.reading.load import ScriptError, load
from processes import run

RULE = "rules: [{when: {user: x}, reply: y}]\n"
WRITER = """
import sys
from itertools import count
from pathlib import Path
from chatdouble.core.files import write_whole

rule = "- {when: {user: x}, reply: %s}\\n" % ("y" * 4000)
for number in count():
    write_whole(Path(sys.argv[1]) / f"{number % 3}.yaml", "rules:\\n" + rule * 500)
    print(number, flush=True)
"""


def test_a_file_is_written_with_its_folder_and_readable_by_everyone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "a.yaml"
    write_whole(file, "é\r\n")
    assert file.read_bytes() == "é\r\n".encode()
    assert file.stat().st_mode & 0o777 == 0o644
    assert [*file.parent.iterdir()] == [file]


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    write_whole(file, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(file, "new \ud800")
    assert file.read_text() == "old"
    assert [*tmp_path.iterdir()] == [file]


def test_a_folder_that_cannot_be_created_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        write_whole(tmp_path / "file" / "a.yaml", "x")


LONG = "x" * 300 + ".yaml"


@pytest.mark.parametrize(
    "command",
    [
        ["lint", LONG],
        ["import", "vcr", LONG, "--into", "made"],
        ["serve", "--port", "0", "--scripts", LONG],
        ["serve", "--port", "0", "--mode", "replay", "--recordings", LONG],
        ["rules", "import", LONG],
    ],
    ids=" ".join,
)
def test_a_name_that_no_file_can_have_is_told(command: list[str]) -> None:
    ran = run(*command)
    assert ran.returncode in {1, 2}
    assert "File name too long" in ran.stdout + ran.stderr or "no such folder" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no file without an end")
def test_a_file_without_an_end_is_not_read_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatdouble.core.files._LARGEST", 1024 * 1024)
    endless = tmp_path / "endless.yaml"
    endless.symlink_to("/dev/zero")
    with pytest.raises(ScriptError, match=r"endless\.yaml:1:1: cannot be read: .*larger than 1,048,576 characters"):
        load([endless])


def test_a_file_that_nobody_may_look_at_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.yaml").write_text("- reply: x")

    def look(_path: Path, *, follow_symlinks: bool = True) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "is_file", look)
        assert [*files(tmp_path)] == [tmp_path / "mine.yaml"]
        patched.setattr(Path, "is_dir", look)
        with pytest.raises(ScriptError, match="Permission denied"):
            load([tmp_path / "others.yaml"])


def test_an_unfinished_file_is_not_a_script_file(tmp_path: Path) -> None:
    before, after = UNFINISHED
    (tmp_path / f"{before}x{after}").write_text("rules: [")
    (tmp_path / f"{before}x.yaml").write_text("rules: [")
    assert [*files(tmp_path)] == []


def test_concurrent_writers_leave_the_complete_file_of_one_of_them(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    texts = [f"# {'x' * 100_000}\n{RULE}# {number}\n" for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(write_whole, [file] * len(texts), texts):
            assert file.read_text() in texts
    assert [*tmp_path.iterdir()] == [file]


@pytest.mark.parametrize("after", [1, 2, 5, 9])
def test_a_writer_that_is_killed_leaves_no_broken_file(tmp_path: Path, after: int) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(after):
            assert process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    found = [*files(tmp_path)]
    assert found
    assert len(load([tmp_path]).rules) == 500 * len(found)


def test_a_watcher_notices_files_that_appear_change_or_disappear(tmp_path: Path) -> None:
    now = iter(range(100))
    watcher = Watcher([tmp_path], lambda: next(now))
    assert [watcher.changed(), watcher.changed()] == [True, False]
    file = tmp_path / "a.yaml"
    file.write_text("one")
    assert [watcher.changed(), watcher.changed()] == [True, False]
    os.utime(file, ns=(1, 1))
    assert [watcher.changed(), watcher.changed()] == [True, False]
    (tmp_path / "notes.txt").write_text("not a script file")
    assert not watcher.changed()
    file.unlink()
    assert [watcher.changed(), watcher.changed()] == [True, False]


def test_a_watcher_looks_no_more_often_than_it_should(tmp_path: Path) -> None:
    times = [0.0, 0.4, 0.5, 0.5]
    watcher = Watcher([tmp_path / "a.yaml"], lambda: times.pop(0), every=0.5)
    watcher.changed()
    (tmp_path / "a.yaml").write_text("new")
    assert [watcher.changed(), watcher.changed()] == [False, True]


def test_a_missing_file_has_no_stamp(tmp_path: Path) -> None:
    assert stamp_of(tmp_path / "missing") is None
