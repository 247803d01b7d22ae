"""The Dockerfile, as far as it can be tested without a container engine."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from openai import OpenAI

from chatdouble.core.environment import PREFIX
from chatdouble.settings import Settings, load
from chatdouble.testing.server import RunningServer
from processes import serving

ROOT: Final = Path(__file__).parent.parent


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile in order, with their arguments."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines()]
    return [(word, rest) for line in lines if line and line[0] != "#" for word, _, rest in [line.partition(" ")]]


def last_stage() -> dict[str, str]:
    """Return the instructions of the last stage; of repeated ones the last."""
    found = instructions()
    start = max(place for place, (word, _) in enumerate(found) if word == "FROM")
    return dict(found[start:])


def variables() -> dict[str, str]:
    """Return the settings in the image's environment."""
    pairs = dict(pair.split("=", 1) for pair in last_stage()["ENV"].split())
    return {name: value for name, value in pairs.items() if name.startswith(PREFIX)}


def healthcheck() -> list[str]:
    """Return the command of the health check."""
    command: list[str] = json.loads(last_stage()["HEALTHCHECK"].partition("CMD ")[2])
    return command


def compose() -> dict[str, Any]:
    """Return the compose file."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return read


def in_profile(profile: str | None) -> set[str]:
    """Return the services of a profile; of None, those that run without one."""
    services = compose()["services"].items()
    return {name for name, one in services if one.get("profiles") == (profile and [profile])}


def interpolated(value: str, **variables: str) -> str:
    """Return a value of the compose file with these variables, or their defaults, in place."""
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: variables.get(found[1], found[2]), value)


def is_well(port: int) -> bool:
    """Run the health check against a server on this port."""
    environ = os.environ | {"CHATDOUBLE_PORT": str(port)}
    return subprocess.run(healthcheck(), env=environ, capture_output=True, check=False).returncode == 0


def test_the_user_is_a_number_other_than_root() -> None:
    assert int(last_stage()["USER"]) > 0


@pytest.mark.parametrize("word", ["ENTRYPOINT", "CMD"])
def test_the_server_receives_signals_without_a_shell(word: str) -> None:
    assert isinstance(json.loads(last_stage()[word]), list)


def test_the_variables_of_the_image_are_settings() -> None:
    assert {name.removeprefix(PREFIX).lower() for name in variables()} <= set(Settings.model_fields)
    settings = load({}, variables())
    assert settings.host == "::"  # both families: the container's port must be reachable
    assert str(settings.port) == last_stage()["EXPOSE"]


def test_the_image_answers_without_a_mounted_script(tmp_path: Path) -> None:
    environ = variables() | {"CHATDOUBLE_HOST": "127.0.0.1", "CHATDOUBLE_SCRIPTS": str(tmp_path)}
    with serving(**environ) as served, OpenAI(base_url=served.base_url, api_key="sk-image") as client:
        completion = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}])
    assert completion.choices[0].message.content == "Hello"


def test_the_health_check_passes_while_the_server_answers(server: RunningServer) -> None:
    assert is_well(server.port)


def test_the_health_check_fails_when_nothing_answers() -> None:
    assert not is_well(9)


STARTED: Final = """
import os, sys
from chatdouble import __main__
from chatdouble.cli import flags
from chatdouble.server import logs, serving
from chatdouble.server.application import create_app
create_app(flags.load({}, os.environ)).warnings()
"""


def of_the_library(program: str, environ: Mapping[str, str]) -> set[str]:
    """Run a program and return the modules of the standard library that it read from files."""
    told = "import json, sys\nread = [name for name, one in sys.modules.items() if hasattr(one, '__cached__')]"
    run = subprocess.run(
        [sys.executable, "-c", f"{program}\n{told}\nprint(json.dumps(read))"],
        env={**os.environ, **environ},
        capture_output=True,
        check=True,
    )
    return {name for name in json.loads(run.stdout) if name.partition(".")[0] in sys.stdlib_module_names}


def test_the_image_has_bytecode_of_what_a_start_and_the_health_check_read(tmp_path: Path) -> None:
    place, line = next((place, rest) for place, (_, rest) in enumerate(instructions()) if " -c " in rest)
    before, program = shlex.split(line)[:-1], shlex.split(line)[-1]
    assert before == ["PYTHONDONTWRITEBYTECODE=", "/opt/chatdouble/bin/python", "-c"]
    assert place < next(place for place, (word, _) in enumerate(instructions()) if word == "USER")
    compiled = of_the_library(program, {})
    started = of_the_library(STARTED, variables() | {"CHATDOUBLE_SCRIPTS": str(tmp_path)})
    assert {"asyncio.base_events", "urllib.request"} <= compiled
    assert started | of_the_library(healthcheck()[-1].partition(";")[0], {}) <= compiled


def test_copied_files_exist_and_are_not_ignored() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        source
        for word, rest in instructions()
        if word == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    }
    assert copied == let_in
    assert all((ROOT / source).exists() for source in copied)


def test_everything_the_image_installs_is_locked() -> None:
    steps = [step for word, rest in instructions() if word == "RUN" for step in re.split(r"\s*&&\s*", rest)]
    installing = [step for step in steps if re.search(r"\bpip .*\b(install|wheel|download)\b", step)]
    from_the_index = [step for step in installing if "--no-index" not in step.split()]
    assert [step.split()[-1] for step in from_the_index] == ["requirements/build.txt", "requirements/run.txt"]
    assert all("--require-hashes" in step.split() for step in from_the_index)
    assert all("--no-build-isolation" in step for step in installing if step.split()[1] == "wheel")


def test_compose_runs_two_replicas_on_one_redis_only_where_it_is_asked_to() -> None:
    services = compose()["services"]
    assert in_profile("replicas") == {"replica", "redis", "balancer"}
    replica = services["replica"]
    settings = load({}, replica["environment"])
    assert settings.state == f"redis://{replica['depends_on'][0]}:6379/0"
    assert replica["deploy"]["replicas"] == 2
    routes = compose()["configs"]["balancer"]["content"]
    assert f"server replica:{load({}, {}).port} resolve;" in routes
    assert "proxy_buffering off;" in routes


def test_compose_builds_this_image_and_publishes_its_port() -> None:
    service = compose()["services"]["chatdouble"]
    assert (ROOT / service["build"] / "Dockerfile").exists()
    assert service["ports"] == [f"127.0.0.1:8000:{last_stage()['EXPOSE']}"]
    assert service["read_only"] is True


def test_every_service_of_compose_but_one_is_in_a_profile() -> None:
    profiles = {profile for one in compose()["services"].values() for profile in one.get("profiles", ())}
    assert profiles == {"scripts", "record", "replicas"}
    assert in_profile(None) == {"chatdouble"}


def test_compose_mounts_scripts_where_the_image_reads_them() -> None:
    (mounted,) = compose()["services"]["scripted"]["volumes"]
    assert re.fullmatch(r"\$\{SCRIPTS:-(\./\w+)\}:(/\w+):ro", mounted)
    assert mounted.split(":")[-2] == variables()["CHATDOUBLE_SCRIPTS"]


@pytest.mark.parametrize(("given", "mode"), [({}, "record"), ({"MODE": "replay"}, "replay")])
def test_compose_records_where_its_folder_is_mounted(tmp_path: Path, given: dict[str, str], mode: str) -> None:
    recorder = compose()["services"]["recorder"]
    (mounted,) = recorder["volumes"]
    assert mounted.split(":")[-1] == recorder["environment"]["CHATDOUBLE_RECORDINGS"]
    environ = recorder["environment"] | {"CHATDOUBLE_RECORDINGS": str(tmp_path)}
    settings = load({}, {name: interpolated(value, **given) for name, value in environ.items()})
    assert (settings.mode, settings.upstream) == (mode, "https://api.openai.com/v1")


def test_the_image_has_the_labels_of_its_project() -> None:
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', last_stage()["LABEL"]))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    expected = {name: project[name] for name in ("description", "version")}
    assert labels == expected | {"title": project["name"], "licenses": project["license"]}
