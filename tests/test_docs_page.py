"""The page at /docs in a browser: with a key, "Try it out" works for every operation."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from inspecting import BARE, CHROMIUM, SECONDS
from parts import long
from raw import ask

playwright: Any = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: scripts/setup dev")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

KEY: Final = "sk-browser"
FINE_TUNED: Final = "ft:gpt-4o-mini-2024-07-18:mine::abc123"


@pytest.fixture(scope="module")
def served() -> Iterator[RunningServer]:
    with running() as one:
        yield one


@pytest.fixture
def disturbed(tmp_path: Path) -> Iterator[RunningServer]:
    """Return a server of its own, for a test that changes everything."""
    with running(Settings(save_rules=tmp_path)) as one:
        yield one


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=BARE)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def opened(chromium: Any, served: RunningServer) -> Iterator[Any]:
    """Return the page, which takes seconds to draw; a request to anywhere else would fail."""
    drawn = chromium.new_page()
    drawn.set_default_timeout(SECONDS)
    drawn.route(re.compile(f"^(?!{re.escape(served.origin)}/)"), _fail)
    drawn.goto(f"{served.origin}/docs")
    yield drawn
    drawn.close()


@pytest.fixture
def page(opened: Any) -> Iterator[Any]:
    """Return the page without a key."""
    yield opened
    opened.evaluate("ui.authActions.logout(['ApiKeyAuth', 'AzureApiKey'])")


def _fail(route: Any) -> None:
    route.abort()


def operations(server: RunningServer) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the path, the method and the contract of every operation."""
    contract = json.loads(ask(server.origin, "GET", "/openapi.json").body)
    return [
        (path, method, operation)
        for path, found in contract["paths"].items()
        for method, operation in found.items()
        if method != "servers"
    ]


def authorize(page: Any, scheme: str) -> None:
    """Give the page the key, in one of the two ways."""
    page.locator("button.authorize").first.click()
    form = page.locator(".auth-container").filter(has_text=scheme)
    form.locator("input").fill(KEY)
    form.get_by_role("button", name="Apply credentials").click()
    page.locator(".dialog-ux .btn-done").first.click()


def try_out(page: Any, operation: dict[str, Any], values: dict[str, str]) -> tuple[int, str]:
    """Try an operation out with the page's own values, those of the path aside; return the status and the URL."""
    tag = operation.get("tags", ["default"])[0]
    block = page.locator(f"#operations-{tag}-{operation['operationId']}")
    summary = block.locator(".opblock-summary-control")
    summary.click()
    block.get_by_role("button", name="Try it out").click()
    for name, value in values.items():
        block.locator(f'tr[data-param-name="{name}"][data-param-in="path"] input').fill(value)
    block.get_by_role("button", name="Execute").click()
    status = block.locator(".live-responses-table .response-col_status").nth(1).inner_text()
    url: str = block.locator(".request-url pre").inner_text()
    block.get_by_role("button", name="Cancel").click()
    summary.click()  # an open block slows the page down
    return int(status.split()[0]), url


@pytest.mark.parametrize(
    ("scheme", "status"), [(None, 401), ("ApiKeyAuth", 200), pytest.param("AzureApiKey", 200, marks=long)]
)
def test_a_completion_is_created_with_either_kind_of_key(
    page: Any, served: RunningServer, scheme: str | None, status: int
) -> None:
    create = next(found for _, _, found in operations(served) if found["operationId"] == "createChatCompletion")
    if scheme:
        authorize(page, scheme)
    assert try_out(page, create, {}) == (status, f"{served.origin}/v1/chat/completions")


HEADERS: Final = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
ENDLESS: Final = frozenset({"listenToRequests"})
"""Operations that do not end by themselves."""

PATIENT: Final = "waitAtGate"
"""The operation that waits for ten seconds, for nobody."""

OTHERWISE: Final = {"listSessions": 403, PATIENT: 408}
"""The statuses of operations that do not succeed: one needs the control key."""

LATE: Final = frozenset({"setFaults", "setLimits", "reset"})
"""Operations that would disturb the others."""


def sent(server: RunningServer, path: str, body: dict[str, Any], method: str = "POST") -> dict[str, Any]:
    """Send a request with the page's key; return the answer."""
    found: dict[str, Any] = json.loads(ask(server.origin, method, path, json.dumps(body).encode(), HEADERS).body)
    return found


