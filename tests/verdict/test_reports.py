"""Reports of hostile texts: every format stays valid, bounded, and without characters that nobody sees."""

import json
import re
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from jsonschema import Draft7Validator

from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.verdict.exchange import Exchange
from chatdouble.verdict.kind import KINDS
from chatdouble.verdict.policy import Policy
from chatdouble.verdict.reports.formats import FORMATS
from chatdouble.verdict.suite import Leftover, Suite
from chatdouble.verdict.verdict import Problem, Verdict, judge
from sarif import SCHEMA

SARIF: Any = Draft7Validator(SCHEMA)

HOSTILE = {
    "newlines": "a\nb\r\nc",
    "commas and colons": "a,b::error file=x::c:d",
    "commands of a workflow": "a\n::error::forged\n  ::stop-commands::x",
    "percent signs": "100% %0A %25",
    "right to left": "\u202eabc\u202c \u05d0\u05d1",
    "nul and escapes": "a\0b\x1b[2Jc\x9b",
    "lone surrogates": "\ud800 and \udfff",
    "markup": "<a b='c'>&amp;]]>",
    "a megabyte": "word " * 200_000,
}


def verdict_on(text: str, file: str = "rules.yaml") -> Verdict:
    """Return the verdict on a suite that has a text wherever a client, a test or an upstream may bring one."""
    error = {"error": {"message": text, "param": text, "code": None}}
    missed = {"error": {"message": text, "code": "no_rule_matched"}}
    near = {"rule": text, "where": f"{file}:3", "condition": "user", "expected": text, "found": text}
    request: dict[str, Any] = {"model": text, "messages": []}
    entry = {"session": f"s {text[:50]}", "method": "POST", "path": text, "at": 1.0, "milliseconds": 1.0}
    entries: list[dict[str, Any]] = [
        {"status": 400, "ended": "refused", "response": error},
        {"status": 404, "ended": "refused", "response": missed, "near_misses": [near]},
        {"status": 200, "ended": "completed", "response": {"choices": []}},
    ]
    exchanges = [
        Exchange({**entry, "id": f"req_{at}", "ordinal": at, "request": {**request, "seed": at}, **more})
        for at, more in enumerate(entries, 1)
    ]
    leftovers = [Leftover("rule", text, source=f"{file}:7: {text}")]
    return judge(Suite(exchanges, leftovers, Catalogue.load("any"), 1.0), lambda _: Policy())


@pytest.fixture(params=[*HOSTILE.values()], ids=[*HOSTILE])
def hostile(request: pytest.FixtureRequest) -> Verdict:
    """Return the verdict on a suite with a hostile text."""
    return verdict_on(request.param)


@pytest.mark.parametrize("name", FORMATS)
def test_reports_are_bounded_and_can_be_written(hostile: Verdict, name: str) -> None:
    report = FORMATS[name](hostile)
    assert "unused_rule" in report
    assert len(report.encode("utf-8")) < 40_000


@pytest.mark.parametrize("name", ["text", "github"])
def test_what_people_read_has_no_unseen_characters(hostile: Verdict, name: str) -> None:
    assert FORMATS[name](hostile).replace("\n", "").isprintable()


def test_no_line_of_the_text_is_a_command_of_a_workflow(hostile: Verdict) -> None:
    assert [line for line in FORMATS["text"](hostile).splitlines() if line.lstrip().startswith("::")] == []


def test_annotations_are_one_line_each(hostile: Verdict) -> None:
    *lines, empty = FORMATS["github"](hostile).split("\n")
    assert empty == ""
    assert len(lines) == len(hostile["problems"]) + 1
    for line in lines:
        found = re.fullmatch(r"::(error|warning|notice) ([^:\n]*)::(.*)", line)
        assert found, line
        assert all(re.fullmatch(r"(title|file|line)=[^,:]*", part) for part in found[2].split(","))
        assert not re.search(r"%(?!25|0A|0D|3A|2C)", line)


def test_annotations_carry_the_text_as_it_was() -> None:
    assert "%0Afound: 400: 50%25, a:b%0Ac%0A" in FORMATS["github"](verdict_on("50%, a:b\nc"))


def test_junit_is_what_readers_of_it_expect(hostile: Verdict) -> None:
    root = fromstring(FORMATS["junit"](hostile))  # noqa: S314 - our own
    assert [child.tag for child in root] == ["testsuite"]
    (suite,) = root
    assert suite.attrib.keys() == {"name", "tests", "failures", "errors"}
    assert int(suite.attrib["tests"]) == len(suite)
    assert int(suite.attrib["failures"]) == sum(case.find("failure") is not None for case in suite)
    for case in suite:
        assert (case.tag, {*case.attrib}) == ("testcase", {"classname", "name"})
        assert [child.tag for child in case] in (["failure"], ["failure", "system-out"], ["system-out"], [])
        assert _failure(case).keys() <= {"message", "type"}


def _failure(case: Element) -> dict[str, str]:
    found = case.find("failure")
    return {} if found is None else found.attrib


@pytest.mark.parametrize("file", ["rules.yaml", "/srv/my rules/ä%.yaml", "a\\b.yaml", "#?.yaml", "\udcff.yaml"])
def test_sarif_has_what_the_standard_allows_and_requires(hostile: Verdict, file: str) -> None:
    log = json.loads(FORMATS["sarif"](verdict_on("a,b:c%", file)))
    SARIF.validate(log)
    SARIF.validate(json.loads(FORMATS["sarif"](hostile)))
    places = [
        place["physicalLocation"]
        for result in log["runs"][0]["results"]
        for place in result["locations"][:1]
        if "physicalLocation" in place
    ]
    assert [place["region"]["startLine"] for place in places] == [3, 7]


def test_sarif_knows_every_kind() -> None:
    template = verdict_on("a")
    problems: list[Problem] = [{**template["problems"][0], "kind": kind.name} for kind in KINDS]
    log = json.loads(FORMATS["sarif"]({**template, "problems": problems}))
    SARIF.validate(log)
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in log["runs"][0]["results"]] == [kind.name for kind in KINDS]


def test_sarif_of_no_problems_has_no_results() -> None:
    template = verdict_on("a")
    log = json.loads(FORMATS["sarif"]({**template, "problems": []}))
    SARIF.validate(log)
    assert log["runs"][0]["results"] == []
