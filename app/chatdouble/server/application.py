"""create_app: the whole wiring of the server, on one screen."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from chatdouble.apis.chat import ChatCompletions
from chatdouble.backend import Backend, Options, Services
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core import clock as clocks
from chatdouble.core.chance import Chance
from chatdouble.core.clock import Clock
from chatdouble.core.headers import Headers
from chatdouble.http.connection import Shutdown
from chatdouble.layers.stack import wrap
from chatdouble.server.auth import Auth
from chatdouble.server.backends import Backends, UnknownBackendError, find
from chatdouble.server.control import Control
from chatdouble.server.journal import Journal
from chatdouble.server.metrics import Metrics, health
from chatdouble.server.pipeline import Front
from chatdouble.settings import Settings, SettingsError
from chatdouble.state.store import MemoryStore, Store
from chatdouble.state.stored_completions import Stored
from chatdouble.tokens.tokenizer import Tokenizers
from chatdouble.validation.checking import Checker

if TYPE_CHECKING:
    from fastapi import FastAPI


class Application:
    """The server as an ASGI application; two of them live in one process."""

    def __init__(self, settings: Settings, backend: Backend | None, services: Services, catalogue: Catalogue) -> None:
        self._backends = Backends(lambda other: _options(settings, other))
        backend = backend or self._backends.named(settings.backend)
        self.settings = settings
        self.backend_name = self._backends.name_of(backend)
        self.services = services
        self.catalogue = catalogue
        self.journal = Journal(services.store, services.clock, settings.journal_size)
        self.stored = Stored(services, any_id=settings.validation == "off")
        control_key = settings.control_key.get_secret_value() if settings.control_key else None
        self.control = Control(services, self.journal, control_key)
        self._headers = headers = Headers(settings.organization)
        self.shutdown = Shutdown(settings.shutdown_timeout)
        self.chat = ChatCompletions(
            wrap(backend, settings, self._backends.named),
            Checker(catalogue, services.tokens, settings.validation),
            services,
            headers,
            self.stored,
            self.shutdown,
            settings.max_body,
            None if settings.validates_relayed else getattr(backend, "relays", None),
        )
        metrics = Metrics()
        # What must be fast is found here; FastAPI, the routes after it, is built when first asked.
        self._fast: dict[tuple[str, str], ASGIApp] = {
            ("POST", "/chat/completions"): self.chat,
            **{(method, path): health for method in ("GET", "HEAD") for path in ("/health", "/ready")},
            ("GET", "/metrics"): metrics,
        }
        keys = [key.get_secret_value() for key in settings.api_keys]
        if keys and control_key:
            keys.append(control_key)
        self.front = Front(self._find, Auth(keys, required=settings.auth), self.journal, services, headers, metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        if scope["type"] == "http":
            await self.front(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self.api(scope, receive, send)

    async def aclose(self) -> None:
        """Let go of what backends hold; nothing can be served after."""
        await self._backends.aclose()

    def _find(self, scope: Scope) -> ASGIApp:
        return self._fast.get((scope["method"], scope["path"])) or self._slow

    @cached_property
    def _slow(self) -> ASGIApp:
        from chatdouble.server.routes.api import Branded  # noqa: PLC0415 - as below

        return Branded(self.api, self._headers, self.services.clock)

    @cached_property
    def api(self) -> "FastAPI":
        """Every route, with the contract at /openapi.json."""
        # FastAPI is half of what starting would take, and a chat completion does not need it.
        from chatdouble.server.routes.contract import contract  # noqa: PLC0415 - it imports FastAPI

        return contract(self)


def create_app(settings: Settings | None = None, backend: Backend | None = None) -> Application:
    """Wire a server together.

    Args:
        settings: What is set; None: the defaults.
        backend: What answers; None: what the settings name.

    Raises:
        SettingsError: A setting cannot be used.
    """
    settings = settings or Settings()
    if settings.workers > 1:
        raise SettingsError("workers: more than one worker needs a shared state, which this version does not have")
    services = Services(
        clock=_clock(settings.clock),
        chance=Chance(str(settings.seed)),
        tokens=Tokenizers(),
        store=_store(settings.state),
    )
    try:
        catalogue = Catalogue.load(settings.models)
        _check_unmatched(settings.unmatched)
        return Application(settings, backend, services, catalogue)
    except (ValueError, LookupError) as wrong:
        raise SettingsError(str(wrong)) from None


def _check_unmatched(name: str) -> None:
    """Refuse a misspelt fallback at the start, not with the first request that needs it."""
    try:
        if name != "error":
            find(name)
    except UnknownBackendError as unknown:
        raise SettingsError(f"unmatched: {unknown}") from None


def _options(settings: Settings, other: Callable[[str], Backend]) -> Options:
    key = settings.upstream_key
    return Options(
        scripts=settings.scripts,
        unmatched=settings.unmatched,
        upstream=settings.upstream,
        upstream_key=key.get_secret_value() if key else None,
        upstream_timeout=settings.upstream_timeout,
        mode=settings.mode,
        recordings=settings.recordings,
        replay_speed=settings.replay_speed,
        other=other,
    )


def _store(state: str) -> Store:
    if state != "memory://":
        raise SettingsError(f"state: {state!r} cannot be used; this version keeps state in memory:// only")
    return MemoryStore()


def _clock(given: str) -> Clock:
    """Read real, or fixed:TIME with TIME in seconds since 1970 or ISO 8601 (UTC where it names no zone)."""
    if given == "real":
        return clocks.real()
    try:
        return clocks.fixed(_seconds(given.removeprefix("fixed:")))
    except ValueError:
        raise SettingsError(
            f"clock: {given!r} is not a clock; give real, fixed:1750000000 or fixed:2026-01-02T03:04:05Z"
        ) from None


def _seconds(at: str) -> float:
    try:
        return float(at)
    except ValueError:
        read = datetime.fromisoformat(at)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
