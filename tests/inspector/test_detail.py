"""The inspector's detail of a request: the conversation, the reasons, the bodies, the stream, the verdict."""

from pathlib import Path
from typing import Any, Final

import pytest
from openai import NotFoundError

from conftest import Serve
from inspecting import Inspector, expect, inspecting

SCRIPT: Final = """\
rules:
  - name: rain
    when: {user: "*weather*", model: "gpt-5.4-nano"}
    reply: Rain.
  - name: greeting
    when: {user: "Hello*"}
    reply: Hi.
"""


def test_tool_calls_are_joined_to_results_and_additions_marked(inspector: Inspector) -> None:
    inspector.run_agent()
    panel = inspector.show("tool:")
    expect(panel.locator(".message")).to_have_count(4)
    call = panel.locator(".call")
    expect(call).to_contain_text("get_weather")
    expect(call).to_contain_text("Oslo")
    expect(call.locator(".result")).to_contain_text("temperature: 4")
    expect(panel.locator(".message.new")).to_have_count(1)
    expect(panel.locator(".message").last).to_contain_text("4 degrees in Oslo.")


def test_refusals_and_reasoning_are_marked(inspector: Inspector) -> None:
    inspector.control("POST", "queue", {"refusal": "I will not."})
    inspector.say("Do it!")
    expect(inspector.show("Do it!").locator(".marked")).to_have_text("Refusal I will not.")


def test_images_are_shown_and_addresses_are_links(inspector: Inspector) -> None:
    dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
    parts: Any = [
        {"type": "text", "text": "Two images"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{dot}"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}},
    ]
    with inspector.client() as client:
        client.chat.completions.create(model="gpt-5.4", messages=[{"role": "user", "content": parts}])
    panel = inspector.show("Two images")
    expect(panel.get_by_role("img", name="An image of 1 x 1 pixels")).to_be_visible()
    assert panel.get_by_role("img").evaluate("image => image.naturalWidth") == 1
    expect(panel.get_by_role("link", name="https://example.com/cat.png")).to_be_visible()


def test_audio_can_be_played(inspector: Inspector) -> None:
    with inspector.client() as client:
        client.chat.completions.create(
            model="gpt-4o-audio-preview",
            messages=[{"role": "user", "content": "Say it"}],
            modalities=["text", "audio"],
            audio={"voice": "alloy", "format": "wav"},
        )
    player = inspector.show("Say it").get_by_label("Audio")
    player.evaluate("player => player.load()")
    player.evaluate("player => { player.preload = 'metadata' }")
    inspector.page.wait_for_function("document.querySelector('audio').duration > 0")


def test_the_rule_and_the_near_misses_are_read(chromium: Any, serve: Serve, tmp_path: Path) -> None:
    script = tmp_path / "agent.yaml"
    script.write_text(SCRIPT)
    with serve(scripts=[script], unmatched="error") as served, inspecting(chromium, served) as inspector:
        inspector.open()
        inspector.say("Hello you")
        panel = inspector.show("Hello you", "Why")
        expect(panel).to_contain_text("The rule greeting answered.")
        expect(panel.locator(".matched")).to_contain_text("agent.yaml:5")
        with pytest.raises(NotFoundError, match="No rule matched"):
            inspector.say("How is the weather?")
        expect(inspector.row("How is the weather?")).to_contain_text("unmatched_request")
        panel = inspector.show("How is the weather?", "Why")
        nearest = panel.locator(".miss").filter(has_text="rain")
        expect(nearest).to_contain_text("agent.yaml:2")
        expect(nearest.locator(".sides")).to_contain_text("gpt-5.4-nano")
        expect(nearest.locator(".sides")).to_contain_text("gpt-5.4-mini")


def test_a_request_is_compared_with_the_one_before(inspector: Inspector) -> None:
    inspector.run_agent()
    panel = inspector.show("tool:", "Request")
    expect(panel.locator(".changes > li")).to_have_count(2)
    expect(panel.locator(".changes > li").first).to_contain_text("added messages.2")
    expect(panel.get_by_role("row", name="authorization")).to_contain_text("[secret]")


def test_log_probabilities_are_coloured(inspector: Inspector) -> None:
    inspector.say("Hello there", logprobs=True)
    panel = inspector.show("Hello there", "Response")
    expect(panel.locator(".token")).to_have_count(2)
    assert panel.locator(".token").first.get_attribute("title").endswith(" %")
    expect(panel).to_contain_text("completion_tokens")


def test_a_stream_is_scrubbed_along_its_time_line(inspector: Inspector) -> None:
    inspector.control("PUT", "pace", {"tokens_per_second": 500})
    with inspector.client() as client:
        asked: Any = [{"role": "user", "content": "one two three four"}]
        pieces = len([*client.chat.completions.create(model="gpt-5.4", messages=asked, stream=True)])
    panel = inspector.show("one two three", "Stream")
    expect(panel.get_by_role("status")).to_contain_text("Piece 1 of ")
    expect(panel.get_by_label("Text so far")).to_contain_text("one")
    slider = panel.get_by_role("slider")
    slider.focus()
    inspector.page.keyboard.press("End")
    last = int(slider.get_attribute("max")) + 1
    assert last <= pieces + 1
    expect(panel.get_by_role("status")).to_contain_text(f"Piece {last} of {last}")
    expect(panel.get_by_label("Text so far")).to_have_text("one two three four")


def test_the_verdict_of_a_request_is_shown(inspector: Inspector) -> None:
    for _ in range(2):
        inspector.say("The same again")
    expect(inspector.page.locator(".line.request")).to_have_count(2)
    inspector.page.locator(".line.request").last.click()
    inspector.page.get_by_role("tab", name="Verdict").click()
    expect(inspector.page.get_by_role("tabpanel")).to_contain_text("repeated_request")
    inspector.go("Verdict")
    expect(inspector.page.get_by_role("heading", name="Verdict: passed")).to_be_visible()
    inspector.page.get_by_role("link", name="req_").first.click()
    expect(inspector.page.get_by_role("tablist")).to_be_visible()
