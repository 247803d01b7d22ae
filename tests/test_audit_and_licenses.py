"""Products of the lock: the checks of known vulnerabilities and licenses, and the bill of materials."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

SCRIPTS: Final = Path(__file__).parent.parent / "scripts"
VULNERABLE: Final[dict[str, Any]] = {"name": "left", "version": "1.0", "vulns": [{"id": "PYSEC-1"}]}
SAFE: Final[dict[str, Any]] = {"name": "right", "version": "2.0", "vulns": []}
UNKNOWN: Final[dict[str, Any]] = {"name": "lost", "skip_reason": "Dependency not found"}


@pytest.fixture(scope="module")
def licenses() -> ModuleType:
    spec = importlib.util.spec_from_file_location("licenses", SCRIPTS / "licenses.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def audited(folder: Path, report: str, complaint: str = "") -> subprocess.CompletedProcess[str]:
    """Run the audit with a pip-audit that prints this report and complaint, and fails."""
    (folder / "report").write_text(report)
    (folder / "complaint").write_text(complaint)
    stand_in = folder / "pip-audit"
    stand_in.write_text(f'#!/bin/sh\ncat "{folder}/report"\ncat "{folder}/complaint" >&2\nexit 1\n')
    stand_in.chmod(0o755)
    environ = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
    return subprocess.run(
        [sys.executable, SCRIPTS / "audit.py"], env=environ, capture_output=True, text=True, check=False
    )


def report(*packages: dict[str, Any]) -> str:
    """Return what pip-audit prints of these packages."""
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_known_vulnerability_fails_and_is_named(tmp_path: Path) -> None:
    done = audited(tmp_path, report(SAFE, VULNERABLE))
    assert done.returncode == 1
    assert done.stdout == "left 1.0: PYSEC-1\naudit: looked up 2 packages: 1 known vulnerabilities\n"


def test_what_could_not_be_looked_up_is_counted_and_no_failure(tmp_path: Path) -> None:
    done = audited(tmp_path, report(SAFE, UNKNOWN))
    assert done.returncode == 0
    assert "looked up 1 packages: 0 known" in done.stdout
    assert "1 packages could not be looked up" in done.stderr


def test_without_a_network_nothing_fails_and_the_reason_is_given(tmp_path: Path) -> None:
    done = audited(tmp_path, "", "Traceback\nConnectionError: no route to host\n")
    assert done.returncode == 0
    assert "nothing was looked up" in done.stderr
    assert "ConnectionError: no route to host" in done.stderr


@pytest.mark.parametrize("expression", ["MIT", "MPL-2.0 AND (Apache-2.0 OR MIT)"])
def test_these_licenses_are_allowed(licenses: ModuleType, expression: str) -> None:
    assert licenses.allowed(expression)


@pytest.mark.parametrize("expression", ["GPL-3.0-or-later", "MIT AND GPL-2.0-only", "GNU GPLv3+", "UNKNOWN"])
def test_these_licenses_are_refused(licenses: ModuleType, expression: str) -> None:
    assert not licenses.allowed(expression)


def test_a_package_without_a_license_is_refused(licenses: ModuleType) -> None:
    assert not licenses.allowed("")


@pytest.mark.parametrize(("name", "expression"), [("click", "BSD-3-Clause"), ("rich", "MIT"), ("isoduration", "ISC")])
def test_a_license_is_read_from_what_the_package_says(licenses: ModuleType, name: str, expression: str) -> None:
    assert licenses.expression(name) == expression


def test_the_bill_of_materials_has_all_that_is_locked_and_vendored() -> None:
    command: list[str | Path] = [sys.executable, SCRIPTS / "sbom.py"]
    bill = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    lock = (SCRIPTS.parent / "requirements" / "run.txt").read_text()
    locked = set(re.findall(r"^([a-z0-9.-]+==\S+)", lock, re.MULTILINE))
    listed = {f"{one['name']}=={one['version']}": one for one in bill["components"]}
    assert listed.keys() - locked == {"htm==3.1.1"}
    assert locked <= listed.keys()
    assert all(one["licenses"][0]["expression"] for one in listed.values())
    digests = {file["hashes"][0]["content"] for one in listed.values() for file in one.get("externalReferences", ())}
    assert digests == set(re.findall(r"sha256:(\w+)", lock))
