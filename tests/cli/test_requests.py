"""`chatdouble requests`, `session` and `sessions`: read requests back from the shell."""

import json
import subprocess
from typing import Any

from chatdouble.testing.server import RunningServer
from commands import run
from conftest import Serve
from processes import chatdouble, environment
from raw import chat, control


def user(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


def test_the_shell_lists_filters_shows_and_clears(server: RunningServer, key: str) -> None:
    where = ("--url", server.origin, "--key", key)
    chat(server.origin, key)
    chat(server.origin, key, messages=user("Other"), temperature=3)
    listed = [json.loads(line) for line in run("requests", *where).stdout.splitlines()]
    assert listed == control(server, key, "GET", "requests")["data"]
    refused = run("requests", "--status", "4xx", "--when", '{"user": "Other"}', *where).stdout
    assert [json.loads(line)["ordinal"] for line in refused.splitlines()] == [2]
    assert len(run("requests", "--limit", "1", *where).stdout.splitlines()) == 1
    shown = run("requests", "show", listed[0]["id"], *where).stdout
    assert json.loads(shown) == control(server, key, "GET", f"requests/{listed[0]['id']}")
    assert run("requests", "clear", *where).returncode == 0
    assert run("requests", *where).stdout == ""
    wrong = run("requests", "--when", '{"usr": 1}', *where)
    assert (wrong.returncode, wrong.stderr) == (2, "chatdouble: when.usr: unknown key; did you mean 'user'?\n")


def test_the_shell_exports(server: RunningServer, key: str) -> None:
    where = ("--url", server.origin, "--key", key)
    chat(server.origin, key)
    assert json.loads(run("requests", "--format", "har", *where).stdout)["log"]["version"] == "1.2"
    assert run("requests", "--format", "curl", *where).stdout.startswith("# req_")
    assert run("requests", "--format", "rule", "--status", "500", *where).stdout == "version: 1\nrules: []\n"
    wrong = run("requests", "--format", "turns", "--since", "never", *where)
    assert (wrong.returncode, wrong.stderr.startswith("chatdouble: since: must be seconds")) == (2, True)


def test_the_shell_waits_for_requests(server: RunningServer, key: str) -> None:
    where = ("--url", server.origin, "--key", key)
    late = run("requests", "wait", "--timeout", "0", *where)
    assert (late.returncode, late.stderr) == (2, "chatdouble: 0 of 1 requests came within 0 seconds.\n")
    chat(server.origin, key)
    found = run("requests", "wait", "--when", '{"user": "Hello!"}', *where).stdout
    assert json.loads(found)["ordinal"] == 1


def test_the_shell_follows_until_the_server_stops(serve: Serve, key: str) -> None:
    with serve(shutdown_timeout=30) as served:
        chat(served.origin, key)
        following = subprocess.Popen(
            [*chatdouble(), "requests", "--follow", "--url", served.origin, "--key", key],
            env=environment(PYTHONUNBUFFERED="1"),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert following.stdout is not None
        assert json.loads(following.stdout.readline())["ordinal"] == 1
        for ordinal in (2, 3):
            chat(served.origin, key)
            assert json.loads(following.stdout.readline())["ordinal"] == ordinal
    with following:
        assert following.stdout.read() == ""
    assert following.returncode == 0


def test_the_shell_shows_sessions(serve: Serve) -> None:
    with serve(control_key="sk-control") as served:
        chat(served.origin, "sk-a")
        state = json.loads(run("session", "--url", served.origin, "--key", "sk-a").stdout)
        assert (state["session"], state["requests"]) == ("sk-a", 1)
        (line,) = run("sessions", "--url", served.origin, "--key", "sk-control").stdout.splitlines()
        assert json.loads(line)["session"] == "sk-a"
        assert run("sessions", "--url", served.origin, "--key", "sk-a").returncode == 2
        assert run("requests", "--follow", "--session", "sk-b", "--url", served.origin, "--key", "sk-a").returncode == 2


def test_following_a_server_that_is_not_there_is_one_line() -> None:
    done = run("requests", "--follow", "--url", "http://127.0.0.1:9")
    assert done.returncode == 2
    assert done.stderr.startswith("chatdouble: no answer from http://127.0.0.1:9: ")
