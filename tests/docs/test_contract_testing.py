"""The jobs of the page about contract testing: their shell steps run against a server, with a stand-in for docker."""

import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

import warm
from chatdouble.testing.server import RunningServer
from conftest import Serve
from pages import blocks
from parts import long
from processes import environment

PAGE: Final = "contract-testing.md"
KEY: Final = "control-1"

ALONE: Final = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "chatdouble.pytest.plugin"}
"""Variables that leave pytest the one plugin that a runner has."""

# What a runner has: `exec` asks the server that runs already, and the others run one of their own.
DOCKER: Final = """
pip() { :; }
docker() {
  case "$1" in
    exec) shift 2; CHATDOUBLE_URL="$ORIGIN" "$@" ;;
    run) chatdouble serve --port "$PORT" --scripts scripts --verdict-on-exit --verdict-format github > out 2> err &
      echo $! > pid ;;
    stop) kill -TERM "$(cat pid)"; code=0; wait "$(cat pid)" || code=$?; echo "$code" > code ;;
    logs) cat out ;;
    wait) cat code ;;
  esac
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a checkout with the page's suite."""
    (suite,) = blocks(PAGE, "python")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_summary.py").write_text(suite)
    return tmp_path


@pytest.fixture
def server(serve: Serve) -> Iterator[RunningServer]:
    """Return a server with the control key of the page's jobs."""
    with serve(control_key=KEY) as served:
        yield served


def run(folder: Path, lines: str, origin: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run lines of a job, with the server's address in place of the page's."""
    lines = re.sub(r"http://(openai|localhost):8000", origin, lines)
    given = {name: re.sub(r"http://(openai|localhost):8000", origin, value) for name, value in variables.items()}
    return subprocess.run(
        ["/bin/sh", "-ec", DOCKER + lines],
        cwd=folder,
        env=environment(**given, **ALONE, PATH=warm.path(), ORIGIN=origin),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def misuse(folder: Path) -> None:
    """Change the suite so that it stays green and has a problem."""
    file = folder / "tests" / "test_summary.py"
    swallowed = (
        "    with pytest.raises(Exception):\n        client.chat.completions.create(model='gpt-5.4', messages=[])\n"
    )
    file.write_text(file.read_text() + swallowed)


def github() -> tuple[dict[str, str], list[str]]:
    """Return the variables and the shell steps of the job for GitHub."""
    text = (
        blocks(PAGE, "yaml")[0].replace("${{ github.run_id }}", "1").replace("${{ job.services.chatdouble.id }}", "c")
    )
    job: Any = yaml.safe_load(text)["jobs"]["contract"]
    assert job["services"]["chatdouble"]["env"] == {"CHATDOUBLE_CONTROL_KEY": KEY}
    return job["env"], [step["run"] for step in job["steps"] if "run" in step]


def test_the_github_job_is_green_for_a_clean_suite(folder: Path, server: RunningServer) -> None:
    variables, steps = github()
    done = run(folder, "\n".join(steps), server.origin, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith(
        "::notice title=chatdouble::verdict: ok: 0 errors, 0 warnings; 1 req"
    )


def test_the_github_job_fails_with_an_annotation_that_names_the_test(folder: Path, server: RunningServer) -> None:
    misuse(folder)
    variables, steps = github()
    done = run(folder, "\n".join(steps), server.origin, **variables)
    assert done.returncode == 1
    assert "::error title=refused (test_a_summary_is_written)::The API would refuse a request." in done.stdout


@pytest.mark.parametrize(("misused", "code"), [pytest.param(False, 0, marks=long), (True, 1)])
def test_the_gitlab_job_reports_the_tests_and_the_verdict(
    folder: Path, server: RunningServer, *, misused: bool, code: int
) -> None:
    if misused:
        misuse(folder)
    job: Any = yaml.safe_load(blocks(PAGE, "yaml")[1])["contract"]
    variables = {name: value.replace("$CI_JOB_ID", "1") for name, value in job["variables"].items()}
    done = run(folder, "\n".join(job["script"]), server.origin, **variables)
    assert done.returncode == code, done.stdout + done.stderr
    for report in job["artifacts"]["reports"]["junit"]:
        assert "test_a_summary_is_written" in (folder / report).read_text()


@pytest.mark.parametrize(("user", "code"), [pytest.param("Summarise: *", 0, marks=long), ("Translate: *", 1)])
def test_a_container_prints_its_verdict_when_it_stops(folder: Path, user: str, code: int) -> None:
    (folder / "scripts").mkdir()
    rules = [{"name": "summary", "when": {"user": user}, "reply": "Rain."}, {"name": "rest", "reply": "Yes."}]
    (folder / "scripts" / "rules.yaml").write_text(yaml.safe_dump(rules[: 1 + code]))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    steps, report = blocks(PAGE, "sh")
    variables = {"OPENAI_BASE_URL": "http://localhost:8000/v1", "OPENAI_API_KEY": "sk-ci", "PORT": port}
    done = run(folder, steps, f"http://localhost:{port}", **variables)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("::error title=unused_rule,file=scripts/rules.yaml,line=1::" in done.stdout) == bool(code)
    run(folder, report, "", PORT=port)
    assert (folder / "verdict.txt").read_text().startswith("::error" if code else "::notice")
