"""`chatdouble serve`: it says where it is, refuses bad settings in one line, and leaves cleanly."""

import contextlib
import errno
import json
import os
import signal
import socket
import urllib.request
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI

from chatdouble.server.application import create_app
from chatdouble.server.serving import config, listen
from chatdouble.settings import Settings, SettingsError
from chatdouble.testing.server import running
from commands import run as command_here
from processes import is_open, run, serving, serving_alone, serving_in


def _denied(*_: object) -> bool:
    return False


def test_it_serves_where_it_says() -> None:
    with serving_alone() as served, OpenAI(base_url=served.base_url, api_key="sk-test") as client:
        completion = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello!"}])
        assert completion.choices[0].message.content == "Hello!"


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_probes_need_no_key(path: str) -> None:
    with serving("--api-key", "sk-right") as served, urllib.request.urlopen(served.origin + path) as answer:  # noqa: S310 - our own server
        assert answer.status == 200
        assert json.load(answer) == {"status": "ok"}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::", "0.0.0.0", "localhost"])  # noqa: S104 - what images listen on
def test_it_listens_on_any_kind_of_address(host: str) -> None:
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(listener) for listener in listen(host, 0)]
        (port,) = {listener.getsockname()[1] for listener in listeners}
        both = ["::1", "127.0.0.1"]
        reached = {"::1": ["::1"], "::": both, "localhost": both}.get(host, ["127.0.0.1"])
        for address in reached:
            socket.create_connection((address, port), timeout=10).close()


@pytest.mark.parametrize("host", ["localhost", "::"])
def test_it_listens_on_ipv4_where_ipv6_is_off(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    create = socket.create_server

    def without_ipv6(address: Any, *, family: int, **options: Any) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "off")
        return create(address, family=family, **options)

    monkeypatch.setattr(socket, "create_server", without_ipv6)
    (listener,) = listen(host, 0)
    with listener:
        assert listener.family == socket.AF_INET


def test_a_port_that_is_taken_on_one_of_the_addresses_is_refused() -> None:
    (taken,) = listen("::1", 0)
    with taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"cannot listen on \[::1\]:{port}: the address is already in use"):
            listen("localhost", port)


def test_a_name_without_an_address_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"cannot listen on no-such-host\.invalid:1: "):
        listen("no-such-host.invalid", 1)
    with pytest.raises(SettingsError, match=r"cannot listen on \\udce9:1: it is no name of a host"):
        listen("\udce9", 1)


def test_a_server_is_reached_by_both_families_without_any_flag() -> None:
    with serving() as served:
        port = served.origin.rpartition(":")[2]
        for host in ("127.0.0.1", "[::1]", "localhost"):
            with OpenAI(base_url=f"http://{host}:{port}/v1", api_key="sk-test", max_retries=0) as client:
                assert client.models.retrieve("gpt-4o").id == "gpt-4o"


def test_an_idle_connection_is_kept_for_75_seconds_or_as_long_as_is_set() -> None:
    assert config(create_app()).timeout_keep_alive == 75
    with (
        running(Settings(keep_alive=1)) as served,
        socket.create_connection(("127.0.0.1", served.port), timeout=30) as client,
    ):
        client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b""
        while data := client.recv(4096):  # empty: the server has closed the idle connection
            answer += data
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b"connection: close" not in answer.lower()


def test_bodies_may_have_64_mib() -> None:
    assert create_app().settings.max_body == 64 * 1024 * 1024


@pytest.mark.parametrize("command", [("--version",), ("serve", "--version")])
def test_it_prints_its_version(command: tuple[str, ...]) -> None:
    assert run(*command).stdout == f"chatdouble {version('chatdouble')}\n"


def test_the_first_line_says_what_serves(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("rules: [{when: {user: a}, reply: a}, {when: {user: b}, reply: b}]")
    (tmp_path / "b.yaml").write_text("rules: [{when: {user: c}, reply: c}]")
    flags = ["--scripts", str(tmp_path), "--control-key", "sk-control", "--api-key", "sk-a", "--models", "strict"]
    with serving(*flags, "--validation", "lenient") as served:
        (line,) = served.lines
    assert line.partition("/v1 ")[2] == (
        "(backend: script; scripts: 2 files, 3 rules; unmatched: error; validation: lenient; models: strict; "
        "api keys: 1; control key: set)\n"
    )


def test_the_first_line_names_the_upstream_and_the_recordings(tmp_path: Path) -> None:
    flags = ["--recordings", str(tmp_path), "--upstream", "http://127.0.0.1:9/v1", "--mode", "record"]
    with serving(*flags) as served:
        (line,) = served.lines
    assert line.partition("/v1 ")[2] == (
        f"(backend: upstream; mode: record; upstream: http://127.0.0.1:9; recordings: {tmp_path}, 0 files; "
        "validation: strict; models: any; control key: none)\n"
    )


@pytest.mark.parametrize(
    ("flags", "warning"),
    [
        (["--backend", "echo", "--scripts", "{script}"], "scripts: no effect, because the backend is echo, which"),
        (["--scripts", "{script}", "--recordings", "{empty}"], "recordings: no effect, because the backend is script,"),
        (["--scripts", "{empty}"], "scripts: {empty} has no script files (*.yaml, *.yml, *.json), so no rules are"),
        (["--unmatched", "echo"], "unmatched: no effect, because the backend is echo, which does not use it"),
        (["--upstream-key", "sk-x"], "upstream_key: no effect, because the backend is echo, which does not use it"),
        (["--recordings", "{empty}", "--upstream-timeout", "5"], "upstream_timeout: no effect, because the backend is"),
        (["--jitter", "uniform:0.2"], "jitter: no effect without ttft or tokens_per_second"),
        (["--no-auth", "--api-key", "sk-a"], "api_keys: no effect without auth"),
        (["--quota-exhausted", "--requests-per-day", "5"], "requests_per_day: no effect beside quota_exhausted"),
        (
            ["--models", "strict", "--config", "{config}"],
            "pace.gpt-4oo: no effect, because no model has this name;",
        ),
    ],
)
def test_settings_without_effect_are_a_warning_line(tmp_path: Path, flags: list[str], warning: str) -> None:
    places = {"script": tmp_path / "a.yaml", "config": tmp_path / "a.toml", "empty": tmp_path / "empty"}
    places["script"].write_text("rules: [{reply: a}]")
    places["config"].write_text('[pace."gpt-4oo"]\nttft = 1\n')
    places["empty"].mkdir()
    with serving(*(flag.format(**places) for flag in flags)) as served:
        *warnings, _ = served.lines
    assert len(warnings) == 1
    assert f" WARNING {warning.format(**places)}" in warnings[0]


def test_a_folder_that_nothing_can_be_recorded_in_is_a_warning_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "access", _denied)  # the tests may run as root, who may write anywhere
    settings = Settings(recordings=tmp_path, upstream="http://127.0.0.1:9", mode="record")
    told = f"recordings: nothing can be recorded, as the folder cannot be written: {tmp_path}: Permission denied"
    assert create_app(settings).warnings() == [told]
    assert create_app(settings.model_copy(update={"mode": "passthrough"})).warnings() == []


