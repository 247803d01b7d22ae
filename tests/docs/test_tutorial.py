"""The tutorial runs as printed, the site has every page, and the pages of a newcomer keep their promises."""

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from chatdouble.testing.server import RunningServer
from pages import PAGES, ROOT, blocks
from plugin_runs import run_pytest
from processes import environment, shell

SUITE: Final = ROOT / "clients" / "typescript" / "test" / "support-bot" / "bot.test.ts"


def test_the_request_of_the_tutorial_is_answered(server: RunningServer) -> None:
    (command,) = blocks("tutorial.md", "sh")
    lines = command.replace("http://localhost:8000", server.origin)
    ran = subprocess.run(["/bin/sh", "-ec", lines], env=environment(), capture_output=True, text=True, check=True)
    assert '"content": "Hello!"' in ran.stdout


def test_the_tutorial_passes_and_fails_as_it_says(tmp_path: Path) -> None:
    application, first, wild, fixed, retry = blocks("tutorial.md", "python")
    (tmp_path / "greeter.py").write_text(application)
    (tmp_path / "test_greeter.py").write_text(first)
    (tmp_path / "test_wild.py").write_text(wild)
    output = run_pytest(tmp_path, passed=1, failed=1)
    (report,) = [block for block in blocks("tutorial.md", "text") if block.startswith("error:")]
    assert report in output
    (tmp_path / "greeter.py").write_text(fixed)
    (tmp_path / "test_retry.py").write_text(retry)
    run_pytest(tmp_path, passed=3)


def test_the_commands_of_the_installation_run() -> None:
    (lines,) = blocks("installation.md", "sh")
    assert "--port" in shell(lines)


def test_the_installation_names_every_profile_of_compose() -> None:
    compose: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    text = PAGES["installation.md"].read_text("utf-8")
    for name, service in compose["services"].items():
        if "ports" in service:
            assert f"up {name}`" in text or name == "chatdouble"
    assert set(re.findall(r"--profile (\w+)", text)) == {
        profile for one in compose["services"].values() for profile in one.get("profiles", ())
    }


def test_the_site_has_every_page_once() -> None:
    config: dict[str, Any] = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
    listed = [page for section in config["nav"] for page in _pages(section)]
    written = {f"docs/{page.relative_to(ROOT / 'docs')}" for page in (ROOT / "docs").rglob("*.md")}
    assert len(listed) == len(set(listed))
    assert written <= set(listed)
    assert [page for page in listed if not (ROOT / page).exists()] == []


def _pages(entry: dict[str, Any]) -> list[str]:
    """Return the pages of an entry of the navigation."""
    (inside,) = entry.values()
    return [inside] if isinstance(inside, str) else [page for one in inside for page in _pages(one)]


def test_the_vitest_suite_has_no_line_of_scaffolding() -> None:
    lines = SUITE.read_text("utf-8").splitlines()
    inside = ("    ", "  test(", "  });", 'describe("', "});", "import ", "/**")
    outside = [line for line in lines if line and not line.startswith(inside)]
    assert outside == []


@pytest.mark.parametrize("page", ["how-to.md", "comparison.md"])
def test_a_page_for_newcomers_is_linked_from_the_readme(page: str) -> None:
    assert f"(docs/{page})" in PAGES["README.md"].read_text("utf-8")
