"""A page of another server in a real browser: it tries to read a double on the same machine, and to reset it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Final

import pytest

from chatdouble.testing.server import RunningServer, running
from inspecting import BARE, CHROMIUM
from raw import chat, control

playwright: Any = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: scripts/setup dev")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

KEY: Final = "sk-victim"
MISLED: Final = "rebound.example"
"""A name that its owner points at this machine."""
ASK: Final = """async ([url, method, headers, mode]) => {
  try {
    const answer = await fetch(url, {method, headers, mode, body: method === "POST" ? "{}" : undefined});
    return [answer.type, answer.status, await answer.text()];
  } catch (error) { return ["failed", 0, ""]; }
}"""


class Page(BaseHTTPRequestHandler):
    """A server of one empty page."""

    def do_GET(self) -> None:
        """Answer with the page."""
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>Another server</title>")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's own name
        """Log nothing."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=[*BARE, f"--host-resolver-rules=MAP {MISLED} 127.0.0.1"]
        )
        yield browser
        browser.close()


@pytest.fixture
def served() -> Iterator[RunningServer]:
    with running() as one:
        chat(one.origin, KEY)
        yield one


@pytest.fixture
def foreign() -> Iterator[str]:
    """Return the address of another server's page."""
    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def try_all(page: Any, origin: str) -> list[Any]:
    """Have a page try to read and to reset in every way that `fetch` has; return the answers."""
    key = {"Authorization": f"Bearer {KEY}"}
    tries: list[tuple[str, str, dict[str, str], str]] = [
        (f"{origin}/_double/requests", "GET", key, "cors"),
        (f"{origin}/_double/requests", "GET", {}, "no-cors"),
        (f"{origin}/_double/reset", "POST", key, "cors"),
        (f"{origin}/_double/reset", "POST", {}, "no-cors"),
        (f"{origin}/_double/mode", "PUT", key, "cors"),
        (f"{origin}/v1/chat/completions", "GET", {**key, "X-Double-Session": KEY}, "cors"),
        (f"{origin}/docs", "GET", {}, "cors"),
    ]
    return [page.evaluate(ASK, [*one]) for one in tries]


def test_a_page_of_another_server_neither_reads_nor_resets(chromium: Any, served: RunningServer, foreign: str) -> None:
    page = chromium.new_page()
    page.goto(foreign)
    for kind, status, text in try_all(page, served.origin):
        assert kind in {"failed", "opaque"}
        assert (status, text) == (0, "")
    page.close()
    assert len(control(served, KEY, "GET", "requests")["data"]) == 1


def test_a_page_whose_name_was_pointed_at_this_machine_neither_reads_nor_resets(
    chromium: Any, served: RunningServer
) -> None:
    page = chromium.new_page()
    origin = f"http://{MISLED}:{served.port}"
    page.goto(f"{origin}/health")
    for kind, status, text in try_all(page, origin):
        assert (kind, status) == ("basic", 403)
        assert "host_not_allowed" in text
    page.close()
    assert len(control(served, KEY, "GET", "requests")["data"]) == 1


def test_the_server_s_own_page_reads_and_resets(chromium: Any, served: RunningServer) -> None:
    page = chromium.new_page()
    page.goto(f"{served.origin}/docs")
    key = {"Authorization": f"Bearer {KEY}"}
    assert page.evaluate(ASK, ["/_double/requests", "GET", key, "cors"])[1] == 200
    assert page.evaluate(ASK, ["/_double/reset", "POST", key, "cors"])[1] == 200
    page.close()
    assert control(served, KEY, "GET", "requests")["data"] == []
