"""A command run against a server of its own."""

import signal
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Final, NamedTuple

import httpx2

from chatdouble.settings import Settings
from chatdouble.testing.server import running
from chatdouble.verdict.verdict import Verdict

BASE_URL_VARIABLES: Final = ("OPENAI_BASE_URL", "OPENAI_API_BASE")
"""Variables from which current and older SDKs read the API's base URL."""

KEY_VARIABLE: Final = "OPENAI_API_KEY"

KEY_VARIABLES: Final = (KEY_VARIABLE, "AZURE_OPENAI_API_KEY")
"""Variables from which SDKs read the key."""

PLACEHOLDER_KEY: Final = "sk-chatdouble"
"""Key for a command that has none; SDKs do not start without a key."""

_FORWARDED: Final = (signal.SIGTERM, signal.SIGHUP)

_SIGNALLED: Final = 128
"""Shells report a command that was ended by a signal with this number plus the signal's."""


class NotStartedError(Exception):
    """A command that cannot be run.

    Attributes:
        code: The exit code that a shell reports for it.
    """

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Finished(NamedTuple):
    """A command that has ended.

    Attributes:
        code: Its exit code as a shell reports it.
        verdict: The verdict on its requests.
        unwritten: The number of recordings that could not be written.
    """

    code: int
    verdict: Verdict
    unwritten: int = 0


def run_command(settings: Settings, command: Sequence[str], environ: Mapping[str, str]) -> Finished:
    """Serve on a free port while a command runs; return its exit code and the verdict on its requests.

    Args:
        settings: The server's settings.
        command: The program and its arguments.
        environ: The command's environment, to which the base URL is added, and a key if there is none.

    Raises:
        SettingsError: A setting is invalid.
        NotStartedError: The command cannot be run, or has no key and the upstream wants one.
    """
    given = {name: value for name, value in environ.items() if value or name not in KEY_VARIABLES}
    keyless = given.keys().isdisjoint(KEY_VARIABLES) and settings.upstream_key is None
    with running(settings) as served:
        relays = settings.upstream is not None and settings.mode != "replay"
        if keyless and relays and _refuses_placeholder(served.base_url):
            raise NotStartedError(_NO_KEY.format(upstream=settings.upstream), 2)
        base_urls = dict.fromkeys(BASE_URL_VARIABLES, served.base_url)
        code = _run(command, {KEY_VARIABLE: PLACEHOLDER_KEY, **given, **base_urls})
        verdict = served.verdict()
    return Finished(code, verdict, served.app.unwritten())


_NO_KEY: Final = (
    "the upstream {upstream} wants an API key, and there is none: set OPENAI_API_KEY, or give --upstream-key"
)


def _refuses_placeholder(base_url: str) -> bool:
    """Tell whether the upstream behind a server refuses the key that a command without one would send."""
    headers = {"authorization": f"Bearer {PLACEHOLDER_KEY}", "x-double-mode": "passthrough"}
    try:
        answer = httpx2.get(f"{base_url}/models", headers=headers, timeout=_PATIENCE, trust_env=False)
    except httpx2.TimeoutException:  # an upstream that answers nothing refuses nothing
        return False
    return answer.status_code in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN)


_PATIENCE: Final = 30.0
"""Seconds in which the upstream lists its models; most need one."""


def _run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    try:
        with subprocess.Popen(command, env=environ) as process, _forwarding_signals(process):  # noqa: S603 - the user's own
            code = process.wait()
    except OSError as refused:
        code = 127 if isinstance(refused, FileNotFoundError) else 126
        raise NotStartedError(f"{command[0]}: {refused.strerror}", code) from None
    return code if code >= 0 else _SIGNALLED - code


@contextmanager
def _forwarding_signals(process: "subprocess.Popen[bytes]") -> Generator[None]:
    """Forward signals to a process, so that this one outlives it and can report."""

    def forward(number: int, _frame: FrameType | None) -> None:
        process.send_signal(number)

    def ignore(_number: int, _frame: FrameType | None) -> None:
        """Do nothing, because a terminal also interrupts the process itself."""

    before = {number: signal.signal(number, forward) for number in _FORWARDED}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, ignore)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
