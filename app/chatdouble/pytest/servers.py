"""The servers of a test run: one for all tests, and one for each other choice of settings."""

import re
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from hashlib import blake2b
from typing import Any, Final, Self

import pytest

from chatdouble.pytest.recordings import TAPE, Tape
from chatdouble.settings import Settings
from chatdouble.testing.double import Double
from chatdouble.testing.server import RunningServer, running

_OPTIONS: Final = ("allow", "scripts", "seed", "validation", "record")
_OF_SERVER: Final = ("seed", "validation")
"""The options of the marker that are settings of a server."""

_LONGEST: Final = 200
_NOT_IN_KEYS: Final = re.compile(r"[^!-~]")
"""Characters that a key cannot have, because it travels in a header."""


class Servers:
    """The servers of a test run.

    Args:
        config: The run's configuration.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._stack = ExitStack()
        self._running: dict[tuple[tuple[str, Any], ...], RunningServer] = {}

    def __enter__(self) -> Self:
        """Return the servers, none of which runs yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop them."""
        self._stack.close()

    @contextmanager
    def session(self, test: pytest.Item) -> Generator[Double]:
        """Return a fresh session for a test.

        Raises:
            pytest.UsageError: The test's marker has an unknown option, or one that a server elsewhere cannot have.
        """
        options = marked(test)
        with self._double(test, options) as double:
            double.reset()
            scripts = [*self._config.getini("chatdouble_scripts"), *_listed(options.get("scripts", ()))]
            if scripts:
                double.rules(*(test.path.parent / script for script in scripts))
            yield double

    @contextmanager
    def _double(self, test: pytest.Item, options: Mapping[str, Any]) -> Generator[Double]:
        """Return a session of the server for a test, which is started if it does not run."""
        settings = {name: options[name] for name in _OF_SERVER if name in options}
        elsewhere: str | None = self._config.getoption("chatdouble_url")
        key = key_of(test.nodeid)
        with ExitStack() as stack:
            if elsewhere is not None:
                wanted = [*settings, *(["record"] if options.get("record") else [])]
                if wanted:
                    named = " and ".join(wanted)
                    raise pytest.UsageError(
                        f"{test.nodeid}: --chatdouble-url: the marker cannot set {named} of that server"
                    )
                double = Double(elsewhere, key)
            elif options.get("record"):
                test.stash[TAPE] = tape = Tape.of(test)
                served = stack.enter_context(tape.served(settings))
                double = Double(served.origin, key, app=served.app)
            else:
                served = self._server(settings)
                double = Double(served.origin, key, app=served.app)
            stack.callback(double.close)
            yield double

    def _server(self, settings: Mapping[str, Any]) -> RunningServer:
        """Return the server with these settings."""
        key = tuple(sorted(settings.items()))
        if key not in self._running:
            made = Settings(log_level="error", **settings)
            self._running[key] = self._stack.enter_context(running(made))
        return self._running[key]


def marked(test: pytest.Item) -> dict[str, Any]:
    """Return the options of a test's markers; the nearest goes first.

    Raises:
        pytest.UsageError: An option is unknown.
    """
    options: dict[str, Any] = {}
    for marker in test.iter_markers("chatdouble"):
        unknown = [name for name in marker.kwargs if name not in _OPTIONS]
        if unknown or marker.args:
            raise pytest.UsageError(
                f"{test.nodeid}: @pytest.mark.chatdouble takes {', '.join(_OPTIONS)} by name; "
                f"it has {', '.join(map(str, unknown or marker.args))}"
            )
        options = {**marker.kwargs, **options}
    return options


def key_of(name: str) -> str:
    """Return the key that names the session of a test: its id, in letters that a header can have."""
    key = _NOT_IN_KEYS.sub("_", name)
    if key == name and len(key) <= _LONGEST:
        return key
    return f"{key[:_LONGEST]}-{blake2b(name.encode('utf-8', 'surrogatepass'), digest_size=4).hexdigest()}"


def _listed(value: Any) -> list[Any]:
    return [*value] if isinstance(value, (list, tuple)) else [value]
