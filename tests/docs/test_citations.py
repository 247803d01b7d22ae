"""Citations in code lead to a section of docs/reference/."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = ROOT / "docs" / "reference"
CITATION: Final = re.compile(r"(?<![\w/.#-])([a-z]+(?:-[a-z]+)*)#([a-z][a-z0-9-]*)")
LINK: Final = re.compile(r"\]\(([\w./-]*\.md)?(?:#([\w-]+))?\)")
RETIRED: Final = re.compile(
    r"\b(?:wire|reference|wire-observations|observations-2)\s\d(?:\.\d+)?(?=[),;:\s])"
    r"|\((?:recorded in )?(?:errors|exchanges)(?:-2)?\.jsonl[^)]*\)"
    r"|\bwire-observations\b|\bProbe rows\b",
    re.IGNORECASE,
)
"""Citations of documents that a clone does not have."""
CORPUS: Final = re.compile(r"\b(?:errors|exchanges|token-counts)(?:-\d)?\.jsonl")
"""Recordings that a clone does not have; tests open them where they are present."""


class Cited(NamedTuple):
    """A citation and its position."""

    place: str
    page: str
    section: str


def _sources() -> list[Path]:
    command = ["git", "ls-files", "-co", "--exclude-standard", "app/*.py", "backends/*.py", "tests/*.py"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split() if (path := ROOT / name).exists() and path != Path(__file__)]


SOURCES: Final = _sources()


def _cited() -> Iterator[Cited]:
    for path in SOURCES:
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            place = f"{path.relative_to(ROOT)}:{number}"
            for page, section in CITATION.findall(line):
                yield Cited(place, page, section)


def _sections(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _anchors() -> dict[str, set[str]]:
    return {page.stem: _sections(page) for page in PAGES.glob("*.md")}


def test_every_citation_leads_to_a_section() -> None:
    anchors = _anchors()
    found = list(_cited())
    assert [cited for cited in found if cited.section not in anchors.get(cited.page, set())] == []
    assert {cited.page for cited in found} >= {
        "answers",
        "errors",
        "headers",
        "limits",
        "rules",
        "schemas",
        "streams",
        "tokens",
    }


def test_no_citation_names_a_document_that_a_clone_lacks() -> None:
    numbered = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in SOURCES
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if RETIRED.search(line) or (CORPUS.search(line) and path.parts[len(ROOT.parts)] != "tests")
    ]
    assert numbered == []


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_links_of_the_reference_lead_to_sections(page: Path) -> None:
    for name, section in LINK.findall(page.read_text()):
        target = (page.parent / name).resolve() if name else page
        assert target.is_file()
        assert not section or section in _sections(target)
    assert len(page.read_text().splitlines()) <= 250
