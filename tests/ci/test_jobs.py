"""The shell steps of action.yml and of the template for GitLab, run with bash as a runner does."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

import warm
from pages import ROOT
from processes import environment

ACTION: Final[dict[str, Any]] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
ASK: Final = """
ask() {
  curl -s "$OPENAI_BASE_URL/chat/completions" -H "Authorization: Bearer $OPENAI_API_KEY" \
    -H "Content-Type: application/json" -d \
    '{"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": "Hi"}], "temperature": '"$1"'}'
}
"""
REFUSED: Final = "::error title=refused"


def shell(folder: Path, lines: str, *options: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run lines with bash in a folder, with the programs of `warm` first on the path."""
    return subprocess.run(
        ["/bin/bash", *options, "-c", lines],
        cwd=folder,
        env=environment(**variables, PATH=warm.path()),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@dataclass
class Job:
    """A job that uses the action: a stand-in for the runner.

    Attributes:
        folder: Where the job runs.
        inputs: The inputs that it gives.
        outcomes: `success` or `failure` of each step, by its id or name.
        printed: What the steps printed.
    """

    folder: Path
    inputs: Mapping[str, str]
    outcomes: dict[str, str] = field(default_factory=dict[str, str])
    printed: str = ""

    def run(self) -> bool:
        """Run the steps after the installation, and return True if none failed."""
        installed = self.folder / "temp" / "chatdouble" / "bin"
        installed.mkdir(parents=True)
        (installed / "chatdouble").symlink_to(warm.program("chatdouble"))
        for step in ACTION["runs"]["steps"][1:]:
            if "run" in step and self._due(step):
                self._step(step)
        return "failure" not in self.outcomes.values()

    def _due(self, step: Mapping[str, str]) -> bool:
        condition = step.get("if", "success()")
        if "steps.start.outcome" in condition:
            return self.outcomes["start"] == "success"
        return "always()" in condition or "failure" not in self.outcomes.values()

    def _step(self, step: Mapping[str, Any]) -> None:
        assert step["shell"] == "bash"
        variables = {name: self._value(value) for name, value in step.get("env", {}).items()}
        output = str(self.folder / "output")
        done = shell(self.folder, step["run"], "-eo", "pipefail", GITHUB_OUTPUT=output, **variables)
        self.outcomes[step.get("id", step["name"])] = "failure" if done.returncode else "success"
        self.printed += done.stdout + done.stderr

    def _value(self, text: str) -> str:
        return re.sub(r"\$\{\{ (\S+) \}\}", self._expression, text)

    def _expression(self, found: "re.Match[str]") -> str:
        if found[1] == "runner.temp":
            return str(self.folder / "temp")
        kind, _, name = found[1].partition(".")
        if kind == "inputs":
            return self.inputs.get(name, ACTION["inputs"][name].get("default", ""))
        assert found[1] == "steps.start.outputs.url"
        return dict(line.split("=", 1) for line in (self.folder / "output").read_text().splitlines())["url"]


def test_the_action_is_green_for_a_clean_suite(tmp_path: Path) -> None:
    job = Job(tmp_path, {"run": f"{ASK}ask 1"})
    assert job.run(), job.printed
    assert "::notice title=chatdouble::verdict: ok: 0 errors" in job.printed
    assert "/v1/chat/completions" in (tmp_path / "temp/chatdouble/logs/chatdouble.log").read_text()


def test_the_action_annotates_what_a_green_suite_swallows(tmp_path: Path) -> None:
    job = Job(tmp_path, {"run": f"{ASK}ask 9"})
    assert not job.run()
    assert job.outcomes == {"start": "success", "Run the tests": "success", "verdict": "failure"}
    assert REFUSED in job.printed
    assert REFUSED in (tmp_path / "temp/chatdouble/logs/verdict.txt").read_text()


def test_the_action_gives_the_verdict_after_failing_tests_too(tmp_path: Path) -> None:
    (tmp_path / "double.yaml").write_text('- {name: greeting, when: {user: "Bye"}, reply: "Bye."}\n')
    job = Job(tmp_path, {"run": "false\ntouch reached", "scripts": "double.yaml", "arguments": "--seed 7"})
    assert not job.run()
    assert job.outcomes["Run the tests"] == "failure"
    assert not (tmp_path / "reached").exists()
    assert "::error title=unused_rule,file=double.yaml,line=1::" in job.printed


def test_the_action_shows_why_the_double_did_not_start(tmp_path: Path) -> None:
    job = Job(tmp_path, {"run": "touch reached", "arguments": "--validation stern"})
    assert not job.run()
    assert job.outcomes == {"start": "failure"}
    assert "chatdouble: --validation: input should be" in job.printed


def test_every_input_of_the_action_is_used() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    assert set(re.findall(r"inputs\.([a-z-]+)", text)) == set(ACTION["inputs"])


@pytest.mark.parametrize(("temperature", "code"), [("1", 0), ("9", 1)])
def test_the_template_for_gitlab_fails_with_its_verdict(tmp_path: Path, temperature: str, code: int) -> None:
    head, body = (ROOT / "templates" / "chatdouble.yml").read_text("utf-8").split("\n---\n")
    given = {"run": f"ask {temperature}", "job": "contract"}
    inputs: dict[str, str] = {
        name: given.get(name) or one["default"] for name, one in yaml.safe_load(head)["spec"]["inputs"].items()
    }
    text = re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda found: inputs[found[1]], body)
    job = yaml.safe_load(text)["contract"]
    (tmp_path / ".chatdouble" / "bin").mkdir(parents=True)
    (tmp_path / ".chatdouble" / "bin" / "chatdouble").symlink_to(warm.program("chatdouble"))
    installing, *steps = job["script"]
    assert installing.endswith("install --quiet chatdouble")
    done = shell(tmp_path, "\n".join([ASK, *steps]), "-eo", "pipefail")
    assert done.returncode == code, done.stdout + done.stderr
    report = (tmp_path / job["artifacts"]["reports"]["junit"]).read_text()
    assert ("refused" in report) == bool(code)
