"""`chatdouble verify` against servers that answer as recorded, differently, with errors or not at all."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from answered import COMPLETION, REQUEST, WEATHER, answer, calling, error, stream, text_chunks
from chatdouble.recordings.recording import Piece, Recording
from chatdouble.recordings.recordings import Recordings
from chatdouble.server.serving import listen
from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from chatdouble.verify.comparison import Answer
from commands import run

STRUCTURED: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {
        "name": "city",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
            "additionalProperties": False,
        },
    },
}

TRUE = """
- when: {tools: [get_weather]}
  reply: {tool_calls: [{get_weather: {city: Rome}}]}
- when: {response_format: json_schema}
  reply: {json: {name: Rome}}
- when: {user: refused}
  reply: {error: {status: 400, message: Other words., param: messages, code: no_such}}
- reply: {text: Some other words., service_tier: default, system_fingerprint: fp_9876543210}
"""

DRIFTED = """
- when: {tools: [get_weather]}
  reply: {tool_calls: [{get_weather: {town: Rome}}]}
- when: {response_format: json_schema}
  reply: {body: {headers: {content-type: application/json}, json: %s}}
- when: {user: refused}
  reply: {error: {status: 400, message: Other words., param: messages, code: other}}
- when: {stream: true}
  reply: {text: Some other words., fault: missing_done}
- reply: {text: Some other words., finish_reason: length}
"""


def save(folder: Path, given: Answer, **request: Any) -> None:
    """Record an answer to a request, without its request id."""
    headers = {name: value for name, value in given.headers.items() if name != "x-request-id"}
    Recordings(folder).save(
        Recording({**REQUEST, **request}, given.status, tuple(headers.items()), (Piece(0.1, given.body),))
    )


def saying(user: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": user}]


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Return a folder with a recording of each kind."""
    folder = tmp_path / "recordings"
    usage = {**COMPLETION, "usage": whole_usage()}
    save(folder, answer(usage))
    save(folder, stream(text_chunks("Hel", "lo")), stream=True, stream_options={"include_obfuscation": False})
    save(folder, answer({**calling("get_weather", {"city": "Paris"}), "usage": whole_usage()}), tools=[WEATHER])
    structured = {**COMPLETION, "usage": whole_usage()}
    structured["choices"] = [{**COMPLETION["choices"][0], "message": content('{"name":"Paris"}')}]
    save(folder, answer(structured), response_format=STRUCTURED)
    save(folder, error(param="messages", code="no_such"), messages=saying("refused"))
    return folder


def content(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text, "refusal": None, "annotations": []}


def whole_usage() -> dict[str, Any]:
    prompt = {"cached_tokens": 0, "audio_tokens": 0}
    completion = {
        "reasoning_tokens": 0,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    }
    return {
        "prompt_tokens": 9,
        "completion_tokens": 4,
        "total_tokens": 13,
        "prompt_tokens_details": prompt,
        "completion_tokens_details": completion,
    }


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Return the path of the upstream's script."""
    return tmp_path / "upstream.yaml"


def scripted(script: Path) -> AbstractContextManager[RunningServer]:
    """Return a server with a script, which stands for the real API."""
    return running(Settings(scripts=(script,)))


@pytest.fixture
def true_upstream(script: Path) -> Iterator[RunningServer]:
    """Return an upstream whose answers differ from the recorded ones in wording only."""
    script.write_text(TRUE)
    with scripted(script) as served:
        yield served


def verify(folder: Path, upstream: str, *flags: str) -> subprocess.CompletedProcess[str]:
    """Verify recordings with a key of the test's own."""
    return run("verify", "--recordings", str(folder), "--upstream", upstream, "--upstream-key", "sk-verify", *flags)


