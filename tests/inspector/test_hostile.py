"""Hostile requests in the inspector: all of them are shown as text, and none acts, hangs or disguises itself."""

import base64
import json
import struct
from typing import Any, Final

from inspecting import KEY, Inspector, expect
from parts import long
from raw import ask, post

SCRIPT: Final = "<script>window.hurt = 1</script><img src=x onerror='window.hurt = 1'>"


def send(inspector: Inspector, content: Any, **options: Any) -> None:
    """Send a request without an SDK."""
    post(
        inspector.server.origin, {"model": "gpt-5.4", "messages": [{"role": "user", "content": content}]} | options, KEY
    )


def test_markup_is_text_everywhere(inspector: Inspector) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "X-Markup": SCRIPT, "Content-Type": "application/json"}
    name = {"role": "user", "content": f"first {SCRIPT}", "name": SCRIPT}
    asked = {"model": f"gpt-5.4{SCRIPT}", "messages": [name], SCRIPT: SCRIPT}
    ask(inspector.server.origin, "POST", "/v1/chat/completions", json.dumps(asked).encode(), headers)
    ask(
        inspector.server.origin,
        "GET",
        f"/v1/{SCRIPT.replace(' ', '%20')}",
        headers={"X-Double-Session": SCRIPT} | headers,
    )
    expect(inspector.page.locator(".line.request")).to_have_count(2)
    inspector.row("first").click()
    for tab in ("Conversation", "Why", "Request", "Response", "Stream", "Verdict"):
        inspector.page.get_by_role("tab", name=tab).click()
        expect(inspector.page.get_by_role("tabpanel", name=tab)).to_be_visible()
    expect(inspector.show("first")).to_contain_text(SCRIPT)
    for page in ("Sessions", "Rules", "Verdict"):
        inspector.go(page)
        expect(inspector.page.get_by_role("heading", name=page)).to_be_visible()
    assert inspector.page.evaluate("window.hurt") is None
    assert inspector.page.locator("#app script, #app img").count() == 0


def test_invisible_characters_and_directions_are_shown(inspector: Inspector) -> None:
    send(inspector, "a\u0000b \u202egnp.exe\u202c \u05e9\u05dc\u05d5\u05dd")
    panel = inspector.show("a\u2400b")
    expect(panel).to_contain_text("a\u2400b \u27e8U+202E\u27e9gnp.exe\u27e8U+202C\u27e9 \u05e9\u05dc\u05d5\u05dd")


def test_a_line_of_a_megabyte_is_folded(inspector: Inspector) -> None:
    send(inspector, "begin " + "x" * 1_000_000)
    panel = inspector.show("begin")
    assert len(panel.inner_text()) < 20_000
    panel.get_by_role("button", name="show all 1,000,006 characters").first.click()
    expect(panel.locator(".text").first).to_have_text("begin " + "x" * 1_000_000)


@long
def test_huge_json_unfolds_in_parts(inspector: Inspector) -> None:
    send(inspector, "huge", metadata={f"key{number}": "value" for number in range(20_000)})
    panel = inspector.show("huge", "Request")
    panel.get_by_role("button", name="metadata: { } 20,000 keys").click()
    expect(panel.get_by_role("button", name="19,900 keys more")).to_be_visible()
    assert panel.locator(".leaf").count() < 200
    deep: Any = "bottom"
    for _ in range(150):
        deep = {"inner": deep}
    send(inspector, "deep", metadata=deep)
    expect(inspector.show("deep", "Request").get_by_role("button", name="metadata: { } 1 key")).to_be_visible()


def test_an_image_bomb_is_refused(inspector: Inspector) -> None:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 50_000, 50_000) + bytes(20)
    urls = [
        f"data:image/png;base64,{base64.b64encode(head).decode()}",
        "data:image/svg+xml;base64,PHN2Zy8+",
        "javascript:window.hurt=1",
        "data:image/png;base64,####",
    ]
    parts: list[Any] = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    send(inspector, [{"type": "text", "text": "bombs"}, *parts])
    panel = inspector.show("bombs")
    expect(panel).to_contain_text("An image of 50000 x 50000 pixels, which is not shown.")
    expect(panel.get_by_text("An image that is not shown")).to_have_count(3)
    assert panel.locator("img, a").count() == 0


def test_a_body_that_is_no_json_is_shown(inspector: Inspector) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    ask(inspector.server.origin, "POST", "/v1/chat/completions", b"{broken \xff <b>", headers)
    expect(inspector.show("POST /v1/chat/completions", "Request")).to_contain_text("{broken \ufffd <b>")
