"""Answers that end at a gate: aborted in each way, or let go by a deletion, a reset or the end of the server."""

import asyncio
from typing import Any

import httpx2
import openai
import pytest

from chatdouble.core.errors import SERVER_ERROR_MESSAGE, APIError
from chatdouble.settings import Settings
from chatdouble.testing.server import running
from conftest import Serve
from held import WORDS, Double, elsewhere, texts


@pytest.mark.parametrize(("how", "cause"), [("disconnect", httpx2.RemoteProtocolError), ("reset", httpx2.ReadError)])
def test_a_stream_is_cut_at_the_gate(double: Double, how: str, cause: type[Exception]) -> None:
    double.put(after_chunks=2)
    stream: Any = double.stream()
    assert [next(stream).choices[0].delta.content for _ in range(2)] == ["", "one"]
    double.do("wait")
    assert double.do("abort", how=how)["waiting"] == []
    with pytest.raises(openai.APIConnectionError) as raised:
        next(stream)
    assert type(raised.value.__cause__) is cause
    entry = double.entry()
    assert (entry["ended"], entry["gates"][0]["outcome"]) == ("cut", "aborted")


def test_a_stream_ends_with_an_error_event(double: Double) -> None:
    double.put(after_chunks=2)
    stream: Any = double.stream()
    assert [next(stream).choices[0].delta.content for _ in range(2)] == ["", "one"]
    double.do("wait")
    double.do("abort", how="error")
    with pytest.raises(openai.APIError, match="The server had an error"):
        next(stream)
    entry = double.entry()
    assert (entry["ended"], entry["error"]["message"]) == ("completed", SERVER_ERROR_MESSAGE)


@pytest.mark.parametrize("how", ["disconnect", "reset"])
@pytest.mark.parametrize("ask", [Double.say, Double.stream])
def test_an_answer_is_cut_before_its_first_byte(double: Double, how: str, ask: Any) -> None:
    double.put()
    with elsewhere(ask, double) as asking:
        double.do("wait")
        double.do("abort", how=how)
        with pytest.raises(openai.APIConnectionError):
            asking.result()
    entry = double.entry()
    assert (entry["status"], entry["ended"]) == (0, "cut")


@pytest.mark.parametrize("ask", [Double.say, Double.stream])
def test_an_error_before_the_first_byte_is_a_500(double: Double, ask: Any) -> None:
    double.put()
    with elsewhere(ask, double) as asking:
        double.do("wait")
        double.do("abort", how="error")
        with pytest.raises(openai.InternalServerError) as raised:
            asking.result()
    assert raised.value.response.headers["x-ratelimit-limit-requests"]
    entry = double.entry()
    assert (entry["status"], entry["ended"], entry["gates"][0]["outcome"]) == (500, "refused", "aborted")


@pytest.mark.parametrize(
    ("how", "raises"), [("error", openai.InternalServerError), ("reset", openai.APIConnectionError)]
)
def test_an_error_that_waits_can_become_another(double: Double, how: str, raises: type[Exception]) -> None:
    double.put()
    double.control("POST", "queue", {"error": {"status": 429}})
    with elsewhere(double.say) as asking:
        double.do("wait")
        double.do("abort", how=how)
        with pytest.raises(raises):
            asking.result()


def test_an_unknown_way_to_abort_is_refused(double: Double) -> None:
    double.put()
    error = double.do("abort", how="disconect")["error"]
    assert (error["code"], "did you mean 'disconnect'?" in error["message"]) == ("invalid_abort", True)


@pytest.mark.parametrize(("method", "path"), [("DELETE", "gates/g"), ("POST", "reset"), ("PUT", "gates/g")])
def test_what_waits_goes_on_when_the_gate_is_removed_or_set_anew(double: Double, method: str, path: str) -> None:
    double.put(after_chunks=1)
    stream: Any = double.stream()
    next(stream)
    double.do("wait")
    double.control(method, path)
    assert texts(stream) == ["one", " two", " three", " four", ""]
    if method == "PUT":
        assert double.show()["waiting"] == []
    else:
        assert double.show()["error"]["code"] == "gate_not_found"
        assert double.say().choices[0].message.content == WORDS


async def test_a_wait_ends_when_the_gate_is_removed(double: Double) -> None:
    gates = double.server.app.control.gates
    await gates.put(double.key, "g", {})
    waiting = asyncio.create_task(gates.wait(double.key, "g", {"timeout": 60}))
    await asyncio.sleep(0)
    await asyncio.to_thread(double.control, "DELETE", "gates/g")
    with pytest.raises(APIError, match="did not have 1 waiting"):
        await waiting


def test_a_client_that_leaves_before_the_first_byte_is_kept_in_mind(double: Double) -> None:
    double.put()
    with pytest.raises(openai.APITimeoutError):
        double.say(timeout=0.2)
    (left,) = double.do("wait", client_left=True)["waiting"]
    assert left["client_left"] is True
    entry = double.entry()
    assert (entry["id"], entry["status"], entry["ended"]) == (left["request"], 0, "client left")


def test_the_end_of_the_server_lets_everything_go(key: str) -> None:
    with running(Settings(shutdown_timeout=30)) as served:
        double = Double(served, key)
        double.put(after_chunks=1)
        stream: Any = double.stream()
        next(stream)
        double.do("wait")
    assert texts(stream) == ["one", " two", " three", " four", ""]
    (entry,) = asyncio.run(served.app.journal.entries(key))
    assert (entry["ended"], [gate["outcome"] for gate in entry.get("gates", [])]) == ("completed", ["opened"])


def test_nothing_is_held_once_the_server_stops(serve: Serve, key: str) -> None:
    with serve() as served:
        double = Double(served, key)
        double.put()
        served.app.services.gates.open()
        assert double.say().choices[0].message.content == WORDS
        double.put("new")
        assert double.say().choices[0].message.content == WORDS
