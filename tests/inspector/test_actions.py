"""Actions of the inspector: it saves rules, copies code, releases streams, and changes sessions."""

import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from chatdouble.testing import Turn
from inspecting import KEY, Inspector, expect


def shown(inspector: Inspector, action: str) -> str:
    """Return the text that an action shows."""
    inspector.page.get_by_role("button", name=action, exact=True).click()
    text: str = inspector.page.get_by_role("dialog").locator("pre").inner_text()
    return text


def test_a_request_is_saved_as_a_rule_that_then_matches(inspector: Inspector) -> None:
    inspector.control("POST", "queue", "Rain.")
    inspector.say("How is the weather?")
    inspector.show("How is the weather?")
    assert "text: Rain." in shown(inspector, "Save as rule")
    inspector.page.get_by_role("button", name="Add to the session").click()
    expect(inspector.page.get_by_role("dialog").get_by_role("status")).to_have_text("Added as added_rule_1.")
    inspector.page.get_by_role("button", name="Close", exact=True).click()
    inspector.say("How is the weather?")
    (_, again) = inspector.control("GET", "requests")["data"]
    assert again["response"]["choices"][0]["message"]["content"] == "Rain."
    expect(inspector.page.locator(".line.request").last).to_contain_text(again["rule"])
    inspector.page.get_by_label("Session").focus()
    inspector.page.get_by_label("Session").select_option(KEY)
    inspector.go("Rules")
    rule = inspector.page.locator(".rules > li")
    expect(rule).to_contain_text("1 answer")
    rule.get_by_role("button", name="Disable").click()
    expect(rule.get_by_role("button", name="Enable")).to_be_visible()
    assert [one["disabled"] for one in inspector.control("GET", "rules")["data"]] == [True]
    rule.get_by_role("button", name="Delete").click()
    expect(inspector.page.get_by_text("The server has no rules.")).to_be_visible()


def test_code_that_is_copied_sends_the_same_request(inspector: Inspector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-copied")
    inspector.say('Say "\u2028" and \\n', temperature=0.5, seed=7)
    inspector.show("Say")
    exec(shown(inspector, "Python"), {"print": str})  # noqa: S102 - the code is what is tested
    (copied,) = inspector.control("GET", "requests", key="sk-copied")["data"]
    (asked,) = inspector.control("GET", "requests")["data"]
    assert copied["request"] == asked["request"]
    inspector.page.get_by_role("button", name="Close", exact=True).click()
    typescript = shown(inspector, "TypeScript")
    assert json.loads(typescript.partition("create(")[2].partition(");\n")[0]) == asked["request"]
    inspector.page.get_by_role("button", name="Close", exact=True).click()
    assert "curl -sS -X POST" in shown(inspector, "cURL")
    inspector.page.get_by_role("button", name="Close", exact=True).click()
    names: dict[str, Any] = {}
    exec(shown(inspector, "pytest"), names)  # noqa: S102 - the code is what is tested
    scripted: list[object] = []

    def script(*turns: object) -> None:
        scripted.extend(turns)

    names["test_it"](SimpleNamespace(script=script))
    (only,) = scripted
    assert isinstance(only, Turn)


def test_a_held_stream_is_released_from_the_page(inspector: Inspector) -> None:
    inspector.control("PUT", "gates/second", {"after_chunks": 2, "timeout": 300})

    def stream() -> list[str]:
        asked: Any = [{"role": "user", "content": "one two three"}]
        with inspector.client() as client:
            made = client.chat.completions.create(model="gpt-5.4", messages=asked, stream=True)
            return [chunk.choices[0].delta.content or "" for chunk in made]

    with ThreadPoolExecutor(1) as threads:
        streaming = threads.submit(stream)
        expect(inspector.page.locator(".line.held")).to_contain_text("held at second")
        inspector.page.locator(".line.held").click()
        inspector.page.get_by_role("button", name="Release one chunk").click()
        inspector.control("POST", "gates/second/wait", {"timeout": 60})
        inspector.page.get_by_role("button", name="Release", exact=True).click()
        assert "".join(streaming.result(60)) == "one two three"
    expect(inspector.row("one two three")).to_contain_text("completed")
    panel = inspector.show("one two three", "Stream")
    expect(panel).to_contain_text("second released")


def test_a_session_is_changed_from_its_page(inspector: Inspector) -> None:
    inspector.say("Hello")
    page = inspector.page
    inspector.go("Sessions")
    page.get_by_role("link", name=KEY).click()
    page.get_by_label("Reply").fill("Queued by hand.")
    page.get_by_role("button", name="Queue").click()
    expect(page.get_by_role("status")).to_have_text("Done: POST queue.")
    assert inspector.control("GET", "queue")["data"] == ["Queued by hand."]
    fault = page.locator(".setting").filter(has=page.get_by_label("Faults"))
    fault.get_by_label("Faults").fill('{"name": "nonsense"}')
    fault.get_by_role("button", name="Set").click()
    expect(page.get_by_role("status")).to_contain_text("faults[0].name: must be")
    fault.get_by_label("Faults").fill('{"name": "error", "status": 503, "times": 1}')
    fault.get_by_role("button", name="Set").click()
    expect(page.get_by_role("status")).to_have_text("Done: PUT faults.")
    assert inspector.control("GET", "faults")["faults"][0]["status"] == 503
    for label, value in (("Pace", '{"ttft": 0.3}'), ("Limits", '{"requests_per_minute": 3}'), ("Mode", "replay")):
        setting = page.locator(".setting").filter(has=page.get_by_label(label))
        setting.get_by_label(label).fill(value)
        setting.get_by_role("button", name="Set").click()
        expect(page.get_by_role("status")).to_have_text(f"Done: PUT {label.lower()}.")
    state = inspector.control("GET", "session")
    assert (state["pace"], state["mode"]) == ({"*": {"ttft": 0.3}}, "replay")
    assert state["limits"] == {"*": {"requests_per_minute": 3}}
    page.get_by_role("button", name="Clock + 60 s").click()
    expect(page.get_by_text("Its clock is 60 s ahead.")).to_be_visible()
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("0 requests, 0 in flight")).to_be_visible()
    assert inspector.control("GET", "queue")["data"] == []


def test_requests_are_exported_as_a_file(inspector: Inspector) -> None:
    inspector.say("Hello")
    inspector.go("Sessions")
    inspector.page.get_by_role("link", name=KEY).click()
    with inspector.page.expect_download() as download:
        inspector.page.get_by_role("button", name="har", exact=True).click()
    assert download.value.suggested_filename == "requests.har"
    with download.value.path().open("rb") as file:
        assert len(json.load(file)["log"]["entries"]) == 1
