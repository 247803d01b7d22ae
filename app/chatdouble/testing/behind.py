"""A command run behind a server of its own."""

import signal
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Final

from chatdouble.settings import Settings
from chatdouble.testing.server import running

BASE_URLS: Final = ("OPENAI_BASE_URL", "OPENAI_API_BASE")
"""The variables in which clients look for the API's base URL, new ones and old ones."""

KEY: Final = "OPENAI_API_KEY"
PLACEHOLDER: Final = "sk-chatdouble"
"""The key of a command that has none: no SDK starts without one."""

_PASSED_ON: Final = (signal.SIGTERM, signal.SIGHUP)
_SIGNALLED: Final = 128
"""Shells report a command that a signal ended as this and the signal's number."""


class NotStartedError(Exception):
    """A command that cannot be run; the message says which and why.

    Attributes:
        code: The exit code that shells have for it.
    """

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def run_behind(settings: Settings, command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a command whose clients find a server on a free port, and return its exit code as a shell has it.

    Args:
        settings: The server's settings.
        command: The program and its arguments.
        environ: The command's environment; the base URL is set in it, and a key if it has none.

    Raises:
        SettingsError: A setting cannot be used.
        NotStartedError: The command cannot be run.
    """
    with running(settings) as served:
        addresses = dict.fromkeys(BASE_URLS, served.base_url)
        return _run(command, {KEY: PLACEHOLDER, **environ, **addresses})


def _run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    try:
        with subprocess.Popen(command, env=environ) as process, _signals_of(process):  # noqa: S603 - the user's own
            code = process.wait()
    except OSError as refused:
        code = 127 if isinstance(refused, FileNotFoundError) else 126
        raise NotStartedError(f"{command[0]}: {refused.strerror}", code) from None
    return code if code >= 0 else _SIGNALLED - code


@contextmanager
def _signals_of(process: "subprocess.Popen[bytes]") -> Generator[None]:
    """Let a process be ended in this one's place: then there is still time to tell what came of it."""

    def pass_on(number: int, _frame: FrameType | None) -> None:
        process.send_signal(number)

    def leave(_number: int, _frame: FrameType | None) -> None:
        """Do nothing: a terminal interrupts the process as well."""

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
