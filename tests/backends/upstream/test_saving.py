"""Recordings of streams are written while the client goes on; what needs them waits for them."""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from chatdouble.core.files import write_whole
from processes import is_open, serving_alone
from raw import ask, chat
from threads import by_pool
from upstreams import (
    DONE,
    HELLO,
    PATH,
    REQUEST,
    SAYS_JSON,
    STREAM,
    Responder,
    recording,
    recording_names,
    streaming,
    upstream,
)


def held_until(monkeypatch: pytest.MonkeyPatch, wait: Callable[[], Any]) -> None:
    """Have recordings wait for something before they are written."""

    def write(path: Path, text: str, *, sync: bool) -> None:
        wait()
        write_whole(path, text, sync=sync)

    monkeypatch.setattr("chatdouble.recordings.recordings.write_whole", write)


@pytest.mark.parametrize("mode", ["record", "rerecord"])
def test_the_client_gets_the_end_of_a_stream_while_its_recording_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mode: str
) -> None:
    written = threading.Event()
    held_until(monkeypatch, lambda: written.wait(30))
    with recording(tmp_path, streaming(*HELLO), mode) as (_, served):
        assert chat(served.origin, stream=True).body == b"".join(HELLO)
        assert recording_names(tmp_path) == []
        written.set()
    assert len(recording_names(tmp_path)) == 1


def test_the_same_request_waits_for_the_recording_under_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written = threading.Event()
    held_until(monkeypatch, lambda: written.wait(30))
    with recording(tmp_path, streaming(*HELLO)) as (above, served), ThreadPoolExecutor(2) as pool:
        body = REQUEST.replace(b"}]}", b'}], "stream": true}')
        ask(served.origin, "POST", PATH, body, {**SAYS_JSON, "authorization": "Bearer sk-another"})
        replayed = [
            pool.submit(ask, served.origin, "POST", PATH, body, {**SAYS_JSON, "x-double-mode": mode})
            for mode in ("record", "replay")
        ]
        assert chat(served.origin, messages=[{"role": "user", "content": "Another"}], stream=True).status == 200
        assert not any(answer.done() for answer in replayed)
        written.set()
        assert [answer.result().body for answer in replayed] == [b"".join(HELLO)] * 2
    assert len(above.received) == 2


def test_a_server_that_stops_writes_the_recordings_under_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stops: list[Callable[[], bool]] = []

    def wait() -> None:
        while not stops[0]():
            time.sleep(0.01)

    held_until(monkeypatch, wait)
    with recording(tmp_path, streaming(*HELLO)) as (_, served):
        stops.append(lambda: served.app.shutdown.begun)
        chat(served.origin, stream=True)
    assert len(recording_names(tmp_path)) == 1


def test_a_stream_that_cannot_be_written_is_one_line_of_the_log_and_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OSError(28, "No space left on device", "a file")

    held_until(monkeypatch, fail)
    with recording(tmp_path, streaming(*HELLO)) as (above, served):
        assert [chat(served.origin, stream=True).body for _ in range(2)] == [b"".join(HELLO)] * 2
    journal = asyncio.run(served.app.journal.entries("sk-test"))
    assert [entry.get("not_recorded") for entry in journal] == ["No space left on device: a file"] * 2
    assert [line for line in caplog.messages if "No space" in line] == [
        "passed an answer on without recording it: No space left on device: a file"
    ] * 2
    assert len(above.received) == 2


def test_what_a_stream_sends_after_its_end_is_in_the_recording_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun, written = threading.Event(), threading.Event()

    async def behave(answer: Responder) -> None:
        await answer.head(200, STREAM)
        await answer.piece(DONE)
        await asyncio.to_thread(begun.wait, 30)
        await answer.piece(b": more\n\n")
        await answer.piece(b"", more=False)

    def begin() -> None:
        begun.set()
        written.wait(30)

    held_until(monkeypatch, begin)
    with recording(tmp_path, behave) as (above, served):
        assert chat(served.origin, stream=True).body == DONE + b": more\n\n"
        written.set()
        assert chat(served.origin, "sk-another", stream=True).body == DONE + b": more\n\n"
    assert len(above.received) == 1


def test_the_recording_of_a_stream_is_read_before_a_request_needs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    by_threads = by_pool(monkeypatch, "chatdouble.recordings.folder.load")
    with recording(tmp_path, streaming(*HELLO)) as (above, served):
        chat(served.origin, stream=True)
        assert chat(served.origin, "sk-another", stream=True).body == b"".join(HELLO)
    assert by_threads == [True]
    assert len(above.received) == 1


SLOW_DISK = """
import time
import chatdouble.recordings.recordings
from chatdouble_backends.upstream import make

def wait(*_, **__):
    time.sleep(600)

chatdouble.recordings.recordings.write_whole = wait
"""


@pytest.mark.parametrize(("signals", "timeout"), [(2, "600"), (1, "0")])
def test_recordings_that_a_stop_does_not_wait_for_are_counted_in_one_line(
    tmp_path: Path, signals: int, timeout: str
) -> None:
    (tmp_path / "slow_disk.py").write_text(SLOW_DISK)
    path = os.pathsep.join((str(tmp_path), *filter(None, sys.path)))
    with upstream(streaming(*HELLO)) as above:
        flags = ["--upstream", above.base_url, "--mode", "record", "--recordings", str(tmp_path / "recordings")]
        with serving_alone(
            *flags, "--backend", "slow_disk:make", "--shutdown-timeout", timeout, PYTHONPATH=path
        ) as served:
            for text in "One", "Two":
                chat(served.origin, messages=[{"role": "user", "content": text}], stream=True)
            for _ in range(signals):
                served.process.send_signal(signal.SIGTERM)
                while is_open(served.origin):
                    pass
            assert served.process.wait(60) == -signal.SIGTERM
            assert served.process.stdout
            lines = served.process.stdout.read().splitlines()
    told = [line for line in lines if "recordings" in line]
    assert [line.partition("WARNING ")[2] for line in told] == [
        "recordings under way when the server stopped, and lost: 2"
    ]
