"""A server's backends: each made once, and closed with it."""

import sys

import pytest

from chatdouble.backend import Backend, Call, Options, Reply
from chatdouble.server.backends import Backends, UnknownBackendError, make
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


def test_a_name_that_nobody_has_is_said_with_those_there_are() -> None:
    with pytest.raises(UnknownBackendError, match=r"no backend named 'nope'; installed: echo, script, upstream; or"):
        make("nope", Options(other=backends().named))
