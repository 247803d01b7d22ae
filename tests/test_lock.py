"""The lock: what is installed is what it names, it is whole, and it fits what pyproject.toml allows."""

import json
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parent.parent
LOCKS: Final = sorted((ROOT / "requirements").rglob("*.txt"))
NODE_LOCKS: Final = [
    ROOT / "tests/node/package-lock.json",
    ROOT / "clients/typescript/package-lock.json",
    *(ROOT / "requirements").rglob("package-lock.json"),
]
PYPROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def entries(lock: Path) -> Iterator[tuple[Requirement, list[str]]]:
    """Find what a lock of pip's names: a requirement and its hashes."""
    for entry in re.sub(r"\s*\\\n\s*", " ", lock.read_text("utf-8")).splitlines():
        if entry and not entry.lstrip().startswith("#"):
            requirement, *hashes = entry.split(" --hash=")
            yield Requirement(requirement), hashes


def pinned(requirement: Requirement) -> str:
    """Return the one version that a requirement of a lock allows."""
    (specifier,) = requirement.specifier
    assert specifier.operator == "=="
    return specifier.version


def named(path: Path) -> str:
    """Return a lock's name in this checkout."""
    return path.relative_to(ROOT).as_posix()


def test_what_is_installed_is_what_the_lock_names() -> None:
    wanted = [one for one, _ in entries(ROOT / "requirements/dev.txt") if one.marker is None or one.marker.evaluate()]
    assert len(wanted) > len(PYPROJECT["project"]["dependencies"])
    different = {
        f"{one.name}: {version(one.name)}, not {pinned(one)}" for one in wanted if version(one.name) != pinned(one)
    }
    assert different == set(), "run scripts/setup dev"


@pytest.mark.parametrize("lock", LOCKS, ids=named)
def test_everything_a_lock_names_has_one_version_and_hashes(lock: Path) -> None:
    found = list(entries(lock))
    assert found
    for requirement, hashes in found:
        assert pinned(requirement)
        assert hashes
        assert all(one.startswith("sha256:") for one in hashes)


@pytest.mark.parametrize("group", ["dev", "build", "update"])
def test_the_lock_has_everything_that_a_group_asks_for(group: str) -> None:
    locked = {one.name: pinned(one) for one, _ in entries(ROOT / "requirements" / f"{group}.txt")}
    wanted = [Requirement(one) for one in PYPROJECT["dependency-groups"][group] if isinstance(one, str)]
    assert wanted
    for asked in wanted:
        assert asked.specifier.contains(locked[canonicalize_name(asked.name)]), asked


def test_the_sets_agree_on_every_version() -> None:
    versions = {one.name: pinned(one) for one, _ in entries(ROOT / "requirements/dev.txt")}
    for group in ("run", "build"):
        for one, _ in entries(ROOT / "requirements" / f"{group}.txt"):
            assert versions[one.name] == pinned(one), one


@pytest.mark.parametrize("group", ["run", "dev"])
def test_the_lock_is_within_the_ranges_of_the_wheel(group: str) -> None:
    locked = {one.name: pinned(one) for one, _ in entries(ROOT / "requirements" / f"{group}.txt")}
    for asked in map(Requirement, PYPROJECT["project"]["dependencies"]):
        assert asked.specifier.contains(locked[canonicalize_name(asked.name)]), asked


def test_no_lock_names_an_address() -> None:
    assert [named(lock) for lock in LOCKS if "://" in lock.read_text("utf-8")] == []


@pytest.mark.parametrize("lock", NODE_LOCKS, ids=named)
def test_everything_an_npm_lock_names_has_a_hash_and_no_address(lock: Path) -> None:
    packages: dict[str, Any] = json.loads(lock.read_text("utf-8"))["packages"]
    del packages[""]
    assert packages
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert package["integrity"].startswith("sha512-"), name
