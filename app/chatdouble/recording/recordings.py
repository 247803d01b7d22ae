"""A folder of recordings: found by their requests, and written."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from chatdouble.recording.cleaning import Cleaner
from chatdouble.recording.configuration import configuration_of
from chatdouble.recording.exchange import Exchanged
from chatdouble.recording.files import write_whole
from chatdouble.recording.library import Library
from chatdouble.recording.naming import fingerprint, name_of
from chatdouble.recording.written import written
from chatdouble.script.load import Script

PASSING: Final = frozenset({408, 409, 429, *range(500, 600)})
"""Statuses that SDKs retry: such a recording gives way to what the retry brings."""


class Recordings:
    """Recordings in a folder, one file each, named after their requests.

    Args:
        folder: The folder; made when the first one is written.

    Raises:
        ValueError: Its configuration cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = configuration_of(folder)
        self._cleaner = Cleaner(self.configuration)
        self._library = Library(folder, time.monotonic)  # files change in real time, whatever the clock is

    def asked(self, body: Any, secrets: Iterable[str] = ()) -> Any:
        """Return a request as recordings have it: without secrets, and without what does not count.

        Args:
            body: The request's JSON value.
            secrets: Values in it that are known to be secret.

        Raises:
            ValueError: It is nested too deeply to be written.
        """
        try:
            found = self._cleaner.request(body, secrets)
            fingerprint(found)
        except (RecursionError, TypeError):
            raise ValueError("a request that is nested too deeply") from None
        return found

    def path(self, asked: Any) -> Path:
        """Return the file of a request's recording, there or not.

        Args:
            asked: The request as `asked` returns it.
        """
        return self.folder / f"{name_of(asked)}.yaml"

    def of(self, asked: Any) -> Script | None:
        """Return the rules in the file of a request's recording; None: there is no such file."""
        return self._library.of(self.path(asked))

    def all(self) -> Script:
        """Return the rules of all files in the folder."""
        return self._library.whole()

    def save(self, exchanged: Exchanged, secrets: Iterable[str] = ()) -> Path:
        """Write an exchange down without its secrets, in place of an earlier one with the same request.

        Args:
            exchanged: The exchange as it was.
            secrets: Values that are known to be secret, such as the key that was used.

        Returns:
            The file.

        Raises:
            OSError: It cannot be written.
        """
        cleaned = self._cleaner.exchange(exchanged, secrets)
        path = self.path(cleaned.request)
        write_whole(path, written(cleaned, self.configuration))
        return path


def is_passing(script: Script) -> bool:
    """Say whether all that a script answers is a recorded trouble that passes."""
    recorded = [reply.recorded for placed in script.rules for reply in placed.rule.replies()]
    return all(response is not None and response.status in PASSING for response in recorded)
