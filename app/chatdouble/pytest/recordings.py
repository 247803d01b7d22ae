"""Recordings of single tests: played, made, and compared with the API of today."""

import os
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx2
import pytest

from chatdouble.pytest.recording_files import file_of
from chatdouble.recordings.modes import Mode
from chatdouble.recordings.tape import fold, unfold
from chatdouble.scripts.reading.load import ScriptError
from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from chatdouble.verdict.verdict import Problem
from chatdouble.verify.live_api import LiveAPI, Throttle, base_url
from chatdouble.verify.reports import Outcome, table
from chatdouble.verify.verifier import Verifier, cases_in

MODES: Final[Mapping[str, Mode]] = {"none": "replay", "once": "record", "rerecord": "rerecord", "verify": "replay"}
"""The server's mode by the value of `--chatdouble-record`."""

_CONFIGURATION: Final = "recordings.toml"
_KEYS: Final = ("CHATDOUBLE_UPSTREAM_KEY", "OPENAI_API_KEY")
_PATIENCE: Final = 120.0
"""Seconds to wait for the API's next byte."""


@dataclass(slots=True)
class Tape:
    """The recordings of one test.

    Attributes:
        file: Their file.
        mode: The value of `--chatdouble-record`.
        upstream: The base URL of the API.
        key: The key for it; None: there is none.
        server: The server that uses them, while the test runs.
    """

    file: Path
    mode: str
    upstream: str
    key: str | None
    server: RunningServer | None = None

    @classmethod
    def of(cls, test: pytest.Item) -> "Tape":
        """Return the recordings of a test.

        Raises:
            pytest.UsageError: The API is to be asked, and there is no key.
        """
        mode: str = test.config.getoption("chatdouble_record") or "none"
        upstream: str = test.config.getini("chatdouble_upstream")
        key = next((os.environ[name] for name in _KEYS if os.environ.get(name)), None)
        if mode != "none" and key is None:
            raise pytest.UsageError(f"--chatdouble-record={mode} asks {upstream}: set OPENAI_API_KEY to a key for it")
        return cls(file_of(test), mode, upstream, key)

    @contextmanager
    def served(self, settings: dict[str, Any]) -> Generator[RunningServer]:
        """Serve with the recordings, and write down what is recorded.

        Args:
            settings: Further settings of the server.
        """
        with TemporaryDirectory(prefix="chatdouble-") as place:
            folder = Path(place)
            self._fill(folder)
            with running(self._settings(folder, settings)) as self.server:
                yield self.server
            if self.mode in ("once", "rerecord"):
                fold(folder, self.file)

    def _fill(self, folder: Path) -> None:
        configuration = self.file.parents[1] / _CONFIGURATION
        if configuration.exists():
            copyfile(configuration, folder / _CONFIGURATION)
        if self.mode in ("none", "verify") and not self.file.exists():
            pytest.fail(f"there is no {self.file}; record it with --chatdouble-record=once", pytrace=False)
        if self.mode != "rerecord" and self.file.exists():
            try:
                unfold(self.file, folder)
            except ScriptError as wrong:
                pytest.fail(str(wrong), pytrace=False)

    def _settings(self, folder: Path, settings: dict[str, Any]) -> Settings:
        asks = self.mode in ("once", "rerecord")
        live = {"upstream": self.upstream, "upstream_key": self.key} if asks else {}
        return Settings(
            log_level="error", backend="upstream", mode=MODES[self.mode], recordings=folder, **live, **settings
        )

    def unused(self) -> list[Problem]:
        """Return the recordings that were not replayed, which the verdict on a session alone leaves out."""
        if self.server is None:
            return []
        return [problem for problem in self.server.verdict()["problems"] if problem["kind"] == "unused_recording"]

    def drift(self) -> str:
        """Ask the API again, and return how its answers differ from the recordings; empty: they do not."""
        if self.mode != "verify":
            return ""
        cases = cases_in(self.file)
        with httpx2.Client(timeout=_PATIENCE) as client:
            api = LiveAPI(client, base_url(self.upstream), self.key or "")
            verifier = Verifier(api, Throttle(None, time.monotonic, time.sleep))
            verdicts = [*verifier.verdicts(cases, set(range(len(cases))))]
        differ = any(one.outcome in (Outcome.DRIFT, Outcome.UNCHECKED) for one in verdicts)
        return f"the recordings in {self.file} are no longer what the API answers:\n{table(verdicts)}" if differ else ""


TAPE: Final = pytest.StashKey[Tape]()
"""The recordings of a test that has some."""
