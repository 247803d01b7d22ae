"""Backends by name: entry points of the group `chatdouble.backends`, or `module:attribute`."""

import inspect
import logging
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import Distribution, EntryPoint, EntryPoints, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chatdouble.backend import Backend, Options

if TYPE_CHECKING:
    from chatdouble.scripts.reading.load import Placed

GROUP: Final = "chatdouble.backends"
_PACKAGE: Final = "chatdouble"
_log: Final = logging.getLogger("chatdouble")
_POSITIONAL: Final = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class UnknownBackendError(LookupError):
    """There is no such backend; the message names the installed ones."""


class Backends:
    """The backends of one server, each built when it is first asked for.

    Args:
        options: Builds a backend's Options, given a function that finds other backends by name.
    """

    def __init__(self, options: Callable[[Callable[[str], Backend]], Options]) -> None:
        self._options = options(self.named)
        self._made: dict[str, Backend] = {}
        self._making: set[str] = set()

    def named(self, name: str) -> Backend:
        """Return a backend by name.

        Raises:
            UnknownBackendError: There is no such backend.
            ValueError: A setting that the backend needs cannot be used, or it falls back to itself.
        """
        if name in self._making:
            raise ValueError(f"backend {name!r} cannot fall back to itself")
        if name not in self._made:
            self._making.add(name)
            try:
                self._made[name] = make(name, self._options)
            finally:
                self._making.remove(name)
        return self._made[name]

    def name_of(self, backend: Backend) -> str:
        """Return the name under which a backend was made, its own before that of one which only chose it."""
        return next((name for name, made in self._made.items() if made is backend), type(backend).__name__)

    @property
    def made(self) -> list[Backend]:
        """The backends that were made, each once."""
        return [*{id(backend): backend for backend in self._made.values()}.values()]

    def rules(self) -> "list[Placed]":
        """Return the rules and recordings of all backends."""
        found: list[Placed] = []
        for backend in self.made:
            rules: Callable[[], Sequence[Placed]] = getattr(backend, "rules", tuple)
            found += rules()
        return found

    def unwritten(self) -> int:
        """Return the number of recordings that are not written; of a stopped server, of those that are lost."""
        return sum(getattr(backend, "unwritten", 0) for backend in self.made)

    async def aclose(self) -> None:
        """Close the backends that have an `aclose` method."""
        for backend in self._made.values():
            close = getattr(backend, "aclose", None)
            if close is not None:
                await close()


def make(name: str, options: Options) -> Backend:
    """Build a backend by name.

    Args:
        name: An entry point's name, or `module:attribute`.
        options: Passed to the backend's factory, if it takes an argument.

    Raises:
        UnknownBackendError: There is no such backend, or it cannot be made.
        ValueError: A setting that the backend needs cannot be used.
    """
    maker = find(name)
    try:
        made: Backend = maker(options) if _takes_options(maker) else maker()
    except (UnknownBackendError, ValueError):
        raise
    except Exception as failed:  # noqa: BLE001 - anybody's code, which may raise anything
        raise _failed(name, failed) from None
    if not callable(getattr(made, "reply", None)):
        raise UnknownBackendError(f"backend {name!r} is a {type(made).__name__}, which has no method `reply`")
    return made


def _takes_options(maker: Callable[..., Any]) -> bool:
    # For a class that is made as `object` is, `signature` would parse a text: a fiftieth of a start.
    if isinstance(maker, type) and not {"__init__", "__new__"} & {
        name for kind in maker.mro()[:-1] for name in vars(kind)
    }:
        return False
    try:
        parameters = inspect.signature(maker).parameters.values()
    except ValueError:  # some that are written in C have none
        return False
    return any(one.default is one.empty and one.kind in _POSITIONAL for one in parameters)


def _failed(name: str, error: Exception) -> UnknownBackendError:
    """Return the one line about a backend whose code failed; the traceback is logged at level debug."""
    _log.debug("backend %r failed", name, exc_info=error)
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    return UnknownBackendError(f"backend {name!r} cannot be made: {reason} (--log-level debug shows the traceback)")


def find(name: str) -> Callable[..., Any]:
    """Return the class or function that makes the backend of this name.

    Raises:
        UnknownBackendError: There is none.
    """
    if ":" in name:
        return _imported(name)
    points = _points(name)
    if name not in points:
        installed = ", ".join(sorted(points)) or "none"
        raise UnknownBackendError(f"no backend named {name!r}; installed: {installed}; or give module:attribute")
    made: Callable[..., Any] = points[name].load()
    return made


def _points(name: str) -> dict[str, EntryPoint]:
    """Return entry points by name: those of this package, which come first, or those of all packages."""
    own = _own_points()
    # To look into every installed package takes a twentieth of a start.
    return {point.name: point for point in (own if name in own.names else entry_points(group=GROUP))}


@cache
def _own_points() -> EntryPoints:
    """Return the entry points of this package; none if it runs from a copy that is not installed."""
    # `distribution` makes paths of all packages to find one, which takes a hundredth of a start.
    for folder in sys.path:
        for found in Path(folder).glob(f"{_PACKAGE}-*.dist-info"):
            return Distribution.at(found).entry_points.select(group=GROUP)
    return EntryPoints()


def _imported(name: str) -> Callable[..., Any]:
    module_name, _, attribute = name.partition(":")
    try:
        found: Any = import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as missing:
        raise UnknownBackendError(f"backend {name!r}: {missing}") from None
    except Exception as failed:  # noqa: BLE001 - anybody's code, which may raise anything
        raise _failed(name, failed) from None
    if not callable(found):
        raise UnknownBackendError(f"backend {name!r} is not a class or function that makes a backend")
    maker: Callable[..., Any] = found
    return maker
