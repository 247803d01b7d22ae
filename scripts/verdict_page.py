"""Write the kinds of problems into docs/verdict.md; with --check only tell whether the page has them."""

import sys
from pathlib import Path

from chatdouble.verdict.kind import KINDS, Kind

PAGE = Path(__file__).parent.parent / "docs" / "verdict.md"
BEGIN, END = "<!-- kinds: written by scripts/verdict_page.py -->\n", "<!-- end of kinds -->\n"


def section(kind: Kind) -> str:
    """Return the section of a kind."""
    page, _, anchor = kind.evidence.partition("#")
    evidence = f" Evidence: [reference, {anchor.replace('-', ' ')}](reference/{page}.md#{anchor})." if page else ""
    return f"### {kind.name}\n\n*{kind.severity}.* {kind.title} {kind.reason}\n\n{kind.fix}{evidence}\n"


def page(text: str) -> str:
    """Return the page with the sections of all kinds."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    sections = "\n".join(section(kind) for kind in KINDS)
    return f"{before}{BEGIN}\n{sections}\n{END}{after}"


def main() -> int:
    """Write or check the page."""
    text = PAGE.read_text("utf-8")
    wanted = page(text)
    if "--check" in sys.argv[1:]:
        return int(text != wanted)
    PAGE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
