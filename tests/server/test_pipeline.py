"""The pipeline: keys before bodies, an envelope for every refusal, browsers, the journal."""

import json
import re
from typing import Any

import pytest

from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import ask, chat

JSON = {"Content-Type": "application/json"}


def test_a_key_is_asked_for_before_the_body_is_looked_at(server: RunningServer) -> None:
    answer = ask(server.origin, "POST", "/v1/chat/completions", b"{broken", JSON)
    assert answer.status == 401
    assert answer.error["message"].startswith("You didn't provide an API key.")
    assert answer.headers["vary"] == "Origin"
    assert "openai-version" not in answer.headers


def test_a_wrong_key_is_shown_masked(serve: Serve) -> None:
    with serve(api_keys=["sk-right"]) as served:
        answer = chat(served.origin, "invalid-1234567892345")
        assert answer.status == 401
        assert answer.error == {
            "message": "Incorrect API key provided: invalid-*********2345. You can find your API key at "
            "https://platform.openai.com/account/api-keys.",
            "type": "invalid_request_error",
            "param": None,
            "code": "invalid_api_key",
        }
        assert chat(served.origin, "sk-right").status == 200


@pytest.mark.parametrize(
    "path",
    ["/v2/chat/completions", "/", "/docs2", "/chat/completions/", "/bad-url/v2/chat/completions"],
)
def test_a_url_outside_of_the_api_is_named(server: RunningServer, path: str) -> None:
    answer = ask(server.origin, "POST", path, b"{}", {"Authorization": "Bearer sk-test", **JSON})
    assert answer.status == 404
    assert answer.error == {
        "message": f"Unknown request URL: POST {path}. Please check the URL for typos, or see the docs at "
        "https://platform.openai.com/docs/api-reference/.",
        "type": "invalid_request_error",
        "param": None,
        "code": "unknown_url",
    }


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1", "/v1/chat/completions/"])
def test_an_unknown_url_is_named(server: RunningServer, path: str) -> None:
    answer = ask(server.origin, "POST", path, b"{}", {"Authorization": "Bearer sk-test", **JSON})
    assert answer.status == 404
    assert answer.error["message"] == f"Invalid URL (POST {path})"
    assert answer.error["type"] == "invalid_request_error"


def test_a_wrong_method_is_named(server: RunningServer) -> None:
    answer = ask(server.origin, "PUT", "/v1/chat/completions", b"{}", {"Authorization": "Bearer sk-test", **JSON})
    assert (answer.status, answer.error["message"]) == (405, "Invalid method for URL (PUT /v1/chat/completions)")


@pytest.mark.parametrize(
    ("content_type", "said", "code"),
    [
        (
            "text/plain",
            "Unsupported content type: 'text/plain'. This API method only accepts",
            "unsupported_content_type",
        ),
        ("application/x-www-form-urlencoded", "you must provide a model parameter", None),
    ],
)
def test_a_body_must_say_that_it_is_json(server: RunningServer, content_type: str, said: str, code: str | None) -> None:
    headers = {"Authorization": "Bearer sk-test", "Content-Type": content_type}
    answer = ask(server.origin, "POST", "/v1/chat/completions", b'{"model": "gpt-4o"}', headers)
    assert answer.status == 400
    assert answer.error["message"].startswith(said)
    assert answer.error["code"] == code


def test_json_with_a_charset_is_json(server: RunningServer) -> None:
    headers = {"Authorization": "Bearer sk-test", "Content-Type": "application/json; charset=utf-8"}
    body = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}]}'
    assert ask(server.origin, "POST", "/v1/chat/completions", body, headers).status == 200


def test_too_large_a_body_is_refused_announced_or_not(serve: Serve) -> None:
    with serve(max_body=100) as served:
        announced = chat(served.origin, messages=[{"role": "user", "content": "x" * 200}])
        assert announced.status == 413
        assert announced.error["message"].startswith("Maximum content size limit (100) exceeded (")
        headers = {"Authorization": "Bearer sk-test", "Transfer-Encoding": "chunked", **JSON}
        chunked = ask(served.origin, "POST", "/v1/chat/completions", b"c8\r\n" + b"x" * 200 + b"\r\n0\r\n\r\n", headers)
        assert chunked.status == 413


