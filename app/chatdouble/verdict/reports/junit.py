"""A verdict as JUnit XML, with one test case for each session."""

import re
from collections import defaultdict
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from chatdouble.verdict.reports.text import block
from chatdouble.verdict.verdict import Problem, Verdict

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SERVER: Final = "server"
"""The test case of problems that belong to no session."""


def junit(verdict: Verdict) -> str:
    """Return JUnit XML. A session with errors is a failure; its warnings are in its output."""
    problems: defaultdict[str, list[Problem]] = defaultdict(list)
    for problem in verdict["problems"]:
        problems[problem["session"] or _SERVER].append(problem)
    names = sorted({*verdict["sessions"], *problems})
    failed = [name for name in names if any(one["severity"] == "error" for one in problems[name])]
    suite = Element("testsuite", name="chatdouble", tests=str(len(names)), failures=str(len(failed)), errors="0")
    for name in names:
        case = SubElement(suite, "testcase", classname="chatdouble", name=_safe(name))
        errors = [one for one in problems[name] if one["severity"] == "error"]
        warnings = [one for one in problems[name] if one["severity"] == "warning"]
        if errors:
            message = _safe(f"{errors[0]['kind']}: {errors[0]['found']}".partition("\n")[0])
            SubElement(case, "failure", message=message, type=errors[0]["kind"]).text = _text(errors)
        if warnings:
            SubElement(case, "system-out").text = _text(warnings)
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _text(problems: list[Problem]) -> str:
    return _safe("\n\n".join("\n".join(block([problem])) for problem in problems))


def _safe(text: str) -> str:
    """Return a text without characters that XML does not allow."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