def test_recordings_that_differ_in_wording_only_are_true(recordings: Path, true_upstream: RunningServer) -> None:
    done = verify(recordings, true_upstream.base_url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "5 recordings: 5 true, 0 drift, 0 unchecked, 0 skipped"


def test_every_drift_is_named_with_its_recording(recordings: Path, script: Path) -> None:
    broken = {**COMPLETION, "usage": whole_usage()}
    broken["choices"] = [{**COMPLETION["choices"][0], "message": content("Paris")}]
    script.write_text(DRIFTED % json.dumps(broken))
    with scripted(script) as upstream:
        done = verify(recordings, upstream.base_url, "--format", "json", "--ignore", "headers.*")
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["summary"] == {"true": 0, "drift": 5, "unchecked": 0, "skipped": 0}
    wheres = [sorted(drift["where"] for drift in one["drifts"]) for one in told["recordings"]]
    assert sorted(wheres) == [
        ["choices[0].finish_reason"],
        ["choices[0].message.content"],
        ["choices[0].message.tool_calls.get_weather.arguments"],
        ["error.code"],
        ["stream.[DONE]"],
    ]
    assert all(Path(one["file"]).parent == recordings for one in told["recordings"])


def test_the_report_is_also_written_as_junit_and_json(recordings: Path, script: Path, tmp_path: Path) -> None:
    script.write_text(TRUE.replace("no_such", "other"))
    junit, told = tmp_path / "out.xml", tmp_path / "out.json"
    with scripted(script) as upstream:
        done = verify(recordings, upstream.base_url, "--junit", str(junit), "--json", str(told))
    assert done.returncode == 1
    suite = ET.parse(junit).getroot()[0]  # noqa: S314 - the file is this program's own
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("5", "1", "0")
    (failure,) = suite.iter("failure")
    assert failure.get("message") == "error.code: was no_such, now other"
    assert json.loads(told.read_text())["summary"]["drift"] == 1
    assert "error.code: was no_such, now other" in done.stdout


OTHER_SHAPES: list[list[Any]] = [
    [1],
    ["x", {"index": 0}],
    [{"message": {"tool_calls": [1]}}],
    [{"message": {"tool_calls": [{"function": {"name": {}, "arguments": 1}}]}}],
    [{"finish_reason": {}, "message": {"function_call": {"arguments": []}}}],
]


@pytest.mark.parametrize("choices", OTHER_SHAPES)
def test_an_answer_of_another_shape_is_drift(recordings: Path, script: Path, choices: list[Any]) -> None:
    body = {**COMPLETION, "choices": choices}
    script.write_text(json.dumps({"rules": [{"reply": {"body": {"json": body}}}]}))
    with scripted(script) as upstream:
        done = verify(recordings, upstream.base_url)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "drift" in done.stdout


def test_a_rejected_key_leaves_everything_unchecked(recordings: Path) -> None:
    with running(Settings.model_validate({"api_keys": ["sk-right"]})) as upstream:
        done = verify(recordings, upstream.base_url)
    assert done.returncode == 2
    assert done.stdout.splitlines()[-1] == "5 recordings: 0 true, 0 drift, 5 unchecked, 0 skipped"
    assert "the API rejects the key: 401" in done.stdout


def test_lasting_errors_of_the_upstream_are_not_drift(recordings: Path, script: Path) -> None:
    script.write_text("- reply: {error: {status: 503, retry_after: 0.01}}")
    with scripted(script) as upstream:
        done = verify(recordings, upstream.base_url, "--sample", "1")
    assert done.returncode == 2
    assert "still failing after 3 attempts: 503" in done.stdout


def test_temporary_errors_are_retried(recordings: Path, script: Path) -> None:
    trouble = "- {reply: {error: {status: 429, retry_after: 0.01}}, times: 1}"
    script.write_text(trouble + TRUE)
    with scripted(script) as upstream:
        done = verify(recordings, upstream.base_url)
    assert done.returncode == 0, done.stdout


def test_an_unreachable_upstream_leaves_everything_unchecked(recordings: Path) -> None:
    (taken,) = listen("127.0.0.1", 0)
    with taken:
        port: int = taken.getsockname()[1]
    done = verify(recordings, f"http://127.0.0.1:{port}/v1")
    assert done.returncode == 2
    assert done.stdout.count("no answer: ") == 5


def test_the_budget_is_kept(recordings: Path, true_upstream: RunningServer) -> None:
    done = verify(recordings, true_upstream.base_url, "--max-requests", "2")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "5 recordings: 2 true, 0 drift, 0 unchecked, 3 skipped"
    assert "the budget of 2 requests is used up" in done.stdout


def test_a_sample_is_the_same_for_the_same_seed(recordings: Path, true_upstream: RunningServer) -> None:
    told = [verify(recordings, true_upstream.base_url, "--sample", "2", "--seed", seed).stdout for seed in ("7", "7")]
    assert told[0] == told[1]
    assert told[0].splitlines()[-1] == "5 recordings: 2 true, 0 drift, 0 unchecked, 3 skipped"


def test_a_folder_without_recordings_cannot_be_verified(tmp_path: Path) -> None:
    (tmp_path / "double.yaml").write_text("- reply: Hello!")
    done = verify(tmp_path, "http://127.0.0.1:9/v1")
    assert done.returncode == 2
    assert done.stderr == f"chatdouble: {tmp_path}: no recordings found\n"


def test_an_invalid_recording_is_named(recordings: Path) -> None:
    (recordings / "broken.yaml").write_text("rules: [{}]")
    done = verify(recordings, "http://127.0.0.1:9/v1")
    assert done.returncode == 2
    assert f"{recordings / 'broken.yaml'}:1:9" in done.stderr


@pytest.mark.parametrize("url", ["nowhere", "ftp://example.com", "http://"])
def test_an_invalid_upstream_is_reported_in_one_line(recordings: Path, url: str) -> None:
    done = verify(recordings, url)
    assert done.returncode == 2
    assert done.stderr == "chatdouble: --upstream: not a base URL; give one such as https://api.openai.com/v1\n"


def test_an_unwritable_report_is_reported_in_one_line(
    recordings: Path, true_upstream: RunningServer, tmp_path: Path
) -> None:
    done = verify(recordings, true_upstream.base_url, "--sample", "1", "--json", str(tmp_path / "no" / "out.json"))
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == f"chatdouble: {tmp_path / 'no' / 'out.json'}: No such file or directory"
