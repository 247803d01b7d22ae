"""Gates stop the stream of a response as they stop that of a completion."""

import threading
from typing import Any

import httpx2
import orjson

from chatdouble.core.sse import read_frames
from chatdouble.testing.server import RunningServer


def ask(server: RunningServer, key: str, method: str, path: str, body: Any = None) -> Any:
    """Send a request to the control API, and return its answer."""
    headers = {"authorization": f"Bearer {key}"}
    return httpx2.request(method, f"{server.origin}/_double{path}", json=body, headers=headers, timeout=60).json()


def stopped(server: RunningServer, key: str, gate: dict[str, Any], action: str) -> list[dict[str, Any]]:
    """Return the events of a stream that stopped at a gate and went on as told."""
    ask(server, key, "PUT", "/gates/g", gate)
    found: list[bytes] = []

    def stream() -> None:
        body = {"model": "gpt-4o", "input": "One two", "stream": True}
        headers = {"authorization": f"Bearer {key}"}
        found.append(httpx2.post(f"{server.base_url}/responses", json=body, headers=headers, timeout=60).content)

    client = threading.Thread(target=stream)
    client.start()
    ask(server, key, "POST", "/gates/g/wait", {"timeout": 30})
    ask(server, key, "POST", f"/gates/g/{action}", {"how": "error"} if action == "abort" else {})
    client.join()
    return [orjson.loads(frame.data or b"{}") for frame in read_frames(found[0])]


def test_a_stream_waits_before_its_last_event(server: RunningServer, key: str) -> None:
    events = stopped(server, key, {"before": "done"}, "release")
    assert events[-1]["type"] == "response.completed"


def test_an_aborted_stream_ends_with_a_failed_response(server: RunningServer, key: str) -> None:
    events = stopped(server, key, {"after_chunks": 5}, "abort")
    assert [event["type"] for event in events[-2:]] == ["error", "response.failed"]
    assert [event["sequence_number"] for event in events] == [*range(7)]
    assert events[-1]["response"]["status"] == "failed"
    assert events[-1]["response"]["output"] == []
