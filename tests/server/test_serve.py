"""`chatdouble serve`: it says where it is, refuses bad settings in one line, and leaves cleanly."""

import json
import signal
import socket
import urllib.request

import pytest
from openai import OpenAI

from chatdouble.server.serving import listen
from processes import run, serving


def test_it_serves_where_it_says() -> None:
    with serving() as served, OpenAI(base_url=served.base_url, api_key="sk-test") as client:
        completion = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello!"}])
        assert completion.choices[0].message.content == "Hello!"


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_probes_need_no_key(path: str) -> None:
    with serving("--api-key", "sk-right") as served, urllib.request.urlopen(served.origin + path) as answer:  # noqa: S310 - our own server
        assert answer.status == 200
        assert json.load(answer) == {"status": "ok"}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::", "0.0.0.0"])  # noqa: S104 - what images listen on
def test_it_listens_on_any_kind_of_address(host: str) -> None:
    with listen(host, 0) as listener:
        port = listener.getsockname()[1]
        reached = {"::1": ["::1"], "::": ["::1", "127.0.0.1"]}.get(host, ["127.0.0.1"])
        for address in reached:
            socket.create_connection((address, port), timeout=10).close()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--validation", "loose"], "--validation: input should be 'strict', 'lenient' or 'off'"),
        (["--port", "70000"], "--port: input should be less than or equal to 65535"),
        (["--backend", "nope"], "no backend named 'nope'; installed: auto, echo"),
        (["--unmatched", "nope"], "unmatched: no backend named 'nope'; installed: auto, echo"),
        (["--backend", "nowhere:Thing"], "backend 'nowhere:Thing': No module named 'nowhere'"),
        (["--config", "missing.toml"], "missing.toml: No such file or directory"),
        (["--clock", "yesterday"], "'yesterday' is not a clock"),
        (["--state", "redis://localhost"], "this version keeps state in memory:// only"),
        (["--workers", "2"], "more than one worker needs a shared state"),
        (["--models", "missing.json"], "missing.json"),
    ],
)
def test_a_bad_setting_is_one_line_and_exit_code_2(arguments: list[str], said: str) -> None:
    done = run("serve", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_in_use_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port))
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}: the address is already in use" in done.stderr


def test_help_names_every_setting_with_its_variable() -> None:
    text = run("serve", "--help").stdout
    for flag in ("--host", "--unmatched", "--api-key", "--tokens-per-second"):
        assert flag in text
    assert "CHATDOUBLE_API_KEYS" in text.replace("\n", "").replace(" ", "")


def test_an_open_stream_finishes_within_the_shutdown_timeout() -> None:
    with (
        serving("--ttft", "0.2", "--tokens-per-second", "20", "--shutdown-timeout", "20") as served,
        OpenAI(base_url=served.base_url, api_key="sk-test") as client,
    ):
        stream = client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "one two three four five six"}], stream=True
        )
        chunks = [next(stream)]
        served.process.send_signal(signal.SIGTERM)
        chunks += list(stream)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "one two three four five six"
        served.process.wait(timeout=10)


def test_a_stream_that_never_ends_is_cut_after_the_shutdown_timeout() -> None:
    with (
        serving("--tokens-per-second", "0.001", "--shutdown-timeout", "1") as served,
        socket.create_connection(("127.0.0.1", int(served.origin.rpartition(":")[2])), timeout=30) as client,
    ):
        body = json.dumps({"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "x"}]})
        client.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk-test\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body.encode())
        )
        assert client.recv(4096).startswith(b"HTTP/1.1 200 OK")
        served.process.send_signal(signal.SIGTERM)
        served.process.wait(timeout=30)
