"""Several worker processes on one listener: started, restarted when they die, and ended together."""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_log: Final = logging.getLogger("chatdouble")

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that end all workers."""
_SETTLED: Final = 1.0
"""Seconds that a worker has to live for the next one to be started at once."""
_AFTER_GRACE: Final = 5.0
"""Further seconds after the grace time until workers that still run are killed."""


class Supervisor:
    """Runs workers, which are forks of this process and inherit its listener.

    Args:
        count: The number of workers.
        work: Serves, in a worker of a number from 0, until a signal ends it.
        grace: Seconds that open answers have to finish when the workers are ended.
    """

    def __init__(self, count: int, work: Callable[[int], None], grace: float) -> None:
        self._count = count
        self._work = work
        self._grace = grace
        self._workers: dict[int, tuple[int, float]] = {}
        self._ending = False

    def run(self) -> None:
        """Run the workers until a signal ends them."""
        with self._signals():
            for number in range(self._count):
                self._start(number)
            while self._workers:
                pid, status = os.wait()
                number, since = self._workers.pop(pid)
                if not self._ending:
                    code = os.waitstatus_to_exitcode(status)
                    _log.error("worker %d (process %d) has died with %d; another one starts", number, pid, code)
                    if time.monotonic() - since < _SETTLED:
                        time.sleep(_SETTLED)
                    self._start(number)

    def _start(self, number: int) -> None:
        if self._ending:
            return
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            self._workers[pid] = number, time.monotonic()
            if self._ending:  # a signal came while there was no worker to pass it to
                os.kill(pid, signal.SIGTERM)
            return
        code = 1
        try:
            os.setpgid(0, 0)  # Ctrl-C reaches the supervisor only, which passes it on once
            for ending in (*_ENDING, signal.SIGALRM):
                signal.signal(ending, signal.SIG_DFL)
            self._work(number)
            code = 0
        except BaseException:  # noqa: BLE001 - whatever it is, the worker ends here
            _log.exception("worker %d failed", number)
        finally:
            logging.shutdown()
            os._exit(code)  # nothing of the supervisor runs on in a worker

    @contextmanager
    def _signals(self) -> Generator[None]:
        """Take the signals that end the workers for as long as a `with` lasts."""
        before = {one: signal.signal(one, self._end) for one in _ENDING}
        before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._kill)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            for one, handler in before.items():
                signal.signal(one, handler)

    def _end(self, _signal: int, _frame: FrameType | None) -> None:
        """End the workers; they have the grace time, and none after a second signal."""
        if not self._ending:
            self._ending = True
            signal.setitimer(signal.ITIMER_REAL, self._grace + _AFTER_GRACE)
        self._send(signal.SIGTERM)

    def _kill(self, _signal: int, _frame: FrameType | None) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        for pid in tuple(self._workers):
            os.kill(pid, number)
