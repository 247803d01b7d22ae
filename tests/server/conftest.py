"""A server with rules, for the tests of rules while it runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from ruled import CONTROL, SCRIPT


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rules")


@pytest.fixture(scope="module")
def scripted(folder: Path) -> Iterator[RunningServer]:
    """Return a server with a script, a control key and a folder for rules."""
    (folder / "script.yaml").write_text(SCRIPT)
    settings = Settings.model_validate(
        {"scripts": [folder / "script.yaml"], "control_key": CONTROL, "save_rules": folder / "saved"}
    )
    with running(settings) as served:
        yield served
