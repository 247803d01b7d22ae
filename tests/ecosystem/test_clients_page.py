"""docs/clients.md names the versions that are locked, and so tested."""

import json
import re
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent.parent
NODE: Final = ROOT / "tests" / "node" / "package-lock.json"
TRANSITIVE: Final = {"axe-core", "mcp", "openai", "oxlint", "pytest", "pytest-asyncio", "typescript", "zod"}


def python_versions(lock: Path) -> dict[str, str]:
    """Return the version of every package that a Python lock names."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text(), re.MULTILINE))


def node_versions() -> dict[str, str]:
    """Return the version of every npm package that the tests ask for."""
    packages: dict[str, Any] = json.loads(NODE.read_text())["packages"]
    return {name: packages[f"node_modules/{name}"]["version"] for name in packages[""]["devDependencies"]}


def locked() -> dict[str, str]:
    """Return the version of every client, from the locks."""
    found = node_versions()
    for wanted in (ROOT / "requirements").glob("*.in"):
        versions = python_versions(wanted.with_suffix(".txt"))
        names = re.findall(r"^[a-z0-9-]+", wanted.read_text(), re.MULTILINE)
        found |= {name: versions[name] for name in names}
    return {name: version for name, version in found.items() if name not in TRANSITIVE}


def test_the_page_names_every_client_with_its_version() -> None:
    rows = [line for line in (ROOT / "docs" / "clients.md").read_text().splitlines() if line.startswith("| ")]
    for name, version in locked().items():
        assert any(name in row and version in row for row in rows), f"{name} {version}"


def test_the_page_names_the_official_clients_versions() -> None:
    rows = (ROOT / "docs" / "clients.md").read_text()
    python = python_versions(ROOT / "requirements" / "dev.txt")["openai"]
    node = node_versions()["openai"]
    assert f"| openai (Python) | {python} |" in rows
    assert f"| openai (Node) | {node} |" in rows
    go = re.findall(r"openai-go/v3 v(\S+)", (ROOT / "examples" / "go" / "go.mod").read_text())
    java = re.findall(
        r"<artifactId>openai-java</artifactId>\s*<version>(.*?)<", (ROOT / "examples/java/pom.xml").read_text()
    )
    assert f"| openai (Go) | {go[0]} |" in rows
    assert f"| openai (Java) | {java[0]} |" in rows
