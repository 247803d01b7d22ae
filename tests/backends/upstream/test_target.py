"""The parts of requests and responses that travel to the upstream and back."""

from http.client import HTTPConnection

import httpx2

from conftest import Serve
from raw import ask, chat
from upstreams import (
    COMPLETION,
    JSON,
    PATH,
    REQUEST,
    SAYS_JSON,
    answering,
    relaying,
    upstream,
)


def test_a_requests_bytes_are_sent_unchanged() -> None:
    with upstream(answering(200, JSON, COMPLETION)) as above, relaying(above) as served:
        answer = ask(served.origin, "POST", "/v1/chat/completions?a=1&b=%20x", REQUEST, SAYS_JSON)
    assert (answer.status, answer.body) == (200, COMPLETION)
    (asked,) = above.received
    assert (asked.method, asked.path, asked.query) == ("POST", PATH, b"a=1&b=%20x")
    assert asked.body == REQUEST


def test_a_requests_end_to_end_headers_are_sent() -> None:
    sent = {
        **SAYS_JSON,
        "X-Stainless-Lang": "python",
        "OpenAI-Organization": "org-mine",
        "User-Agent": "mine/1",
        "Connection": "keep-alive, X-Hop",
        "X-Hop": "1",
        "TE": "trailers",
        "Proxy-Authorization": "Basic Zm9v",
        "X-Double-Session": "here",
        "X-Double-Mode": "passthrough",
    }
    with upstream(answering(200, JSON, COMPLETION)) as above, relaying(above) as served:
        ask(served.origin, "POST", PATH, REQUEST, sent)
        port = above.port
    (asked,) = above.received
    assert dict(asked.headers) == {
        b"accept-encoding": b"identity",
        b"content-type": b"application/json",
        b"authorization": b"Bearer sk-test",
        b"x-stainless-lang": b"python",
        b"openai-organization": b"org-mine",
        b"user-agent": b"mine/1",
        b"host": b"127.0.0.1:%d" % port,
        b"content-length": b"%d" % len(REQUEST),
    }
    assert len({name for name, _ in asked.headers}) == len(asked.headers)


def test_repeated_headers_are_sent_as_lists() -> None:
    with upstream(answering(200, JSON, COMPLETION)) as above, relaying(above) as served:
        connection = HTTPConnection("127.0.0.1", served.port, timeout=30)
        connection.putrequest("POST", PATH)
        for name, value in (("X-A", "1"), ("X-A", "2"), ("Cookie", "a=1"), ("Cookie", "b=2"), *SAYS_JSON.items()):
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(REQUEST)))
        connection.endheaders(REQUEST)
        assert connection.getresponse().status == 200
        connection.close()
    (asked,) = above.received
    assert (asked.header("x-a"), asked.header("cookie")) == ("1, 2", "a=1; b=2")


def test_a_responses_end_to_end_headers_are_passed_on_in_order() -> None:
    sent = [
        (b"content-type", b"application/json"),
        (b"x-request-id", b"req_up"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"keep-alive", b"timeout=5"),
        (b"proxy-authenticate", b"Basic"),
        (b"x-hop", b"1"),
        (b"connection", b"X-Hop"),
        (b"server", b"up"),
    ]
    with upstream(answering(200, sent, COMPLETION), server_header=False) as above, relaying(above) as served:
        answer = httpx2.post(f"{served.base_url}/chat/completions", content=REQUEST, headers=SAYS_JSON)
    headers = [pair for pair in answer.headers.multi_items() if pair[0] not in ("date", "connection")]
    assert headers == [
        ("content-type", "application/json"),
        ("x-request-id", "req_up"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("server", "up"),
        ("content-length", str(len(COMPLETION))),
    ]


def test_a_configured_key_replaces_the_clients() -> None:
    behaviour = answering(200, JSON, COMPLETION)
    with upstream(behaviour) as above, relaying(above, upstream_key="sk-configured") as served:
        chat(served.origin, key="sk-client")
        ask(served.origin, "POST", PATH, REQUEST, {**SAYS_JSON, "api-key": "sk-azure"})
    for asked in above.received:
        assert (asked.header("authorization"), asked.header("api-key")) == ("Bearer sk-configured", None)


def test_azure_gets_the_key_the_deployment_and_the_version_in_its_own_form(serve: Serve) -> None:
    with upstream(answering(200, JSON, COMPLETION)) as above:
        base = f"{above.origin}/openai"
        with serve(upstream=base, mode="passthrough", upstream_key="azure-key") as served:
            path = "/openai/deployments/my-gpt/chat/completions?api-version=2026-01-01"
            ask(served.origin, "POST", path, b'{"messages": []}', {**SAYS_JSON, "api-key": "mine"})
        base = f"{above.origin}/openai/deployments/my%20gpt?api-version=2025-01-01"
        with serve(upstream=base, mode="passthrough", upstream_key="azure-key") as served:
            chat(served.origin)
    first, second = above.received
    assert (first.path, first.query) == ("/openai/deployments/my-gpt/chat/completions", b"api-version=2026-01-01")
    assert (second.path, second.query) == ("/openai/deployments/my gpt/chat/completions", b"api-version=2025-01-01")
    for asked in above.received:
        assert (asked.header("authorization"), asked.header("api-key")) == (None, "azure-key")
