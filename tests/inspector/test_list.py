"""The inspector's list: live, grouped, filtered, and fluid with many requests."""

import json
from typing import Any, Final

from chatdouble.core.json import encode
from conftest import Serve
from inspecting import KEY, Inspector, expect, inspecting, run
from parts import long

PATIENCE: Final = 240_000
"""The milliseconds that a busy machine may take to read a journal of ten thousand requests."""

LATER: Final = "Some requests are not listed yet."


def test_an_agent_is_seen_live_as_one_conversation(inspector: Inspector) -> None:
    page = inspector.page
    expect(page.get_by_text("No request has come yet.")).to_be_visible()
    expect(page.get_by_text("live")).to_be_visible()
    inspector.run_agent()
    expect(page.locator(".line.request")).to_have_count(2)
    expect(page.locator(".line.session")).to_have_text(f"{KEY} · 2 requests")
    expect(page.locator(".line.conversation")).to_have_text("conv-1 · 2 requests")
    for name in ("a second", "median", "tokens in", "tokens out"):
        expect(page.get_by_role("img", name=f"Course of {name}")).to_be_visible()
    expect(inspector.row("user: How is the weather in Oslo?")).to_contain_text("200")
    expect(inspector.row('tool: {"temperature": 4')).to_contain_text("queue")


def test_sessions_are_apart_and_one_can_be_chosen(inspector: Inspector) -> None:
    inspector.say("from a", key="sk-a")
    inspector.say("from b", key="sk-b")
    expect(inspector.page.locator(".line.session")).to_have_text(["sk-a · 1 request", "sk-b · 1 request"])
    inspector.page.get_by_label("Session").focus()
    inspector.page.get_by_label("Session").select_option("sk-b")
    expect(inspector.page.locator(".line.session")).to_have_text(["sk-b · 1 request"])


def test_a_request_has_its_figures(inspector: Inspector) -> None:
    inspector.page.set_viewport_size({"width": 1600, "height": 600})
    inspector.control("PUT", "pace", {"ttft": 0.01})
    with inspector.client() as client:
        asked: Any = [{"role": "user", "content": "Hello there"}]
        options: Any = {"include_usage": True}
        for _ in client.chat.completions.create(model="gpt-5.4", messages=asked, stream=True, stream_options=options):
            pass
    row = inspector.row("Hello there")
    expect(row).to_contain_text("gpt-5.4")
    expect(row).to_contain_text("echo")
    cells: dict[str, str] = {}
    for name in ("first", "duration", "ended"):
        cells[name] = row.locator(f".cell.{name}").inner_text()
    assert cells["first"].endswith("ms")
    assert cells["ended"] == "completed"
    assert [int(text) for text in row.locator(".cell.tokens").all_inner_texts()] == [8, 5]


def test_words_and_conditions_filter_and_are_in_the_address(inspector: Inspector) -> None:
    page = inspector.page
    inspector.say("Weather in Oslo?")
    inspector.say("Weather in Rome?")
    expect(page.locator(".line.request")).to_have_count(2)
    page.get_by_label("Filter").fill("weather user:*Rome*")
    expect(page.locator(".line.request")).to_have_count(1)
    expect(inspector.row("Rome")).to_be_visible()
    assert "q=weather+user" in page.url
    page.reload()
    expect(page.get_by_label("Filter")).to_have_value("weather user:*Rome*")
    expect(page.locator(".line.request")).to_have_count(1)
    page.get_by_label("Filter").fill('status:2xx model:gpt-5.4* {"user": 1}')
    expect(page.get_by_text("No request fits the filter.")).to_be_visible()
    page.get_by_label("Filter").fill('{"user": "*Oslo*"}')
    expect(inspector.row("Oslo")).to_be_visible()


def test_a_wrong_filter_is_explained(inspector: Inspector) -> None:
    inspector.page.get_by_label("Filter").fill("usr:Oslo")
    expect(inspector.page.get_by_role("alert")).to_contain_text("did you mean")


def test_keys_move_through_list_filter_and_tabs(inspector: Inspector) -> None:
    page = inspector.page
    for text in ("one", "two", "three"):
        inspector.say(text)
    expect(page.locator(".line.request")).to_have_count(3)
    page.get_by_role("grid").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator('.line[aria-selected="true"]')).to_contain_text("two")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Conversation")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Why")).to_be_focused()
    expect(page.get_by_role("tabpanel")).to_contain_text("the backend did")
    page.keyboard.press("Escape")
    expect(page.get_by_role("tablist")).to_have_count(0)
    page.keyboard.press("/")
    expect(page.get_by_label("Filter")).to_be_focused()


