"""Failures of an upstream become errors of the API."""

import socket

import httpx2
import pytest

from conftest import Serve
from raw import chat
from upstreams import (
    COMPLETION,
    JSON,
    REQUEST,
    SAYS_JSON,
    Behaviour,
    Responder,
    answering,
    relaying,
    upstream,
)


def _closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_an_unreachable_upstream_is_a_502(serve: Serve) -> None:
    base = f"http://127.0.0.1:{_closed()}/secret-path"
    with serve(upstream=base, mode="passthrough", upstream_key="sk-configured-secret") as served:
        answer = chat(served.origin)
    assert answer.status == 502
    assert answer.error == {
        "message": f"The upstream {base.removesuffix('/secret-path')} failed: could not connect.",
        "type": "server_error",
        "param": None,
        "code": "upstream_unreachable",
    }


def test_an_upstream_without_tls_is_a_502_that_names_tls(serve: Serve) -> None:
    with (
        upstream(answering(200, JSON, COMPLETION)) as above,
        serve(upstream=f"https://127.0.0.1:{above.port}/v1", mode="passthrough") as served,
    ):
        answer = chat(served.origin)
    assert (answer.status, answer.error["type"], answer.error["code"]) == (502, "server_error", "upstream_tls_error")
    assert "TLS failed: wrong version number" in answer.error["message"]


def test_a_slow_upstream_is_a_504() -> None:
    async def behave(answer: Responder) -> None:
        await answer.left()

    with upstream(behave) as above, relaying(above, upstream_timeout=0.2) as served:
        answer = chat(served.origin)
    assert (answer.status, answer.error["type"], answer.error["code"]) == (504, "server_error", "upstream_timeout")


def _cut(*, after: bytes) -> Behaviour:
    async def behave(answer: Responder) -> None:
        await answer.head(200, [*JSON, (b"content-length", b"1000")])
        if after:
            await answer.piece(after)

    return behave


def test_an_upstream_that_breaks_off_before_its_body_is_a_502() -> None:
    with upstream(_cut(after=b"")) as above, relaying(above) as served:
        answer = chat(served.origin)
    assert (answer.status, answer.error["code"]) == (502, "upstream_error")


def test_an_upstream_that_breaks_off_later_cuts_the_answer() -> None:
    with upstream(_cut(after=b"{")) as above, relaying(above) as served:
        with pytest.raises(httpx2.RemoteProtocolError):
            httpx2.post(f"{served.base_url}/chat/completions", content=REQUEST, headers=SAYS_JSON)
        with upstream(answering(200, JSON, COMPLETION)) as other, relaying(other) as again:
            assert chat(again.origin).status == 200
