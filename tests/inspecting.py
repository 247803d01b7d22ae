"""The inspector in a browser, for tests."""

# Playwright's handlers are lambdas.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportUnknownParameterType=false, reportDeprecated=false

import asyncio
import re
import shutil
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from openai import OpenAI

from chatdouble.testing.server import RunningServer
from raw import control

ROOT: Final = Path(__file__).parents[1]
expect: Any = import_module("playwright.sync_api").expect if find_spec("playwright") else None
"""Playwright's assertions, which wait; without playwright, the fixture `chromium` skips the tests."""
CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
BARE: Final = ["--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess"]
"""Flags of Chromium: it renders neither an address bar for each window nor a page ahead, which takes half its time."""
SECONDS: Final = 30_000
"""The milliseconds that a busy machine may take for anything."""
KEY: Final = "sk-agent"
TOOLS: Final = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]


@dataclass
class Inspector:
    """The inspector of a server, open in a browser.

    Attributes:
        server: The server.
        page: The browser's page.
        complaints: What the browser complained of.
    """

    server: RunningServer
    page: Any
    complaints: list[str] = field(default_factory=list[str])

    def open(self, place: str = "") -> None:
        """Open a place of the inspector."""
        self.page.goto(f"{self.server.origin}/_double/{place}")

    def row(self, text: str) -> Any:
        """Return the rows of the list that have a text."""
        return self.page.locator(".line.request").filter(has_text=text)

    def show(self, text: str, tab: str = "Conversation") -> Any:
        """Select the one row with a text, and return a tab of its detail."""
        self.row(text).click()
        self.page.get_by_role("tab", name=tab).click()
        return self.page.get_by_role("tabpanel", name=tab)

    def go(self, page: str) -> None:
        """Go to another page of the inspector."""
        self.page.get_by_role("navigation").get_by_role("link", name=page).click()

    def client(self, key: str = KEY) -> OpenAI:
        """Return the official client of the server."""
        return OpenAI(base_url=self.server.base_url, api_key=key, max_retries=0)

    def control(self, method: str, path: str, body: object = None, key: str = KEY) -> Any:
        """Ask the control of a session."""
        return control(self.server, key, method, path, body)

    def say(self, text: str, key: str = KEY, **options: Any) -> str:
        """Send a request with a text and return its id."""
        with self.client(key) as client:
            asked: Any = [{"role": "user", "content": text}]
            made = client.chat.completions.with_raw_response.create(model="gpt-5.4-mini", messages=asked, **options)
            return str(made.headers["x-request-id"])

    def run_agent(self, key: str = KEY) -> None:
        """Run an agent that calls a tool and answers."""
        self.control("POST", "queue", [{"tool_calls": [{"get_weather": {"city": "Oslo"}}]}, "4 degrees in Oslo."], key)
        messages: Any = [
            {"role": "system", "content": "You are a weather agent."},
            {"role": "user", "content": "How is the weather in Oslo?"},
        ]
        with self.client(key) as client:
            while True:
                made = client.chat.completions.create(model="gpt-5.4-mini", messages=messages, tools=TOOLS)  # type: ignore[arg-type]
                message = made.choices[0].message
                if not message.tool_calls:
                    return
                messages.append(message.model_dump(exclude_none=True))
                for call in message.tool_calls:
                    result = {"role": "tool", "tool_call_id": call.id, "content": '{"temperature": 4, "sky": "clear"}'}
                    messages.append(result)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine in a thread of its own, since the browser's driver keeps the test's thread in a loop."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, work).result()


@contextmanager
def inspecting(chromium: Any, server: RunningServer, **options: Any) -> Iterator[Inspector]:
    """Yield the inspector of a server; a request to anywhere else fails, and no complaint is left at the end."""
    page = chromium.new_page(**options)
    page.set_default_timeout(SECONDS)
    inspector = Inspector(server, page)
    page.route(re.compile(f"^(?!{re.escape(server.origin)}/|data:|blob:)"), lambda route: route.abort())
    page.on("pageerror", lambda error: inspector.complaints.append(str(error)))
    page.on("console", lambda said: inspector.complaints.append(said.text) if said.type == "error" else None)
    yield inspector
    page.close()
    # A browser reports statuses of errors by itself; the tests look at what the page makes of them.
    assert [one for one in inspector.complaints if not one.startswith("Failed to load resource")] == []