def test_a_reset_empties_the_list_with_the_next_request(inspector: Inspector) -> None:
    for text in ("one", "two", "three"):
        inspector.say(text)
    expect(inspector.page.locator(".line.request")).to_have_count(3)
    inspector.control("POST", "reset")
    inspector.say("four")
    expect(inspector.page.locator(".line.request")).to_have_count(1)
    expect(inspector.row("four")).to_be_visible()


def test_a_page_whose_connection_broke_listens_again_and_reads_what_it_missed(inspector: Inspector) -> None:
    page = inspector.page
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fulfill(content_type="text/event-stream", body=": listening\n\n")  # and the connection ends
        else:
            route.continue_()

    expect(page.get_by_text("live")).to_be_visible()
    page.route("**/events**", answer)
    page.reload()
    inspector.say("during the break")
    expect(inspector.row("during the break")).to_be_visible()
    expect(page.get_by_text("live")).to_be_visible()
    assert len(asked) == 2
    assert all("changes=true" in url for url in asked)
    inspector.say("after the break")
    expect(inspector.row("after the break")).to_be_visible()


@long
def test_ten_thousand_requests_are_scrolled(chromium: Any, serve: Serve) -> None:
    with serve(journal_size=10_000) as served, inspecting(chromium, served) as inspector:
        inspector.say("the only one")
        run(_multiply(inspector, 10_000))
        inspector.open()
        expect(inspector.page.locator(".metrics dd").first).to_have_text("10,000", timeout=PATIENCE)
        expect(inspector.page.get_by_text(LATER)).to_have_count(0, timeout=PATIENCE)
        assert inspector.page.locator(".line.request").count() < 100
        inspector.page.get_by_role("grid").focus()
        inspector.page.keyboard.press("End")
        expect(inspector.page.locator('.line[aria-selected="true"]')).to_be_in_viewport()
        assert "id=req_9999" in inspector.page.url
        inspector.page.keyboard.press("Home")
        expect(inspector.page.locator('.line[aria-selected="true"]')).to_be_in_viewport()
        assert "id=req_0" in inspector.page.url
        assert inspector.page.locator(".line.request").count() < 100


def test_more_requests_than_can_be_followed_are_listed_later_or_on_demand(chromium: Any, serve: Serve) -> None:
    with serve(journal_size=500) as served, inspecting(chromium, served) as inspector:
        page = inspector.page
        inspector.say("the only one")
        page.clock.install()
        inspector.open()
        expect(inspector.row("the only one")).to_be_visible()
        expect(page.get_by_text("live")).to_be_visible()
        page.clock.pause_at(page.evaluate("Date.now() + 1000"))
        run(_multiply(inspector, 300))
        inspector.say("the newest")
        later = page.get_by_text(LATER)
        for _ in range(PATIENCE // 100):
            page.clock.run_for(100)  # less than it takes until all are read
            if later.is_visible():
                break
        expect(inspector.row("the newest")).to_be_visible()
        expect(page.locator(".metrics dd").first).to_have_text("301")
        page.get_by_role("button", name="List all now").click()
        page.clock.resume()
        expect(later).to_have_count(0)
        page.get_by_role("grid").focus()
        page.keyboard.press("Home")
        expect(page.locator('.line[aria-selected="true"]')).to_contain_text("message 0")


async def _multiply(inspector: Inspector, count: int) -> None:
    """Fill the session's journal with entries like its only one."""
    session = inspector.server.app.services.sessions.named(KEY)
    (entry,) = await session.journal()
    for number in range(count):
        asked = {"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": f"message {number}"}]}
        one = entry._replace(id=f"req_{number}", ordinal=number + 1, at=entry.at + number, request=encode(asked))
        await session.write_journal(one, one.size, count)


def test_the_list_is_the_journals_summaries(inspector: Inspector) -> None:
    inspector.run_agent()
    page = inspector.control("GET", "requests/summaries")
    assert page["kept"] == 2
    first, second = page["data"]
    assert (first["by"], first["conversation"], first["tokens_out"]) == ("queue", "conv-1", 18)
    assert second["title"] == 'tool: {"temperature": 4, "sky": "clear"}'
    only = inspector.control("GET", f"requests/summaries?id={second['id']}")
    assert json.dumps(only["data"]) == json.dumps([second])
