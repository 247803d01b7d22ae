"""Print the bill of materials of what a user installs with chatdouble, as CycloneDX JSON.

It is made of the lock, and names what the wheel itself contains; the same lock gives the same bytes.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from licenses import expression

ROOT: Final = Path(__file__).parents[1]
LOCK: Final = ROOT / "requirements" / "run.txt"
ENTRY: Final = re.compile(
    r"^(?P<name>[a-z0-9.-]+)==(?P<version>\S+)(?: ; (?P<marker>[^\\]+?))? \\\n(?P<hashes>(?:    --hash=.*\n)+)",
    re.MULTILINE,
)
VENDORED: Final = ROOT / "app" / "chatdouble" / "server" / "inspector" / "vendor" / "README.md"
ROW: Final = re.compile(
    r"^\| `\S+` \| `(?P<name>\S+)` (?P<version>[\d.]+),.* \| (?P<licenses>.*) \| `(?P<digest>\w{64})` \|$",
    re.MULTILINE,
)


def main() -> int:
    """Print the bill and return the exit code."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    described = _package(project["name"], project["version"], project["license"])
    lock = LOCK.read_text("utf-8")
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, project['version'] + lock)}",
        "version": 1,
        "metadata": {"component": {"type": "application", **described}},
        "components": [*_locked(lock), *_vendored()],
    }
    json.dump(bill, sys.stdout, indent=2)
    print()
    return 0


def _package(name: str, version: str, license_expression: str, kind: str = "pypi") -> dict[str, Any]:
    purl = f"pkg:{kind}/{name}@{version}"
    return {
        "bom-ref": purl,
        "name": name,
        "version": version,
        "licenses": [{"expression": license_expression}],
        "purl": purl,
    }


def _locked(lock: str) -> Iterator[dict[str, Any]]:
    """Yield the packages of the lock, with the digests of their files and the marker of where they are needed."""
    for found in ENTRY.finditer(lock):
        package = _package(found["name"], found["version"], expression(found["name"]))
        digests = re.findall(r"sha256:(\w+)", found["hashes"])
        files = [{"type": "distribution", "url": package["purl"], "hashes": [_sha256(one)]} for one in digests]
        marker = [{"name": "chatdouble:marker", "value": found["marker"]}] if found["marker"] else []
        yield {"type": "library", **package, "externalReferences": files, "properties": marker}


def _vendored() -> Iterator[dict[str, Any]]:
    """Yield what others wrote and the wheel contains."""
    for found in ROW.finditer(VENDORED.read_text("utf-8")):
        licenses = " AND ".join(re.findall(r"(\S+) \(`LICENSE", found["licenses"]))
        package = _package(found["name"], found["version"], licenses, "npm")
        yield {"type": "library", **package, "hashes": [_sha256(found["digest"])]}


def _sha256(digest: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": digest}


if __name__ == "__main__":
    sys.exit(main())
