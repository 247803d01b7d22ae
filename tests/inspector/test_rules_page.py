"""The inspector's page of rules: mistakes beside the rules, and files that become rules."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from conftest import Serve
from inspecting import Inspector, expect, inspecting

SCRIPT: Final = """\
- name: weather
  when: {user: "*weather*"}
  reply: Rain.
- name: oslo
  when: {user: "weather in Oslo"}
  reply: Snow.
- name: greeting
  when: {user: "^hello"}
  reply: Hi.
"""


def test_a_rule_that_another_hides_is_shown_and_reached_once_that_one_is_disabled(
    chromium: Any,
    serve: Serve,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    picture: Callable[[Inspector, str], None],
) -> None:
    monkeypatch.chdir(tmp_path)
    script = Path("agent.yaml")
    script.write_text(SCRIPT)
    size = {"width": 1280, "height": 480}
    with serve(scripts=[script]) as served, inspecting(chromium, served, viewport=size) as inspector:
        inspector.open("#/rules?session=sk-agent")
        rules = inspector.page.locator(".rules > li")
        expect(rules).to_have_count(3)
        expect(inspector.page.get_by_text("Lint finds 1 error and 1 warning.")).to_be_visible()
        hidden = rules.filter(has_text="oslo")
        expect(hidden.locator(".shadowed")).to_be_visible()
        expect(hidden.locator(".findings")).to_contain_text("error in line 4: never reached: 'weather' at")
        expect(rules.last.locator(".findings")).to_contain_text("looks like a regular expression")
        picture(inspector, "rules")
        rules.first.get_by_role("button", name="Disable").click()
        expect(hidden.locator(".findings")).to_have_count(0)
        inspector.say("weather in Oslo")
        assert inspector.control("GET", "requests")["data"][0]["rule"] == "oslo"


def test_a_file_becomes_rules_of_the_session(inspector: Inspector, tmp_path: Path) -> None:
    inspector.control("POST", "queue", "Recorded.", key="sk-before")
    inspector.say("Hello", key="sk-before")
    exported = inspector.control("GET", "requests/export?format=har", key="sk-before")
    file = tmp_path / "requests.har"
    file.write_text(json.dumps(exported))
    inspector.open("#/rules?session=sk-agent")
    chosen = inspector.page.get_by_label("Import a recording")
    said = inspector.page.get_by_role("status")
    chosen.set_input_files(file)
    expect(said).to_have_text("Imported 1 rule.")
    expect(inspector.page.locator(".rules > li")).to_contain_text("added for this session, first")
    inspector.say("Hello")
    (entry,) = inspector.control("GET", "requests")["data"]
    assert entry["response"]["choices"][0]["message"]["content"] == "Recorded."
    file.write_text('{"log": {"entries": [{"request": {}}]}}')
    chosen.set_input_files(file)
    expect(said).to_contain_text("The file has no rules. entry 1: request.method")
