"""The TypeScript client: its types are the server's, its tests pass, and its package works in a fresh project."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

import warm
from chatdouble.core.json import is_object
from chatdouble.testing.server import RunningServer
from processes import environment

ROOT: Final = Path(__file__).parents[2]
CLIENT: Final = ROOT / "clients" / "typescript"
INSTALLED: Final = CLIENT / "node_modules" / ".installed"

USED: Final = """
const reply = async ({ startDouble, turn }) => {
  const double = await startDouble({ session: "sk-fresh" });
  await double.script(turn({ user: "Hello" }).says("Hi."));
  const answer = await fetch(`${double.baseURL}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${double.key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-5.4-mini", messages: [{ role: "user", content: "Hello" }] }),
  });
  console.log((await answer.json()).choices[0].message.content, (await double.verdict()).ok);
};
"""

TYPED: Final = """
import { type Reply, startDouble, turn } from "chatdouble";
const double = await startDouble();
const reply: Reply = { text: "Hi", finish_reason: "length" };
await double.reply(reply, "Hi");
await double.script(turn({ user: "*Paris*", tools: ["get_weather"] }).calls("get_weather", { city: "Paris" }));
const told: string | undefined = (await double.requests.last()).text;
// @ts-expect-error: the key is `user`
turn({ usr: told });
// @ts-expect-error: no such fault
await double.fault("explode");
"""


@pytest.fixture(scope="module")
def npm() -> str:
    """Return npm's path, with the client's packages installed."""
    found = shutil.which("npm")
    missing = "npm" if found is None else "" if INSTALLED.exists() else "its packages (scripts/install-node)"
    if missing and "CI" not in os.environ:
        pytest.skip(f"not installed: {missing}")
    assert not missing, f"CI needs {missing}"
    assert INSTALLED.read_text() == (CLIENT / "package-lock.json").read_text(), "run scripts/install-node"
    return found or ""


@pytest.fixture(scope="module")
def package(npm: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the package as it is published, which builds it."""
    folder = tmp_path_factory.mktemp("package")
    _run(npm, "pack", "--silent", "--pack-destination", str(folder))
    (packed,) = folder.iterdir()
    return packed


@pytest.fixture(scope="module")
def project(npm: str, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a fresh project in which the package is installed."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "package.json").write_text('{"private": true}')
    _run(npm, "install", "--offline", "--no-audit", "--no-fund", "--omit=peer", str(package), cwd=folder)
    return folder


def _run(*command: str, cwd: Path = CLIENT, more: Mapping[str, str] | None = None) -> str:
    """Run a command that has this checkout's `chatdouble` on its PATH."""
    environ = environment() | {"PATH": warm.path(), "NO_COLOR": "1"} | dict(more or {})
    ran = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False, timeout=600)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_example_passes(npm: str, server: RunningServer, package: Path, tmp_path: Path) -> None:
    assert npm
    assert package.exists()  # it is built
    folder = shutil.copytree(ROOT / "examples" / "typescript", tmp_path / "example")
    (folder / "node_modules").mkdir()
    for name in ("openai", "vitest"):
        (folder / "node_modules" / name).symlink_to(CLIENT / "node_modules" / name)
    (folder / "node_modules" / "chatdouble").symlink_to(CLIENT)
    vitest = str(CLIENT / "node_modules" / ".bin" / "vitest")
    assert "2 passed" in _run(vitest, "run", cwd=folder, more={"CHATDOUBLE_URL": server.origin})


def test_the_types_are_those_of_the_server() -> None:
    script = ROOT / "scripts" / "typescript_types.py"
    done = subprocess.run([sys.executable, script, "--check"], env=environment(), check=False)
    assert done.returncode == 0, "run scripts/typescript_types.py"


def test_the_version_is_that_of_the_server() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    package = json.loads((CLIENT / "package.json").read_text("utf-8"))
    assert f'\nversion = "{package["version"]}"\n' in project


def test_the_example_asks_for_the_versions_that_are_tested() -> None:
    example = json.loads((ROOT / "examples" / "typescript" / "package.json").read_text("utf-8"))
    package = json.loads((CLIENT / "package.json").read_text("utf-8"))
    asked: dict[str, str] = example["dependencies"] | example["devDependencies"]
    assert asked.pop("chatdouble") == f"^{package['version']}"
    assert asked == {name: package["devDependencies"][name] for name in asked}


def test_its_own_tests_pass(npm: str, server: RunningServer, package: Path) -> None:
    assert package.exists()  # it is built
    _run(npm, "run", "check")
    output = _run(npm, "exec", "vitest", "run", more={"CHATDOUBLE_URL": server.origin, "CI": "true"})
    assert "passed" in output


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("use.mjs", 'import * as chatdouble from "chatdouble";' + USED + "await reply(chatdouble);"),
        ("use.cjs", USED + 'reply(require("chatdouble"));'),
    ],
)
def test_the_package_is_imported_and_required(
    npm: str, server: RunningServer, project: Path, name: str, use: str
) -> None:
    assert npm
    (project / name).write_text(use)
    assert _run("node", name, cwd=project, more={"CHATDOUBLE_URL": server.origin}) == "Hi. true\n"


def test_the_package_has_no_dependency_and_only_what_it_needs(project: Path) -> None:
    installed = [path.name for path in (project / "node_modules").iterdir() if not path.name.startswith(".")]
    assert installed == ["chatdouble"]
    folder = project / "node_modules" / "chatdouble"
    assert sorted(path.name for path in folder.iterdir()) == ["LICENSE", "README.md", "dist", "package.json"]
    exported = json.loads((folder / "package.json").read_text())["exports"]
    targets = [one for entry in exported.values() for one in _targets(entry)]
    assert len(targets) > 10
    assert [one for one in targets if not (folder / one).exists()] == []


def _targets(entry: Any) -> list[str]:
    """Return the files that an entry of `exports` names."""
    return [target for one in entry.values() for target in _targets(one)] if is_object(entry) else [entry]


@pytest.mark.parametrize("name", ["use.mts", "use.cts"])
def test_the_package_has_types_of_the_vocabulary(npm: str, project: Path, name: str) -> None:
    assert npm
    (project / name).write_text(TYPED if name == "use.mts" else _in_commonjs(TYPED))
    options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--types", "node"]
    roots = ["--typeRoots", str(CLIENT / "node_modules" / "@types")]
    _run(str(CLIENT / "node_modules" / ".bin" / "tsc"), *options, *roots, name, cwd=project)


def _in_commonjs(text: str) -> str:
    """Return a module whose top level does not wait."""
    first, rest = text.strip().split("\n", 1)
    return f"{first}\nexport async function main() {{\n{rest}\n}}\n"
