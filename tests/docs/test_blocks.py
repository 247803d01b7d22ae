"""Blocks of pages that have no test of their own work as printed, except for the address."""

import ast
import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from chatdouble.scripts.lint import lint
from chatdouble.scripts.reading.load import parse
from chatdouble.settings import Settings, load
from chatdouble.testing.server import RunningServer
from pages import PAGES, ROOT, blocks
from processes import environment
from raw import chat, control

RUNNABLE: Final = ("python", "sh", "console", "js", "toml", "yaml")


def test_every_page_with_a_runnable_block_has_a_test_that_names_it() -> None:
    tests = "\n".join(file.read_text("utf-8") for file in Path(__file__).parent.glob("test_*.py"))
    runnable = {name for name in PAGES if any(blocks(name, language) for language in RUNNABLE)}
    assert {name for name in runnable if f'"{name}"' not in tests} == set()


@pytest.mark.parametrize("page", ["configuration.md", "limits.md", "pace.md"])
def test_a_configuration_is_one(page: str, tmp_path: Path) -> None:
    (text,) = blocks(page, "toml")
    file = tmp_path / "double.toml"
    file.write_text(text)
    assert load({}, {}, file) != Settings()


def test_the_faults_of_the_page_work(server: RunningServer) -> None:
    (script,), (command,) = blocks("faults.md", "yaml"), blocks("faults.md", "sh")
    assert lint(parse(script)) == []
    lines = command.replace("http://localhost:8000", server.origin)
    subprocess.run(["/bin/sh", "-ec", lines], env=environment(), capture_output=True, timeout=60, check=True)
    assert [chat(server.origin, "sk-test-42").status for _ in range(3)] == [500, 500, 200]
    control(server, "sk-test-42", "POST", "reset")


def test_the_scripts_of_the_page_are_without_findings() -> None:
    for script in blocks("scripts.md", "yaml"):
        assert lint(parse(script)) == []


def test_the_request_of_the_validation_page_is_answered_as_printed(server: RunningServer) -> None:
    (block,) = blocks("validation.md", "console")
    command, _, printed = block.removeprefix("$ ").partition("\n{")
    lines = command.replace("localhost:8000", server.origin)
    ran = subprocess.run(["/bin/sh", "-ec", lines], capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(ran.stdout) == json.loads("{" + printed)


def test_the_jobs_have_the_variables_of_a_client() -> None:
    jobs: list[dict[str, Any]] = [yaml.safe_load(block) for block in blocks("ci.md", "yaml")]
    action, actions, _, template, gitlab = jobs
    (uses,) = [step["with"] for step in action["jobs"]["test"]["steps"] if "chatdouble@" in step.get("uses", "")]
    assert {*uses} <= {*yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"]}
    (included,) = template["include"]
    head = next(yaml.safe_load_all((ROOT / included["local"]).read_text("utf-8")))
    assert {*included["inputs"]} <= {*head["spec"]["inputs"]}
    assert actions["jobs"]["test"]["env"]["OPENAI_BASE_URL"] == "http://localhost:8000/v1"
    assert actions["jobs"]["test"]["services"]["chatdouble"]["ports"] == ["8000:8000"]
    assert gitlab["test"]["variables"]["OPENAI_BASE_URL"] == "http://openai:8000/v1"


def test_the_container_listens_where_the_page_looks_for_it() -> None:
    (python,), (js,) = blocks("testcontainers.md", "python"), blocks("testcontainers.md", "js")
    ast.parse(python)
    exposed = re.findall(r"^EXPOSE (\d+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"[Pp]orts?\((\d+)\)|HttpWaitStrategy\((\d+)", python + js)) == {
        (exposed[0], ""),
        ("", exposed[0]),
    }


def test_the_suites_are_run_by_a_script_that_exists() -> None:
    (command,) = blocks("official-suites.md", "sh")
    assert (ROOT / command.split()[0]).exists()
