"""`chatdouble record` and `chatdouble replay`, with the official client as the command and a second server upstream."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from socket import AF_UNIX, socket

import pytest

import warm
from chatdouble.core.files import why_unwritable
from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from commands import run as command_here
from processes import CHATDOUBLE, chatdouble, environment, run

ASK = """
import sys
from openai import OpenAI
client = OpenAI(max_retries=0)
for text in sys.argv[1:]:
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}
    print(client.chat.completions.create(**asked).choices[0].message.content)
    chunks = client.chat.completions.create(**asked, stream=True)
    print("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices))
"""
SEND = """
import json, os, sys, urllib.request
head = {"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}", "Content-Type": "application/json"}
for text in sys.argv[1:]:
    for stream in False, True:
        asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": text}], "stream": stream}
        place = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
        print(urllib.request.urlopen(urllib.request.Request(place, json.dumps(asked).encode(), head)).read())
"""
KEY = "sk-planted-0123456789abcdef"


@pytest.fixture(scope="module")
def upstream() -> Iterator[RunningServer]:
    """Return a server that stands for the real API."""
    with running() as served:
        yield served


def guarded_by(key: str) -> AbstractContextManager[RunningServer]:
    """Return a server that stands for the real API and wants a key."""
    return running(Settings.model_validate({"api_keys": [key]}))


def asking(*texts: str) -> tuple[str, ...]:
    """Return a command that sends each text twice through the official client, the second time streamed."""
    return *warm.python(), "-c", ASK, *texts


def sending(*texts: str) -> tuple[str, ...]:
    """Return a command that sends each text as `asking` does, without a client, which takes long to import."""
    return sys.executable, "-c", SEND, *texts


def record(upstream: RunningServer, folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command with `chatdouble record`."""
    return run(*recording(upstream, folder), *command, **{"OPENAI_API_KEY": KEY, **variables})


def record_here(upstream: RunningServer, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command with `chatdouble record` in this process, which sees its exit code and not its output."""
    return command_here(*recording(upstream, folder), *command, OPENAI_API_KEY=KEY)


def recording(upstream: RunningServer, folder: Path) -> tuple[str, ...]:
    """Return the beginning of `chatdouble record`, up to the command."""
    return "record", "--upstream", upstream.base_url, "--recordings", str(folder), "--"


def _denied(*_: object) -> bool:
    return False


def test_the_requests_of_a_command_are_recorded_and_reported(upstream: RunningServer, tmp_path: Path) -> None:
    done = record(upstream, tmp_path / "made", *asking("Hello!"))
    assert (done.returncode, done.stdout) == (0, "Hello!\nHello!\n")
    files = sorted((tmp_path / "made").iterdir())
    new = [line.split() for line in done.stderr.splitlines() if line.startswith("new")]
    assert sorted(new) == [["new", str(file)] for file in files]
    assert len(files) == 2
    assert done.stderr.splitlines()[-1] == "recorded: 2 new, 0 changed, 0 unchanged"


def test_the_key_reaches_the_upstream_and_no_file(tmp_path: Path) -> None:
    with guarded_by(KEY) as guarded:
        done = record_here(guarded, tmp_path, *sending("Hello!"))
    assert done.returncode == 0, done.stderr
    assert len([*tmp_path.iterdir()]) == 2
    assert not any(KEY in file.read_text() for file in tmp_path.iterdir())


def test_an_upstream_key_replaces_the_commands_own(tmp_path: Path) -> None:
    with guarded_by(KEY) as guarded:
        done = record(guarded, tmp_path, *asking("Hello!"), OPENAI_API_KEY="sk-other", CHATDOUBLE_UPSTREAM_KEY=KEY)
    assert (done.returncode, done.stdout) == (0, "Hello!\nHello!\n")


def test_existing_recordings_stay_unchanged_unless_rerecorded(upstream: RunningServer, tmp_path: Path) -> None:
    record_here(upstream, tmp_path, *sending("Hello!"))
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    again = record_here(upstream, tmp_path, *sending("Hello!", "More"))
    assert again.stderr.splitlines()[-1] == "recorded: 2 new, 0 changed, 2 unchanged"
    assert {file: file.read_bytes() for file in before} == before
    into = ("record", "--upstream", upstream.base_url, "--recordings", str(tmp_path), "--rerecord")
    anew = command_here(*into, *sending("Hello!"), OPENAI_API_KEY=KEY)
    assert anew.stderr.splitlines()[-1] == "recorded: 0 new, 2 changed, 2 unchanged"


@pytest.mark.parametrize("code", [0, 1, 5, 127])
def test_the_exit_code_is_the_commands(upstream: RunningServer, tmp_path: Path, code: int) -> None:
    assert record_here(upstream, tmp_path, sys.executable, "-c", f"raise SystemExit({code})").returncode == code


def test_a_command_that_a_signal_ends_has_the_exit_code_of_a_shell(upstream: RunningServer, tmp_path: Path) -> None:
    done = record_here(upstream, tmp_path, sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    assert done.returncode == 128 + signal.SIGKILL


def test_a_signal_is_forwarded_and_the_recordings_are_still_reported(upstream: RunningServer, tmp_path: Path) -> None:
    waiting = "import signal; print('ready', flush=True); signal.pause()"
    command = [
        "record",
        "--upstream",
        upstream.base_url,
        "--recordings",
        str(tmp_path),
        "--",
        sys.executable,
        "-c",
        waiting,
    ]
    with subprocess.Popen(
        [*CHATDOUBLE, *command], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert "recorded: 0 new" in told


def test_a_missing_command_is_reported_in_one_line(upstream: RunningServer, tmp_path: Path) -> None:
    done = record_here(upstream, tmp_path, "no-such-command-anywhere")
    assert done.returncode == 127
    assert done.stderr == "chatdouble: no-such-command-anywhere: No such file or directory\n"


def test_a_command_that_is_not_executable_is_reported_in_one_line(upstream: RunningServer, tmp_path: Path) -> None:
    file = tmp_path / "notes"
    file.write_text("nothing to run")
    done = record_here(upstream, tmp_path / "made", str(file))
    assert done.returncode == 126
    assert done.stderr == f"chatdouble: {file}: Permission denied\n"


def test_a_missing_upstream_is_reported_in_one_line(tmp_path: Path) -> None:
    done = command_here("record", "--recordings", str(tmp_path), "--", "true")
    assert done.returncode == 2
    assert done.stderr == "chatdouble: record needs --upstream URL, such as https://api.openai.com/v1\n"


def test_a_folder_that_cannot_be_written_is_reported_before_the_command_runs(
    upstream: RunningServer, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    ran = tmp_path / "ran"
    done = record_here(upstream, tmp_path / "file", "touch", str(ran))
    assert (done.returncode, done.stderr) == (
        2,
        f"chatdouble: recordings: cannot be written: {tmp_path / 'file'}: Not a directory\n",
    )
    assert not ran.exists()


def test_a_folder_without_permission_cannot_be_written_nor_one_to_be_made_in_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert why_unwritable(tmp_path / "to" / "make") is None
    monkeypatch.setattr(os, "access", _denied)  # the tests may run as root, who may write anywhere
    assert why_unwritable(tmp_path / "to" / "make") == f"{tmp_path}: Permission denied"


def test_recordings_that_could_not_be_written_are_counted_and_the_exit_code_says_so(
    upstream: RunningServer, tmp_path: Path
) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    gone = f"import os; os.rmdir({str(folder)!r}); os.symlink('/dev/null', {str(folder)!r})\n{SEND}"
    done = record_here(upstream, folder, sys.executable, "-c", gone, "Hello!")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "chatdouble: recordings that could not be written: 2"


def test_recordings_that_cannot_be_read_are_reported_in_one_line(
    upstream: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket may have a hundred characters
    with socket(AF_UNIX) as listener:
        listener.bind("s.yaml")
        done = record_here(upstream, Path("s.yaml"), "true")
    assert (done.returncode, done.stderr[:24]) == (2, "chatdouble: recordings: ")
    assert len(done.stderr.splitlines()) == 1


def test_an_invalid_upstream_is_reported_in_one_line(tmp_path: Path) -> None:
    done = command_here("record", "--upstream", "nowhere", "--recordings", str(tmp_path), "--", "true")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_a_command_without_a_key_gets_a_placeholder(upstream: RunningServer, tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import os; print(os.environ['OPENAI_API_KEY'], os.environ['OPENAI_API_BASE'])")
    into = ("record", "--upstream", upstream.base_url, "--recordings", str(tmp_path), "--", *command)
    variables = {name: value for name, value in environment().items() if name != "OPENAI_API_KEY"}
    done = subprocess.run([*chatdouble(), *into], env=variables, capture_output=True, text=True, timeout=60, check=True)
    key, address = done.stdout.split()
    assert key == "sk-chatdouble"
    assert address.startswith("http://127.0.0.1:")


SAMPLE = """
from openai import OpenAI
client = OpenAI(max_retries=0)
for _ in range(3):
    print(client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello!"}]).id)
"""


def test_the_answers_to_a_repeated_request_are_recorded_and_replayed_in_order(tmp_path: Path) -> None:
    sample = (*warm.python(), "-c", SAMPLE)
    with running() as fresh:
        recorded = record(fresh, tmp_path, *sample)
    assert len(set(recorded.stdout.split())) == 3
    assert recorded.stderr.splitlines()[-1] == "recorded: 1 new, 0 changed, 0 unchanged"
    replayed = run("replay", "--recordings", str(tmp_path), "--", *sample, OPENAI_API_KEY=KEY)
    assert replayed.stdout == recorded.stdout


@pytest.mark.parametrize("variables", [{}, {"OPENAI_API_KEY": ""}])
def test_without_a_key_an_upstream_that_wants_one_is_reported_before_the_command_runs(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    command = (sys.executable, "-c", "print('ran')")
    environ = {name: value for name, value in environment().items() if "API_KEY" not in name} | variables
    with guarded_by(KEY) as guarded:
        into = ("record", "--upstream", guarded.base_url, "--recordings", str(tmp_path), "--", *command)
        done = subprocess.run(
            [*chatdouble(), *into], env=environ, capture_output=True, text=True, timeout=60, check=False
        )
        given = [*into[:5], "--upstream-key", KEY, *into[5:]]
        with_key = subprocess.run(
            [*chatdouble(), *given], env=environ, capture_output=True, text=True, timeout=60, check=False
        )
    wanted = "wants an API key, and there is none: set OPENAI_API_KEY, or give --upstream-key"
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"chatdouble: the upstream {guarded.base_url} {wanted}\n",
    )
    assert (with_key.returncode, with_key.stdout) == (0, "ran\n")
    assert [*tmp_path.iterdir()] == []


def test_a_wrong_key_is_reported_at_once_and_nothing_is_recorded(tmp_path: Path) -> None:
    with guarded_by("sk-another") as guarded:
        done = record_here(guarded, tmp_path, *sending("Hello!"))
    assert done.returncode == 1
    assert "passed an answer on without recording it: the upstream refused the key (401)" in done.stderr
    assert done.stderr.splitlines()[-1] == "recorded: 0 new, 0 changed, 0 unchanged"
    assert [*tmp_path.iterdir()] == []


def test_replay_answers_from_recordings_only(upstream: RunningServer, tmp_path: Path) -> None:
    recorded = record(upstream, tmp_path, *sending("Hello!"))
    replayed = run("replay", "--recordings", str(tmp_path), "--", *sending("Hello!"), OPENAI_API_KEY=KEY)
    assert (replayed.returncode, replayed.stdout) == (0, recorded.stdout)


def test_replay_answers_a_request_without_a_recording_with_404(upstream: RunningServer, tmp_path: Path) -> None:
    record_here(upstream, tmp_path, *sending("Hello!"))
    replayed = run("replay", "--recordings", str(tmp_path), "--", *asking("Goodbye!"), OPENAI_API_KEY=KEY)
    assert replayed.returncode == 1
    assert "NotFoundError" in replayed.stderr


def test_replay_without_recordings_is_reported_in_one_line(tmp_path: Path) -> None:
    done = command_here("replay", "--recordings", str(tmp_path / "none"), "--", "true")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
