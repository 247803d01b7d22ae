"""The sdist, the wheel built from it, and the wheel in an environment of its own."""

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from typing import Any, Final

import pytest
from openai import OpenAI
from packaging.specifiers import SpecifierSet

from parts import long

ROOT: Final = Path(__file__).parent.parent
SOURCES: Final = {"chatdouble": ROOT / "app", "chatdouble_backends": ROOT / "backends"}
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COUNT_TOKENS: Final = """
import asyncio, socket
def refuse(*_, **__): raise OSError("no network")
from chatdouble.tokens.tokenizer import Tokenizers
socket.create_connection = socket.getaddrinfo = refuse
print(Tokenizers()["o200k_base"].count("Hello, is anybody there?"))
"""
FIND: Final = """
import sys
from importlib.util import find_spec
print(*[name for name in sys.argv[1:] if find_spec(name) is None])
"""
LIST_FORMATS: Final = """
from jsonschema import Draft202012Validator
print(*Draft202012Validator.FORMAT_CHECKER.checkers)
"""
FORMATS: Final = {
    *("date", "date-time", "duration", "email", "hostname", "idn-email", "idn-hostname", "ipv4", "ipv6"),
    *("json-pointer", "regex", "relative-json-pointer", "time", "uri", "uri-reference", "uri-template", "uuid"),
}
TEST: Final = """
import openai
def test_it(chatdouble):
    chatdouble.reply("Hi")
    ask = openai.OpenAI().chat.completions.create
    answer = ask(model="gpt-5.4-mini", messages=[{"role": "user", "content": "Hello"}])
    assert answer.choices[0].message.content == "Hi"
"""
LOAD_ENTRY_POINTS: Final = """
from importlib.metadata import entry_points
for point in entry_points(group="chatdouble.backends"):
    print(point.name, callable(point.load()))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an sdist from this checkout and a wheel from the sdist, and return the wheel."""
    out = tmp_path_factory.mktemp("dist")
    build: list[str | Path] = [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    [built] = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel with the locked versions of its dependencies in a clean environment; return its bin folder."""
    place = tmp_path_factory.mktemp("clean")
    run(ROOT / "scripts" / "install", place, ROOT / "requirements" / "run.txt")
    run(place / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel)
    return place / "bin"


def environment() -> dict[str, str]:
    """Return the environment without variables that lead to the checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CHATDOUBLE"))}
    # pip would compile every module of every package, and the tests import few.
    return kept | {"PYTHON": sys.executable, "PIP_COMPILE": "0"}


def run(*command: str | Path) -> str:
    """Run a command outside the checkout and return its output."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", env=environment())
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def names(wheel: Path) -> set[str]:
    """Return the files of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_source_roots_are_not_packages() -> None:
    assert not (ROOT / "app" / "__init__.py").exists()
    assert not (ROOT / "backends" / "__init__.py").exists()


def test_the_wheel_holds_the_two_packages_and_nothing_else(wheel: Path) -> None:
    top = {name.split("/")[0] for name in names(wheel)}
    assert top == {"chatdouble", "chatdouble_backends", f"chatdouble-{PROJECT['version']}.dist-info"}


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    ignored = {"__pycache__"}
    expected = {
        path.relative_to(root).as_posix()
        for package, root in SOURCES.items()
        for path in (root / package).rglob("*")
        if path.is_file() and not ignored & set(path.parts)
    }
    assert expected <= names(wheel)
    assert {"chatdouble/py.typed", "chatdouble/catalogue/models.json"} <= expected


def test_the_wheel_has_the_licenses_of_what_it_contains(wheel: Path) -> None:
    vendored = set(ROOT.glob("app/**/vendor/LICENSE.*"))
    assert vendored == {ROOT / name for name in PROJECT["license-files"]} - {ROOT / "LICENSE"}
    inside = {name.partition(".dist-info/licenses/")[2] for name in names(wheel)} - {""}
    assert inside == set(PROJECT["license-files"])


def test_the_wheel_has_its_metadata(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = HeaderParser().parsestr(archive.read(name).decode())
    assert metadata["Name"] == "chatdouble"
    assert SpecifierSet(metadata["Requires-Python"]) == SpecifierSet(PROJECT["requires-python"])
    assert metadata["License-Expression"] == PROJECT["license"]
    assert metadata.get_all("License-File") == PROJECT["license-files"]
    optional = [one for extra in PROJECT["optional-dependencies"].values() for one in extra]
    assert len(metadata.get_all("Requires-Dist") or []) == len(PROJECT["dependencies"]) + len(optional)


@long
def test_the_ranges_of_the_wheel_agree_with_the_lock(installed: Path) -> None:
    assert run(installed / "python", "-m", "pip", "check").strip() == "No broken requirements found."


@long
def test_the_command_works_with_only_the_wheel(installed: Path) -> None:
    assert "serve" in run(installed / "chatdouble", "--help")
    assert "--port" in run(installed / "chatdouble", "serve", "--help")
    assert "serve" in run(installed / "python", "-m", "chatdouble", "--help")


def imported() -> set[str]:
    """Return the top-level names that the sources import, at any depth."""
    found: set[str] = set()
    for package, root in SOURCES.items():
        for path in (root / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.split(".")[0])
    return found


@long
def test_every_import_is_satisfied_with_only_the_wheel(installed: Path) -> None:
    # Only pytest imports the plugin, only `--state redis://` its client, and only OTEL_* variables OpenTelemetry.
    optional = {"pytest", "redis", "opentelemetry"}
    missing = run(installed / "python", "-c", FIND, *sorted(imported() - optional)).split()
    assert missing == [], "declare them in pyproject.toml"


@long
def test_formats_are_checked_where_only_the_wheel_is(installed: Path) -> None:
    assert set(run(installed / "python", "-c", LIST_FORMATS).split()) >= FORMATS


@long
def test_every_backend_loads_with_only_the_wheel(installed: Path) -> None:
    loaded = run(installed / "python", "-c", LOAD_ENTRY_POINTS).splitlines()
    points = PROJECT["entry-points"]["chatdouble.backends"]
    assert sorted(loaded) == sorted(f"{name} True" for name in points)


def test_the_wheel_names_the_pytest_plugin(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt")]
        points = archive.read(name).decode()
    assert "[pytest11]\nchatdouble = chatdouble.pytest.plugin" in points


@long
def test_the_plugin_serves_tests_with_only_the_wheel(installed: Path, tmp_path: Path) -> None:
    pip = (installed / "python", "-m", "pip", "install", "--quiet", "--no-index", "--find-links", ROOT / ".wheels")
    run(*pip, "--target", tmp_path / "site", "pytest", "pytest-cov", "openai")
    (tmp_path / "test_it.py").write_text(TEST)
    command: list[str | Path] = [installed / "python", "-m", "pytest", "--cov=test_it", tmp_path / "test_it.py"]
    path = {"PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path, env=environment() | path)
    assert "1 passed" in done.stdout.splitlines()[-1], done.stdout + done.stderr
    assert "test_it.py       6      0   100%" in done.stdout


@long
def test_a_request_is_answered_with_only_the_wheel(installed: Path) -> None:
    command: list[str | Path] = [installed / "chatdouble", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd="/", env=environment()) as server:
        try:
            said = server.stdout.readline() if server.stdout else ""
            [address] = re.findall(r"http://\S+", said)
            with OpenAI(base_url=address, api_key="sk-wheel") as client:
                completion = client.chat.completions.create(
                    model="gpt-4o", messages=[{"role": "user", "content": "Hello"}]
                )
            assert completion.choices[0].message.content == "Hello"
        finally:
            server.terminate()


@long
def test_tokens_are_counted_without_a_network(installed: Path) -> None:
    assert run(installed / "python", "-c", COUNT_TOKENS).strip() == "6"