def values_for(server: RunningServer, operation_id: str) -> dict[str, str]:
    """Make what an operation is tried on; return the values of all parameters of paths."""
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}], "store": True}
    background = operation_id == "cancelResponse"
    conversation = sent(server, "/v1/conversations", {"items": [{"role": "user", "content": "Hello!"}]})["id"]
    items = json.loads(ask(server.origin, "GET", f"/v1/conversations/{conversation}/items", b"", HEADERS).body)
    sent(server, "/_double/gates/cancel", {"when": {"user": "nobody"}}, "PUT")
    return {
        "completion_id": sent(server, "/v1/chat/completions", asked)["id"],
        "response_id": sent(server, "/v1/responses", {"model": "gpt-4o", "input": "Hi", "background": background})[
            "id"
        ],
        "conversation_id": conversation,
        "item_id": items["data"][0]["id"],
        "rule": sent(server, "/_double/rules", {"rule": {"when": {"user": "nobody"}, "reply": "Never"}})["id"],
        "name": "cancel",
        "request_id": json.loads(ask(server.origin, "GET", "/_double/requests", b"", HEADERS).body)["data"][0]["id"],
        "model": FINE_TUNED if operation_id == "deleteModel" else "gpt-5.4-mini",
    }


def example_of(contract: dict[str, Any], operation: dict[str, Any]) -> bytes:
    """Return the body that the page proposes: the example, or an object with the schema's required properties."""
    contents = operation.get("requestBody", {}).get("content", {})
    if file := contents.get("application/octet-stream"):
        return str(file["example"]).encode()
    content = contents.get("application/json", {})
    if not content:
        return b""
    name = content["schema"].get("$ref", "").rpartition("/")[2]
    schema = contract["components"]["schemas"][name] if name else content["schema"]
    proposed = {name: _proposed(schema["properties"][name]) for name in schema.get("required", ())}
    return json.dumps(content.get("example", proposed)).encode()


def _proposed(schema: dict[str, Any]) -> Any:
    kind = schema.get("anyOf", [schema])[0].get("type")
    return [] if kind == "array" else {} if kind == "object" else "string"


@pytest.mark.parametrize("left_out", [{PATIENT}, pytest.param(set[str](), marks=long)], ids=["quick", "every"])
def test_every_operation_answers_what_the_page_proposes(disturbed: RunningServer, left_out: set[str]) -> None:
    contract = json.loads(ask(disturbed.origin, "GET", "/openapi.json").body)
    tried = [found for found in operations(disturbed) if found[2]["operationId"] not in ENDLESS | left_out]
    tried.sort(key=lambda found: (found[2]["operationId"] in LATE, found[1] == "delete"))
    for path, method, operation in tried:
        made = values_for(disturbed, operation["operationId"]) if "{" in path else {}
        place = f"{'' if path.startswith('/_double/') else '/v1'}{path.format(**made)}"
        answer = ask(disturbed.origin, method.upper(), place, example_of(contract, operation), HEADERS)
        assert answer.status == OTHERWISE.get(operation["operationId"], 200), (operation["operationId"], answer.body)


OPERATIONS: Final = ("retrieveModel", "getChatCompletion", "queueReplies", "deleteGate")


@pytest.mark.parametrize("name", ["showSession", *(pytest.param(name, marks=long) for name in OPERATIONS)])
def test_an_operation_can_be_tried_out(page: Any, served: RunningServer, name: str) -> None:
    authorize(page, "ApiKeyAuth")
    path, _, operation = next(found for found in operations(served) if found[2]["operationId"] == name)
    named = re.findall(r"{(\w+)}", path)
    made = values_for(served, name) if named else {}
    status, url = try_out(page, operation, {name: made[name] for name in named})
    assert (status, url) == (200, served.origin + ("" if "_double" in path else "/v1") + path.format(**made))


def test_summaries_are_sentences(page: Any, served: RunningServer) -> None:
    for _, _, operation in operations(served):
        summary = operation["summary"]
        assert summary[0].isupper()
        assert summary.endswith(".")
        assert len(summary.split()) > 2
        assert page.get_by_text(summary, exact=True).first.is_visible()
