"""The files of recordings beside the tests. It imports nothing of the double."""

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final

import pytest

FOLDER: Final = "recordings"
"""The folder beside the tests."""

_LONGEST: Final = 120
_NOT_IN_NAMES: Final = re.compile(r"[^\w.=+-]+")
_FIRST: Final = "# Recorded by chatdouble"
"""The first line of a file of recordings; other tools may use a folder of the same name."""


def file_of(test: pytest.Item) -> Path:
    """Return the file of a test's recordings: `recordings/MODULE/TEST.yaml` beside its module."""
    name = ".".join(test.nodeid.split("::")[1:])
    plain = _NOT_IN_NAMES.sub("_", name)
    if plain != name or len(plain) > _LONGEST:
        plain = f"{plain[:_LONGEST].strip('_')}-{blake2b(name.encode('utf-8', 'replace'), digest_size=4).hexdigest()}"
    return test.path.parent / FOLDER / test.path.stem / f"{plain}.yaml"


def orphans(tests: Sequence[pytest.Item], selected: Iterable[str], folder: Path) -> list[str]:
    """Return the files of recordings that no test has.

    Args:
        tests: The collected tests.
        selected: The arguments of the run. Modules of which they name single tests are left out.
        folder: The folder that the arguments are relative to.
    """
    partly = {(folder / argument.partition("::")[0]).resolve() for argument in selected if "::" in argument}
    expected = {file_of(test) for test in tests if _is_recorded(test)}
    modules = {test.path for test in tests} - partly
    return sorted(str(file) for file in _recordings_of(modules) if file not in expected)


def _is_recorded(test: pytest.Item) -> bool:
    return any(marker.kwargs.get("record") for marker in test.iter_markers("chatdouble"))


def _recordings_of(modules: Iterable[Path]) -> Iterator[Path]:
    """Yield the files of recordings of modules, and of modules beside them that are not there any more."""
    collected = {(module.parent / FOLDER, module.stem) for module in modules}
    for place in {place for place, _ in collected if place.is_dir()}:
        for folder in place.iterdir():
            if (place, folder.name) in collected or not (place.parent / f"{folder.name}.py").exists():
                yield from (file for file in folder.glob("*.yaml") if _is_ours(file))


def _is_ours(file: Path) -> bool:
    with file.open(encoding="utf-8", errors="replace") as opened:
        return opened.readline().startswith(_FIRST)
