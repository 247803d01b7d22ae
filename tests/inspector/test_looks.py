"""The looks of the inspector: accessible, dark and light, readable on a phone. `--screenshots` renews the pictures."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import pytest
from openai import NotFoundError

from conftest import Serve
from inspecting import ROOT, Inspector, expect, inspecting
from parts import long

AXE: Final = ROOT / "tests" / "node" / "node_modules" / "axe-core" / "axe.min.js"
SCRIPT: Final = """\
rules:
  - name: rain
    when: {user: "*weather*", model: "gpt-5.4-nano"}
    reply: Rain.
"""
PAGES: Final = ("Requests", "Sessions", "Rules", "Verdict")
TABS: Final = ("Conversation", "Why", "Request", "Response", "Stream", "Verdict")
PHONE: Final = {"width": 360, "height": 740}
DESKTOP: Final = {"width": 1280, "height": 720}

Open = Callable[..., Inspector]


@pytest.fixture
def opened(chromium: Any, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Return what opens the inspector of a server that has seen an agent and a miss."""
    monkeypatch.chdir(tmp_path)
    script = Path("agent.yaml")
    script.write_text(SCRIPT)
    with serve(scripts=[script], unmatched="error", clock="fixed:2026-01-02T09:30:00Z") as served:
        before = Inspector(served, None)
        before.run_agent("sk-weather-agent")
        with pytest.raises(NotFoundError):
            before.say("How is the weather in Rome?", key="sk-other-agent")
        contexts: list[AbstractContextManager[Inspector]] = []

        def made(**options: Any) -> Inspector:
            context = inspecting(chromium, served, timezone_id="UTC", **options)
            contexts.append(context)
            inspector = context.__enter__()
            inspector.open()
            expect(inspector.page.locator(".line.request")).to_have_count(3)
            return inspector

        yield made
        for context in contexts:
            context.__exit__(None, None, None)


def overflow(inspector: Inspector) -> int:
    """Return by how many pixels the page is wider than the window."""
    wider: int = inspector.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wider


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=long)])
def test_axe_finds_nothing_serious(opened: Open, scheme: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: scripts/install-node")
    # Chromium adds axe as a script of the test's own, which the page's policy would refuse.
    inspector = opened(color_scheme=scheme, viewport=DESKTOP, bypass_csp=True)
    inspector.page.add_script_tag(path=AXE)
    found: list[str] = []

    def check(place: str) -> None:
        violations = inspector.page.evaluate("axe.run().then(found => found.violations)")
        serious = [one for one in violations if one["impact"] in ("serious", "critical")]
        found.extend(f"{place}: {one['id']}: {one['nodes'][0]['html'][:120]}" for one in serious)

    for tab in TABS:
        inspector.show("tool:", tab)
        check(tab)
    inspector.page.get_by_role("button", name="Save as rule").click()
    expect(inspector.page.get_by_role("dialog")).to_be_visible()
    check("dialog")
    inspector.page.get_by_role("button", name="Close", exact=True).click()
    for page in PAGES:
        inspector.go(page)
        expect(inspector.page.locator('nav [aria-current="page"]')).to_have_text(page)
        check(page)
    assert found == []


def test_the_page_follows_the_colour_scheme(opened: Open, picture: Callable[[Inspector, str], None]) -> None:
    colours: list[str] = []
    for scheme in ("light", "dark"):
        inspector = opened(color_scheme=scheme, viewport=DESKTOP)
        colours.append(inspector.page.evaluate("getComputedStyle(document.body).backgroundColor"))
        expect(inspector.show("tool:").locator(".message.new")).to_be_visible()
    picture(inspector, "conversation-dark")
    assert colours == ["rgb(255, 255, 255)", "rgb(18, 23, 21)"]


def test_the_list_and_a_near_miss_are_readable(opened: Open, picture: Callable[[Inspector, str], None]) -> None:
    inspector = opened(viewport=DESKTOP)
    expect(inspector.row("Rome")).to_contain_text("unmatched_request")
    picture(inspector, "list")
    expect(inspector.show("Rome", "Why").locator(".miss")).to_be_visible()
    picture(inspector, "why")


def test_everything_fits_a_phone(opened: Open, picture: Callable[[Inspector, str], None]) -> None:
    inspector = opened(viewport=PHONE)
    assert overflow(inspector) <= 0
    for cell in (".cell.at", ".cell.status", ".cell.title"):
        expect(inspector.page.locator(".line.request").first.locator(cell)).to_be_in_viewport(ratio=1)
    inspector.row("tool:").click()
    for tab in TABS:
        inspector.page.get_by_role("tab", name=tab).click()
        expect(inspector.page.get_by_role("tabpanel", name=tab)).to_be_visible()
        assert overflow(inspector) <= 0, tab
    inspector.page.get_by_role("tab", name="Conversation").click()
    expect(inspector.page.locator(".call")).to_be_visible()
    picture(inspector, "phone")
    inspector.page.get_by_role("button", name="Close the request").click()
    expect(inspector.page.locator(".line.request")).to_have_count(3)
    for page in PAGES:
        inspector.go(page)
        assert overflow(inspector) <= 0, page


def test_the_landing_page_copies_the_base_url(opened: Open, picture: Callable[[Inspector, str], None]) -> None:
    inspector = opened(viewport=PHONE)
    inspector.page.goto(f"{inspector.server.origin}/")
    inspector.page.get_by_role("button", name="Copy").click()
    expect(inspector.page.get_by_role("status")).to_have_text("Copied.")
    assert overflow(inspector) <= 0
    inspector.page.get_by_role("link", name="Inspector").click()
    expect(inspector.page.locator(".line.request")).to_have_count(3)
