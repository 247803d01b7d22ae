"""A server's backends: each made once, and closed with it."""

import sys
from pathlib import Path

import pytest

from chatdouble.backend import Backend, Call, Options, Reply
from chatdouble.server.application import create_app
from chatdouble.server.backends import Backends, UnknownBackendError, make
from chatdouble.settings import Settings
from chatdouble_backends.echo import Echo


class Closable:
    """A backend that knows the others, and whether it was closed."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.closed = 0

    async def reply(self, call: Call) -> Reply:
        """Answer with echo."""
        return await self.options.other("echo").reply(call)

    async def aclose(self) -> None:
        """Note it."""
        self.closed += 1


def backends() -> Backends:
    return Backends(lambda other: Options(other=other))


def closable(found: Backend) -> Closable:
    assert isinstance(found, Closable)
    return found


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a name that this module's backend can be imported by."""
    monkeypatch.setitem(sys.modules, "closable_backend", sys.modules[__name__])
    return "closable_backend:Closable"


async def test_a_backend_is_made_once_and_gets_the_others(named: str) -> None:
    made = backends()
    one = closable(made.named(named))
    assert made.named(named) is one
    assert isinstance(one.options.other("echo"), Echo)
    assert one.options.other("echo") is made.named("echo")


async def test_backends_that_can_be_closed_are(named: str) -> None:
    made = backends()
    one = closable(made.named(named))
    made.named("echo")
    await made.aclose()
    assert one.closed == 1


def test_an_unknown_name_is_refused_with_the_installed_ones() -> None:
    with pytest.raises(
        UnknownBackendError, match=r"no backend named 'nope'; installed: auto, echo, script, upstream; or"
    ):
        make("nope", Options(other=backends().named))


def circular(options: Options) -> Backend:
    """Make no backend, since it needs itself first."""
    return options.other("closable_backend:circular")


def test_a_backend_that_falls_back_to_itself_is_refused(named: str) -> None:
    circle = named.replace("Closable", "circular")
    with pytest.raises(ValueError, match=f"backend '{circle}' cannot fall back to itself"):
        backends().named(circle)


def test_the_name_of_a_backend_is_its_own_not_that_of_one_that_chose_it(named: str) -> None:
    made = backends()
    assert made.name_of(made.named("auto")) == "echo"
    assert made.name_of(made.named(named)) == named
    assert made.name_of(Echo()) == "Echo"


def test_a_backend_that_is_set_goes_before_what_other_settings_imply() -> None:
    assert create_app(Settings(backend="echo", scripts=(Path("missing.yaml"),))).backend_name == "echo"
