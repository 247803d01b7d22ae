"""Access to the inspector: by itself on the own machine without keys, with a key otherwise."""

import re
from typing import Any

import pytest

from chatdouble.testing.server import RunningServer
from conftest import Serve
from inspecting import Inspector, expect, inspecting
from raw import ask, chat


def key_of(served: RunningServer, **headers: str) -> str:
    """Return the key that the page gets from the server."""
    body = ask(served.origin, "GET", "/_double/", headers=headers).body.decode()
    found = re.search(r'name="page-key" content="([^"]*)"', body)
    return found[1] if found else ""


def read(served: RunningServer, key: str, path: str = "/_double/sessions") -> int:
    """Return the status of a control request with a key."""
    return ask(served.origin, "GET", path, headers={"Authorization": f"Bearer {key}"}).status


def test_without_keys_the_page_opens_with_all_sessions(serve: Serve) -> None:
    with serve() as served:
        key = key_of(served)
        assert read(served, key) == 200
        assert read(served, key, "/_double/requests?session=*") == 200
        assert read(served, "sk-other") == 403


@pytest.mark.parametrize("keys", [{"api_keys": ["sk-a"]}, {"control_key": "sk-control"}])
def test_with_keys_the_page_gets_none(serve: Serve, keys: dict[str, Any]) -> None:
    with serve(**keys) as served:
        assert key_of(served) == ""
        assert read(served, "") == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    ],
)
def test_other_pages_and_proxies_get_no_key(server: RunningServer, headers: dict[str, str]) -> None:
    assert key_of(server, **headers) == ""


@pytest.mark.parametrize(
    "headers", [{"Host": "localhost:8000"}, {"Host": "[::1]"}, {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}]
)
def test_a_person_on_the_own_machine_gets_the_key(server: RunningServer, headers: dict[str, str]) -> None:
    assert key_of(server, **headers) != ""


def test_two_servers_have_different_keys(serve: Serve, server: RunningServer) -> None:
    with serve() as served:
        assert key_of(served) != key_of(server)


def enter(inspector: Inspector, key: str) -> None:
    """Give the page a key."""
    inspector.page.get_by_label("API key of a session").fill(key)
    inspector.page.get_by_role("button", name="Open").click()


def test_a_key_opens_its_session_and_the_control_key_all(chromium: Any, serve: Serve) -> None:
    keys = {"api_keys": ["sk-a", "sk-b"], "control_key": "sk-control"}
    with serve(**keys) as served, inspecting(chromium, served) as inspector:
        for key in ("sk-a", "sk-b"):
            chat(served.origin, key)
        inspector.open()
        enter(inspector, "sk-wrong")
        expect(inspector.page.get_by_role("alert")).to_contain_text("Incorrect API key provided")
        enter(inspector, "sk-a")
        expect(inspector.page.locator(".line.session")).to_have_text(["sk-a · 1 request"])
        inspector.page.reload()
        expect(inspector.page.locator(".line.session")).to_have_text(["sk-a · 1 request"])
        inspector.go("Sessions")
        expect(inspector.page.get_by_role("heading", name="sk-a")).to_be_visible()
        inspector.page.get_by_role("button", name="Forget key").click()
        enter(inspector, "sk-control")
        inspector.go("Requests")
        expect(inspector.page.locator(".line.session")).to_have_text(["sk-a · 1 request", "sk-b · 1 request"])


def test_the_key_stays_in_its_tab(chromium: Any, serve: Serve) -> None:
    with serve(control_key="sk-control") as served:
        with inspecting(chromium, served) as inspector:
            inspector.open()
            enter(inspector, "sk-control")
            expect(inspector.page.get_by_text("No request has come yet.")).to_be_visible()
            assert "sk-control" not in inspector.page.url
            assert inspector.page.evaluate("[document.cookie, localStorage.length]") == ["", 0]
        with inspecting(chromium, served) as other:
            other.open()
            expect(other.page.get_by_label("API key of a session")).to_be_visible()