@pytest.mark.parametrize(
    "path",
    [
        "/v1/chat/completions",
        "/chat/completions",
        "/openai/v1/chat/completions",
        "/openai/deployments/gpt-4o/chat/completions?api-version=2026-01-01",
    ],
)
def test_the_endpoint_is_found_under_every_prefix(server: RunningServer, path: str) -> None:
    assert chat(server.origin, path=path).status == 200


def test_azure_names_the_model_in_the_path_and_the_key_in_its_own_header(server: RunningServer) -> None:
    body = json.dumps({"messages": [{"role": "user", "content": "Hello!"}]}).encode()
    path = "/openai/deployments/gpt-4o-mini/chat/completions?api-version=2026-01-01"
    answer = ask(server.origin, "POST", path, body, {"api-key": "azure-key", **JSON})
    assert answer.status == 200
    assert json.loads(answer.body)["model"] == "gpt-4o-mini-2024-07-18"


def test_an_answer_carries_the_real_apis_headers(server: RunningServer) -> None:
    headers = chat(server.origin).headers
    assert re.fullmatch(r"req_[0-9a-f]{32}", headers["x-request-id"])
    assert headers["openai-version"] == "2020-10-01"
    assert headers["openai-processing-ms"].isdecimal()
    assert headers["content-type"] == "application/json"
    assert {name for name in headers if name.startswith("x-ratelimit-")} == {
        f"x-ratelimit-{what}-{of}" for what in ("limit", "remaining", "reset") for of in ("requests", "tokens")
    }


def test_a_browser_may_ask_from_any_page(server: RunningServer) -> None:
    preflight = ask(
        server.origin,
        "OPTIONS",
        "/v1/chat/completions",
        headers={
            "Origin": "http://localhost:3000",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,x-stainless-os",
        },
    )
    assert preflight.status == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "x-stainless-os" in preflight.headers["access-control-allow-headers"]
    asked = {"Authorization": "Bearer sk-test", "Origin": "http://localhost:3000", **JSON}
    refused = ask(server.origin, "POST", "/v1/chat/completions", b"{", asked)
    assert refused.headers["access-control-allow-origin"] == "*"


def test_models_are_listed_and_found_one_by_one(server: RunningServer) -> None:
    key = {"Authorization": "Bearer sk-test"}
    listed = json.loads(ask(server.origin, "GET", "/v1/models", headers=key).body)
    assert listed["object"] == "list"
    assert "gpt-4o" in {model["id"] for model in listed["data"]}
    one = ask(server.origin, "GET", "/v1/models/gpt-4o", headers=key)
    assert json.loads(one.body) in listed["data"]
    assert one.headers["x-request-id"].startswith("req_")
    missing = ask(server.origin, "GET", "/v1/models/abc", headers=key)
    assert (missing.status, missing.error["message"]) == (404, "The model 'abc' does not exist")


def test_the_documentation_needs_no_key_and_no_network(server: RunningServer) -> None:
    page = ask(server.origin, "GET", "/docs").body.decode()
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert loaded
    assert all(link.startswith("/") for link in loaded)
    assert all(ask(server.origin, "GET", link).status == 200 for link in loaded)


def test_probes_and_documentation_leave_no_trace(serve: Serve) -> None:
    with serve(clock="fixed:1750000000") as one, serve(clock="fixed:1750000000") as other:
        for path in ("/health", "/ready", "/openapi.json", "/docs"):
            assert ask(one.origin, "GET", path).status == 200
        assert json.loads(chat(one.origin).body) == json.loads(chat(other.origin).body)


def test_the_same_requests_get_the_same_bytes_under_a_fixed_clock(serve: Serve) -> None:
    with serve(clock="fixed:1750000000") as one, serve(clock="fixed:1750000000") as other:
        requests: list[dict[str, Any]] = [{}, {"stream": True}, {"n": 2, "stream": True}]
        for request in requests:
            first, second = chat(one.origin, **request), chat(other.origin, **request)
            # The date is uvicorn's, by the machine's clock.
            assert {**first.headers, "date": ""} == {**second.headers, "date": ""}
            assert (first.status, first.body) == (second.status, second.body)


def test_another_seed_gives_other_ids(serve: Serve) -> None:
    with serve(clock="fixed:1750000000") as one, serve(clock="fixed:1750000000", seed=1) as other:
        assert json.loads(chat(one.origin).body)["id"] != json.loads(chat(other.origin).body)["id"]
