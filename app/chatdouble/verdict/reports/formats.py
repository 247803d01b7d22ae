"""The formats of reports, by name."""

from collections.abc import Callable, Mapping
from typing import Final

from chatdouble.core.json import encode_indented
from chatdouble.verdict.reports.github import github
from chatdouble.verdict.reports.junit import junit
from chatdouble.verdict.reports.sarif import sarif
from chatdouble.verdict.reports.text import text
from chatdouble.verdict.verdict import Verdict


def as_json(verdict: Verdict) -> str:
    """Return the verdict as indented JSON."""
    return encode_indented(verdict).decode() + "\n"


FORMATS: Final[Mapping[str, Callable[[Verdict], str]]] = {
    "text": text,
    "json": as_json,
    "junit": junit,
    "github": github,
    "sarif": sarif,
}
