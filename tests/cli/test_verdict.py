"""`chatdouble verdict`, `serve --verdict-on-exit` and `replay`: reports and exit codes."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

import warm
from chatdouble.testing.server import RunningServer
from commands import run as command
from processes import run, serving
from raw import chat, control, post

HOT: Any = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "Hi"}], "temperature": 3}


def verdict(server: RunningServer, key: str, *arguments: str) -> Any:
    return command("verdict", *arguments, "--url", server.origin, "--key", key)


def test_a_clean_session_exits_with_0_and_one_line(server: RunningServer, key: str) -> None:
    chat(server.origin, key, model="gpt-5.4-mini")
    done = verdict(server, key)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "verdict: ok: 0 errors, 0 warnings; 1 request in 1 session; 8 tokens in, 5 out\n"


def test_an_error_exits_with_1_and_explains_itself(server: RunningServer, key: str) -> None:
    post(server.origin, HOT, key)
    done = verdict(server, key)
    why = "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead."
    assert done.returncode == 1
    assert done.stdout.splitlines()[:4] == [
        f"error: refused in {key}: The API would refuse a request.",
        "  source:   docs/reference/errors.md#statuses",
        f"  found:    400: {why}",
        "  advice:   Correct `temperature`.",
    ]


def test_a_warning_exits_with_1_only_in_strict(server: RunningServer, key: str) -> None:
    chat(server.origin, key, model="gpt4o")
    assert verdict(server, key).returncode == 0
    assert verdict(server, key, "--strict").returncode == 1
    assert verdict(server, key, "--strict", "--allow", "unknown_model: *gpt4o*").returncode == 0


def test_known_problems_of_a_baseline_do_not_count(server: RunningServer, key: str, tmp_path: Path) -> None:
    post(server.origin, HOT, key)
    baseline = tmp_path / "verdict.json"
    baseline.write_text(verdict(server, key, "--format", "json").stdout)
    assert verdict(server, key, "--baseline", str(baseline)).returncode == 0
    post(server.origin, {**HOT, "temperature": 4}, key)
    assert verdict(server, key, "--baseline", str(baseline)).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--format", "html"), "--format html: choose one of text, json, junit, github, sarif"),
        (("--baseline", "missing.json"), "--baseline missing.json: No such file or directory"),
        (("--allow", "refuse"), "policy.allow[0]: 'refuse' is not a kind of problem; did you mean 'refused'?"),
    ],
)
def test_a_wrong_option_is_explained(server: RunningServer, key: str, arguments: tuple[str, ...], why: str) -> None:
    done = verdict(server, key, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"chatdouble: {why}\n")


def test_a_baseline_that_is_nested_too_deeply_is_none(server: RunningServer, key: str, tmp_path: Path) -> None:
    baseline = tmp_path / "deep.json"
    baseline.write_text("[" * 100_000)
    done = verdict(server, key, "--baseline", str(baseline))
    assert (done.returncode, done.stderr) == (
        2,
        f"chatdouble: --baseline {baseline}: is not a verdict; write one with --format json\n",
    )


def test_junit_has_one_test_case_for_each_session(server: RunningServer, key: str) -> None:
    post(server.origin, HOT, key)
    suite = fromstring(verdict(server, key, "--format", "junit").stdout)[0]  # noqa: S314 - our own
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    assert suite[0].get("name") == key
    assert suite[0][0].tag == "failure"


def test_annotations_are_workflow_commands(server: RunningServer, key: str) -> None:
    post(server.origin, HOT, key)
    lines = verdict(server, key, "--format", "github").stdout.splitlines()
    assert lines[0].startswith("::error title=refused (")
    assert lines[-1].startswith("::notice title=chatdouble::verdict: failed: 1 error")


def test_sarif_has_a_result_for_each_problem(server: RunningServer, key: str) -> None:
    post(server.origin, HOT, key)
    run_of = json.loads(verdict(server, key, "--format", "sarif").stdout)["runs"][0]
    assert [(result["ruleId"], result["level"]) for result in run_of["results"]] == [("refused", "error")]
    assert [rule["id"] for rule in run_of["tool"]["driver"]["rules"]] == ["refused"]


def test_a_session_sets_its_own_policy(server: RunningServer, key: str) -> None:
    post(server.origin, HOT, key)
    assert control(server, key, "PUT", "verdict/policy", {"off": ["refused"]}) == {"policy": {"off": ["refused"]}}
    assert control(server, key, "GET", "verdict")["ok"]
    assert control(server, key, "DELETE", "verdict/policy") == {"policy": None}
    assert not control(server, key, "GET", "verdict")["ok"]
    wrong = control(server, key, "PUT", "verdict/policy", {"of": []})
    assert wrong["error"]["message"].startswith("policy.of: unknown key; did you mean 'off'?")


@pytest.mark.parametrize(
    ("request_", "code", "by"),
    [(HOT, 1, signal.SIGTERM), ({**HOT, "temperature": 1}, 0, signal.SIGTERM), (HOT, 1, signal.SIGINT)],
)
def test_a_server_that_stops_prints_its_verdict_and_exits_by_it(request_: Any, code: int, by: signal.Signals) -> None:
    with serving("--verdict-on-exit") as served:
        post(served.origin, request_)
        served.process.send_signal(by)
        output, _ = served.process.communicate(timeout=30)
    assert served.process.returncode == code
    assert f"verdict: {'failed' if code else 'ok'}: {code} error" in output


def test_rules_that_nobody_used_are_in_the_verdict_on_all_sessions(tmp_path: Path) -> None:
    script = tmp_path / "rules.yaml"
    script.write_text("- {name: used, when: {user: Hi}, reply: a}\n- {name: unused, when: {user: Ho}, reply: b}\n")
    with serving("--verdict-on-exit", "--scripts", str(script)) as served:
        post(served.origin, {**HOT, "temperature": 1})
        served.process.send_signal(signal.SIGTERM)
        output, _ = served.process.communicate(timeout=30)
    assert served.process.returncode == 1
    assert "error: unused_rule: A rule never answered." in output
    assert f"source:   {script}:2" in output


SUITE = (
    "import openai; openai.OpenAI().chat.completions.create(model='gpt-4.1', messages=[{'role':'user','content':%r}])"
)


def test_replay_fails_when_a_recording_was_not_replayed(serve: Callable[..., Any], tmp_path: Path) -> None:
    folder = str(tmp_path / "recordings")
    with serve() as upstream:
        for text in ("One", "Two"):
            command = (
                "--recordings",
                folder,
                "--upstream",
                upstream.base_url,
                "--",
                *warm.python(),
                "-c",
                SUITE % text,
            )
            assert run("record", *command).returncode == 0
    done = run("replay", "--recordings", folder, "--", *warm.python(), "-c", SUITE % "One")
    assert done.returncode == 1
    assert "error: unused_recording: A recording was not replayed." in done.stderr
    both = run("replay", "--recordings", folder, "--", *warm.python(), "-c", f"{SUITE % 'One'}; {SUITE % 'Two'}")
    assert both.returncode == 0, both.stderr


def test_replay_fails_when_a_miss_is_swallowed(tmp_path: Path) -> None:
    (tmp_path / "recordings").mkdir()
    swallowing = f"try:\n {SUITE % 'One'}\nexcept Exception: pass"
    done = run("replay", "--recordings", str(tmp_path / "recordings"), "--", *warm.python(), "-c", swallowing)
    assert done.returncode == 1
    assert "error: unmatched_request" in done.stderr
