"""Large requests that are recorded and replayed: the thread that serves neither searches nor reads them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chatdouble.core.sse import Frame, Reader
from chatdouble.recordings.in_parts import windows
from chatdouble.recordings.to_yaml import FileDumper
from chatdouble.scripts.reading.source import Loader
from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import chat, control
from threads import by_pool
from upstreams import DONE, chunk, recording, streaming, upstream

LARGE: Any = [{"role": "user", "content": "hello there " * 30_000}]


def test_a_thread_cleans_a_large_request_and_reads_its_recording(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, server: RunningServer, key: str, tmp_path: Path
) -> None:
    cleaned = by_pool(monkeypatch, "chatdouble_backends.upstream.recordable")
    loaded = by_pool(monkeypatch, "chatdouble.recordings.folder.load")
    with serve(upstream=server.base_url, mode="record", recordings=tmp_path) as served:
        answers = [chat(served.origin, f"{key}-{at}", messages=LARGE, model="gpt-4.1").status for at in range(2)]
    assert loaded == [True]
    with serve(mode="replay", recordings=tmp_path) as served:
        answers.append(chat(served.origin, key, messages=LARGE, model="gpt-4.1").status)
    assert answers == [200, 200, 200]
    assert cleaned == [True] * 3


def test_threads_look_at_the_folder_and_read_the_certificates(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, server: RunningServer, key: str, tmp_path: Path
) -> None:
    opened = by_pool(monkeypatch, "chatdouble_backends.upstream.client.UpstreamClient._open")
    with serve(upstream=server.base_url, mode="record", recordings=tmp_path) as served:
        monkeypatch.setattr("chatdouble.core.files.Watcher.is_due", True)
        looked = by_pool(monkeypatch, "chatdouble.core.files.files_below")
        questions = [[{"role": "user", "content": f"question {at}"}] for at in range(3)]
        answers = [chat(served.origin, key, messages=question).status for question in questions]
    assert answers == [200, 200, 200]
    assert looked
    assert all(looked)
    assert opened == [True]


def test_a_large_request_is_searched_for_secrets_in_parts(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, server: RunningServer, key: str, tmp_path: Path
) -> None:
    searched: list[int] = []

    def noting(text: str) -> Iterator[str]:
        for window in windows(text):
            searched.append(len(window))
            yield window

    monkeypatch.setattr("chatdouble.recordings.redaction.windows", noting)
    with serve(upstream=server.base_url, mode="record", recordings=tmp_path) as served:
        assert chat(served.origin, key, messages=LARGE, model="gpt-4.1").status == 200
    assert 100_000 < max(searched) < 200_000


def test_what_could_not_be_read_again_is_not_recorded(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, server: RunningServer, key: str, tmp_path: Path
) -> None:
    monkeypatch.setattr("chatdouble.recordings.recordings._MOST_VALUES", 100)
    with serve(upstream=server.base_url, mode="record", recordings=tmp_path) as served:
        asked = [{"role": "user", "content": "hello"}] * 100
        assert chat(served.origin, key, messages=asked).status == 200
        (entry,) = control(served, key, "GET", "requests")["data"]
    assert entry["not_recorded"] == "it has more than 100 values"
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_stream_of_blank_lines_is_not_parted_into_frames(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, key: str, tmp_path: Path, end: str
) -> None:
    parted: list[bytes] = []
    feed = Reader.feed

    def noting(reader: Reader, data: bytes) -> list[Frame]:
        parted.append(data)
        return feed(reader, data)

    monkeypatch.setattr("chatdouble.recordings.recordings._MOST_VALUES", 1000)
    monkeypatch.setattr(Reader, "feed", noting)
    with (
        upstream(streaming(end.encode() * 4000, DONE)) as above,
        serve(upstream=above.base_url, mode="record", recordings=tmp_path) as served,
    ):
        assert chat(served.origin, key, stream=True).status == 200
        parted.clear()
        (entry,) = control(served, key, "GET", "requests")["data"]
    assert entry["not_recorded"] == "it has more than 1,000 values"
    assert [data for data in parted if data.count(end.encode()) > 1000] == []
    assert [*tmp_path.iterdir()] == []


def scalar_size(node: Any) -> int:
    """Return the size of a node's text."""
    return len(node.value)


def test_a_long_text_is_written_and_read_in_steps(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, tmp_path: Path
) -> None:
    sizes: list[int] = []

    def noting(function: Callable[[Any, Any], Any], size: Callable[[Any], int]) -> Callable[[Any, Any], Any]:
        def noted(this: Any, given: Any) -> Any:
            sizes.append(size(given))
            return function(this, given)

        return noted

    representers: dict[Any, Any] = FileDumper.yaml_representers
    monkeypatch.setitem(representers, str, noting(FileDumper.represent_text, len))
    monkeypatch.setattr(Loader, "construct_scalar", noting(Loader.construct_scalar, scalar_size))

    class NotingReader(Reader):
        """Notes what it is fed for a recording."""

        def feed(self, data: bytes) -> list[Frame]:
            sizes.append(len(data))
            return super().feed(data)

    monkeypatch.setattr("chatdouble.recordings.recording.Reader", NotingReader)
    text = "A text of several megabytes, \u00e4\u2028 and so on.\n" * 10_000
    asked: Any = {"model": "gpt-4.1", "stream": True, "messages": [{"role": "user", "content": text}]}
    frames = chunk(text), DONE
    with recording(tmp_path, streaming(*frames)) as (_, served):
        assert chat(served.origin, **asked).body == b"".join(frames)
    with serve(recordings=tmp_path) as served:
        assert chat(served.origin, **asked).body == b"".join(frames)
    assert 0 < max(sizes) < 300_000