def test_settings_that_have_an_effect_together_are_no_warning(tmp_path: Path) -> None:
    (tmp_path / "recordings").mkdir()
    (tmp_path / "a.yaml").write_text("rules: [{when: {user: a}, reply: {upstream: true}}]")
    flags = ["--scripts", str(tmp_path / "a.yaml"), "--recordings", str(tmp_path / "recordings")]
    for further in ([], ["--unmatched", "upstream"]):
        with serving(*flags, *further) as served:
            assert len(served.lines) == 1


def test_a_backend_of_the_working_directory_is_found(tmp_path: Path) -> None:
    (tmp_path / "here.py").write_text("from chatdouble_backends.echo import Echo\n")
    with serving_in(tmp_path, "--backend", "here:Echo") as served:
        assert "(backend: here:Echo; " in served.lines[-1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--validation", "loose"], "--validation: input should be 'strict', 'lenient' or 'off'"),
        (["--port", "70000"], "--port: input should be less than or equal to 65535"),
        (["--backend", "nope"], "no backend named 'nope'; installed: auto, echo"),
        (["--unmatched", "nope"], "unmatched: no backend named 'nope'; installed: auto, echo"),
        (["--backend", "nowhere:Thing"], "backend 'nowhere:Thing': No module named 'nowhere'"),
        (["--backend", "json:dumps"], "backend 'json:dumps' cannot be made: TypeError: Object of type Options is not"),
        (["--backend", "os:getcwd"], "backend 'os:getcwd' is a str, which has no method `reply`"),
        (["--backend", "builtins:dict"], "backend 'builtins:dict' is a dict, which has no method `reply`"),
        (["--backend", "math:pi"], "backend 'math:pi' is not a class or function that makes a backend"),
        (["--mode", "record"], "mode: record needs --upstream URL and --recordings FOLDER"),
        (["--config", "missing.toml"], "missing.toml: No such file or directory"),
        (["--clock", "yesterday"], "'yesterday' is not a clock"),
        (["--clock", "fixed:nan"], "'fixed:nan' is not a clock"),
        (["--clock", "fixed:1e15"], "'fixed:1e15' is not a clock"),
        (["--state", "mongodb://localhost"], "state: 'mongodb' is no kind of store"),
        (["--workers", "2"], "more than one worker needs a shared state"),
        (["--models", "missing.json"], "missing.json"),
    ],
)
def test_a_bad_setting_is_one_line_and_exit_code_2(arguments: list[str], said: str) -> None:
    done = command_here("serve", *arguments)
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
        serving_alone("--ttft", "0.2", "--tokens-per-second", "20", "--shutdown-timeout", "20") as served,
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
        serving_alone("--tokens-per-second", "0.001", "--shutdown-timeout", "1") as served,
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


def streams(port: int, count: int) -> list[socket.socket]:
    """Open streams that take for ever, and wait until each has begun."""
    body = json.dumps({"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "one two"}]})
    request = (
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk-test\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body.encode())
    )
    opened = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(count)]
    for client in opened:
        client.sendall(request)
    for client in opened:
        assert client.recv(4096).startswith(b"HTTP/1.1 200 OK")
    return opened


@pytest.mark.parametrize(
    ("signals", "timeout", "code"),
    [
        ([signal.SIGINT, signal.SIGINT], "600", 0),
        ([signal.SIGTERM, signal.SIGTERM], "600", -signal.SIGTERM),
        ([signal.SIGHUP], "0.1", 0),
        ([signal.SIGINT], "0.1", 0),
    ],
)
def test_the_server_ends_cleanly_and_logs_one_line_for_each_open_stream(
    signals: list[signal.Signals], timeout: str, code: int
) -> None:
    with serving_alone("--ttft", "0", "--tokens-per-second", "0.001", "--shutdown-timeout", timeout) as served:
        opened = streams(int(served.origin.rpartition(":")[2]), 50)
        served.process.send_signal(signals[0])
        for again in signals[1:]:
            while is_open(served.origin):  # until it has begun to stop
                pass
            served.process.send_signal(again)
        assert served.process.wait(timeout=60) == code
        assert served.process.stdout
        lines = served.process.stdout.read().splitlines()
        for client in opened:
            client.close()
    assert len(lines) == len(opened)
    assert all("POST /v1/chat/completions " in line and "ended=cut" in line for line in lines)
