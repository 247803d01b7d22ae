"""A verdict as SARIF 2.1.0, which code scanning services read."""

from typing import Any, Final
from urllib.parse import quote

from chatdouble.core.json import encode_indented
from chatdouble.verdict.kind import KINDS
from chatdouble.verdict.reports.github import place_of
from chatdouble.verdict.verdict import PAGE, Problem, Verdict

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(verdict: Verdict) -> str:
    """Return the verdict as one SARIF run: the kinds are its rules, the problems its results."""
    used = {problem["kind"] for problem in verdict["problems"]}
    kinds = [kind for kind in KINDS if kind.name in used]
    rules = [
        {
            "id": kind.name,
            "shortDescription": {"text": kind.title},
            "fullDescription": {"text": kind.reason},
            "help": {"text": f"{kind.fix} See {PAGE}#{kind.name}."},
            "defaultConfiguration": {"level": "error" if kind.severity == "error" else "warning"},
        }
        for kind in kinds
    ]
    index = {kind.name: at for at, kind in enumerate(kinds)}
    driver = {"name": "chatdouble", "rules": rules}
    results = [_result(problem, index[problem["kind"]]) for problem in verdict["problems"]]
    run = {"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}
    return encode_indented({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}).decode() + "\n"


def _result(problem: Problem, index: int) -> dict[str, Any]:
    expected = f" Expected: {problem['expected']}." if problem["expected"] else ""
    location: dict[str, Any] = {}
    if problem["session"]:
        location["logicalLocations"] = [{"name": problem["session"], "kind": "module"}]
    place = place_of(problem["source"])
    if place:
        artifact = {"uri": quote(place[0].replace("\\", "/"), errors="replace")}
        location["physicalLocation"] = {"artifactLocation": artifact, "region": {"startLine": place[1]}}
    return {
        "ruleId": problem["kind"],
        "ruleIndex": index,
        "level": problem["severity"],
        "message": {"text": f"{problem['title']}{expected} Found: {problem['found'].rstrip('.')}. {problem['advice']}"},
        "locations": [location] if location else [],
        "partialFingerprints": {"problem/v1": problem["id"]},
    }
