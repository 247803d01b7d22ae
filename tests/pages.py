"""The pages of the documentation, and their blocks."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = {page.name: page for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))}


def blocks(page: str, language: str) -> list[str]:
    """Return the blocks of a page in a language, without their indentation."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", PAGES[page].read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]
