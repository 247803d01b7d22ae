"""Web pages of other servers: they control nothing, and read nothing, of a double on the same machine."""

import json
from pathlib import Path

import pytest

from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import Answer, ask, chat, control
from upstreams import counting, recording

FOREIGN = "https://evil.example"
REFUSED = {"origin_not_allowed", "host_not_allowed"}


def get(server: RunningServer, path: str = "/_double/requests", method: str = "GET", **headers: str) -> Answer:
    """Send a request with a key and other headers, whose names have underscores."""
    given = {"Authorization": "Bearer sk-page", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return ask(server.origin, method, path, None, given)


@pytest.mark.parametrize(
    "path", ["/_double/requests", "/_double/", "/_double/reset", "/docs", "/docs/", "/redoc", "/_double"]
)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": FOREIGN},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Host": "evil.example:8000"},
        {"Host": "127.0.0.1.nip.io:8000"},
        {"Host": "localhost."},
        {"Host": "user@localhost"},
        {"Host": "localhost:8000", "Origin": "chrome-extension://localhost:8000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "Cross-Site"},
    ],
)
def test_a_page_of_another_server_is_refused(server: RunningServer, path: str, headers: dict[str, str]) -> None:
    for method in ("GET", "POST"):
        refused = get(server, path, method, **headers)
        assert refused.status == 403
        assert refused.error["code"] in REFUSED
        assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize(
    "host", ["127.0.0.1:9", "[::1]:8000", "10.1.2.3", "localhost", "LOCALHOST:80", "chatdouble:8000"]
)
def test_a_page_of_the_server_itself_is_not(server: RunningServer, host: str) -> None:
    for headers in ({}, {"Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}):
        answer = get(server, Host=host, **headers)
        assert answer.status == 200
        assert "access-control-allow-origin" not in answer.headers
        assert get(server, "/docs", Host=host, **headers).status == 200


def test_a_preflight_for_control_is_refused_and_one_for_the_api_allows_no_control_header(
    server: RunningServer,
) -> None:
    asked = {
        "Origin": FOREIGN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,x-double-mode,content-type",
    }
    refused = get(server, "/_double/reset", "OPTIONS", **asked)
    assert (refused.status, refused.headers.get("access-control-allow-origin")) == (403, None)
    allowed = get(server, "/v1/chat/completions", "OPTIONS", **asked)
    assert allowed.headers["access-control-allow-headers"] == "authorization,content-type"
    assert allowed.headers["access-control-allow-origin"] == "*"


def test_a_page_of_another_server_may_ask_the_api_but_send_no_control_header(server: RunningServer) -> None:
    assert get(server, "/v1/models", Origin=FOREIGN).headers["access-control-allow-origin"] == "*"
    headers_of_control = {"X-Double-Mode": "replay", "X-Double-Session": "replay", "X-Double-Call": "replay"}
    for name, value in {**headers_of_control, "X-Double-Pace": '{"ttft": 0}'}.items():
        for headers in ({"Origin": FOREIGN}, {"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert get(server, "/v1/models", **headers, **{name: value}).error["code"] in REFUSED
        assert get(server, "/v1/models", **{name: value}).status == 200


def test_configured_names_are_this_server(serve: Serve) -> None:
    with serve(allowed_hosts=["double.example.com", "*.svc.cluster.local"]) as served:
        for host in ("double.example.com", "Double.Example.com:8000", "chatdouble.ci.svc.cluster.local"):
            assert get(served, Host=host, Origin=f"http://{host}").status == 200
        for host in ("example.com", "a.double.example.com", "svc.cluster.local.evil.example"):
            assert get(served, Host=host).error["code"] == "host_not_allowed"
    with serve(allowed_hosts="*") as served:
        assert get(served, Host="any.example").status == 200
        assert get(served, Host="any.example", Origin=FOREIGN).status == 403


def test_a_page_that_is_refused_leaves_no_trace_in_a_session(serve: Serve) -> None:
    with serve() as served:
        chat(served.origin, "sk-page")
        assert get(served, "/v1/models", Origin=FOREIGN, X_Double_Session="sk-page").status == 403
        assert len(control(served, "sk-page", "GET", "requests")["data"]) == 1


def test_a_header_never_has_a_replaying_server_call_its_upstream(tmp_path: Path) -> None:
    with recording(tmp_path, counting(), "replay") as (above, served):
        for mode in ("record", "rerecord", "passthrough"):
            for path in ("/v1/models", "/v1/anything"):
                refused = get(served, path, X_Double_Mode=mode)
                assert (refused.status, refused.error["code"]) == (403, "mode_not_allowed")
            asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}]}
            headers = {"Authorization": "Bearer a", "Content-Type": "application/json", "X-Double-Mode": mode}
            assert ask(served.origin, "POST", "/v1/chat/completions", json.dumps(asked).encode(), headers).status == 403
        assert above.received == []
