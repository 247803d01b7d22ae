"""docs/clients.md names the versions that are tested."""

import json
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
TRANSITIVE: Final = {"mcp", "openai", "pytest", "pytest-asyncio", "zod"}


def pinned() -> dict[str, str]:
    """Return the version of every client, from the files that pin them."""
    lines = [
        line.partition("#")[0].strip()
        for path in (ROOT / "tests" / "ecosystem").glob("requirements*.txt")
        for line in path.read_text().splitlines()
    ]
    python = dict(line.split("==") for line in lines if line)
    node = json.loads((ROOT / "tests" / "node" / "package.json").read_text())["devDependencies"]
    found = {name.partition("[")[0]: version for name, version in python.items()} | node
    return {name: version for name, version in found.items() if name not in TRANSITIVE}


def test_the_page_names_every_client_with_its_version() -> None:
    rows = [line for line in (ROOT / "docs" / "clients.md").read_text().splitlines() if line.startswith("| ")]
    for name, version in pinned().items():
        assert any(name in row and version in row for row in rows), f"{name} {version}"


def test_the_page_names_the_official_clients_versions() -> None:
    rows = (ROOT / "docs" / "clients.md").read_text()
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    [python] = [wanted.partition("==")[2] for wanted in groups["dev"] if wanted.startswith("openai==")]
    node = json.loads((ROOT / "tests" / "node" / "package.json").read_text())["devDependencies"]["openai"]
    assert f"| openai (Python) | {python} |" in rows
    assert f"| openai (Node) | {node} |" in rows
