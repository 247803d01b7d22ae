"""Reports of verdicts."""

import json
from xml.etree import ElementTree as ET

import pytest

from chatdouble.verify.drift import Drift
from chatdouble.verify.reports import Outcome, Verdict, as_json, exit_code, junit, table

TRUE = Verdict("hello", "recordings/hello.yaml", Outcome.TRUE, seconds=0.25)
DRIFTED = Verdict(
    "weather",
    "recordings/weather.yaml",
    Outcome.DRIFT,
    (Drift("status", "200", "404 (model_not_found)"), Drift("id", "a", "b")),
)
UNCHECKED = Verdict("late", "recordings/late.yaml", Outcome.UNCHECKED, reason="no answer: timed\x00out")
SKIPPED = Verdict("rest", "recordings/rest.yaml", Outcome.SKIPPED, reason="not in the sample")
ALL = (TRUE, DRIFTED, UNCHECKED, SKIPPED)


def test_the_table_has_a_line_for_each_recording_and_drift() -> None:
    assert table((TRUE, DRIFTED, SKIPPED)) == (
        "true       hello\n"
        "drift      weather  status: was 200, now 404 (model_not_found)\n"
        "                    id: was a, now b\n"
        "skipped    rest     not in the sample\n"
        "3 recordings: 1 true, 1 drift, 0 unchecked, 1 skipped\n"
    )


def test_the_json_has_every_field() -> None:
    report = json.loads(as_json(ALL))
    assert report["summary"] == {"true": 1, "drift": 1, "unchecked": 1, "skipped": 1}
    assert report["recordings"][1] == {
        "name": "weather",
        "file": "recordings/weather.yaml",
        "outcome": "drift",
        "reason": None,
        "seconds": 0.0,
        "drifts": [
            {"where": "status", "recorded": "200", "live": "404 (model_not_found)"},
            {"where": "id", "recorded": "a", "live": "b"},
        ],
    }


def test_the_xml_has_failures_errors_and_skipped_cases() -> None:
    suite = ET.fromstring(junit(ALL))[0]  # noqa: S314 - the text is this program's own
    assert {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped", "time")} == {
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
        "time": "0.250",
    }
    inside = [[child.tag for child in case] for case in suite]
    assert inside == [[], ["failure"], ["error"], ["skipped"]]
    assert suite[2][0].text == "no answer: timed\N{REPLACEMENT CHARACTER}out"


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ((TRUE,), 0),
        ((TRUE, SKIPPED), 0),
        ((TRUE, DRIFTED, UNCHECKED), 1),
        ((TRUE, UNCHECKED), 2),
        ((SKIPPED,), 2),
        ((), 2),
    ],
)
def test_the_exit_code_reflects_the_worst_outcome(verdicts: tuple[Verdict, ...], code: int) -> None:
    assert exit_code(verdicts) == code
