"""create_app: the whole wiring of the server, on one screen."""

import asyncio
import logging
import os
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Final

from starlette.types import Receive, Scope, Send

from chatdouble.apis.chat import CHAT
from chatdouble.apis.endpoint import Endpoint
from chatdouble.backend import Backend, Call, Options, RelayOther, Services
from chatdouble.backend.api import Api
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core import clock as clocks
from chatdouble.core.chance import Chance
from chatdouble.http.headers import Headers
from chatdouble.http.shutdown import Shutdown
from chatdouble.layers.buckets import LimitSpec
from chatdouble.layers.rules import HasRules
from chatdouble.layers.stack import Defaults, wrap
from chatdouble.scripts.format.delivery import JitterSpec, PaceSpec
from chatdouble.server.auth import Auth
from chatdouble.server.backends import Backends, UnknownBackendError, find
from chatdouble.server.control.access import Access
from chatdouble.server.endpoints import APIS, Endpoints
from chatdouble.server.journal import Journal
from chatdouble.server.metrics import Metrics
from chatdouble.server.pipeline import Handler, Pipeline
from chatdouble.server.probes import Readiness, health
from chatdouble.server.stores import Replica, store_of
from chatdouble.server.tracing import Tracing
from chatdouble.server.unused_settings import unknown_models, unused_settings
from chatdouble.settings import Settings, SettingsError
from chatdouble.state.sessions import Sessions
from chatdouble.tokens.tokenizer import Tokenizers

if TYPE_CHECKING:
    from fastapi import FastAPI

    from chatdouble.apis.stored_completions import Stored
    from chatdouble.server.control.control import Control
    from chatdouble.server.events_everywhere import EventsEverywhere

_log: Final = logging.getLogger("chatdouble")
_NO_CONNECTIONS: Final = (
    "This server gives no access to its connections, so the fault `reset` answers 500 instead; "
    "run `chatdouble serve` to have every fault."
)


class Application:
    """The server as an ASGI application; two of them live in one process."""

    def __init__(self, settings: Settings, backend: Backend | None, services: Services, catalogue: Catalogue) -> None:
        self._backends = Backends(lambda other: _options(settings, other))
        self.unwritten = self._backends.unwritten
        backend = backend or self._backends.named(settings.backend)
        self.settings = settings
        self.backend_name = self._backends.name_of(backend)
        self.services = services
        self.catalogue = catalogue
        self.journal = Journal(services.sessions, services.clock, settings.journal_size, settings.journal_bytes)
        self.shutdown = Shutdown(settings.shutdown_timeout, services.gates.open)
        self.replica = Replica(services, self.journal, lambda: self.events)
        state = settings.state.partition("://")[0]
        self.metrics = Metrics(self.replica, services, (self.backend_name, state))
        self.tracing = Tracing()
        control_key = settings.control_key.get_secret_value() if settings.control_key else None
        self.access = Access(control_key, settings.allowed_hosts, is_open=not (control_key or settings.api_keys))
        self._headers = Headers(settings.organization)
        self._backend = backend
        self._layered = wrap(backend, layer_defaults(settings), self._backends.named)
        self.endpoints = Endpoints(self._endpoint)
        self.pipeline = self._pipeline(control_key)

    def _pipeline(self, control_key: str | None) -> Pipeline:
        """Return what every request passes; FastAPI, behind it, is built when one of its paths is first asked for."""
        probes: dict[str, Handler] = {"/health": health, "/ready": Readiness(self.services.sessions)}
        handlers: dict[tuple[str, str], Handler] = {
            **{("POST", path): self.endpoints.serve for path in APIS},
            ("POST", CHAT.path): self.endpoints[CHAT.path],
            **{(method, path): probe for method in ("GET", "HEAD") for path, probe in probes.items()},
            ("GET", "/metrics"): self.metrics.serve,
        }
        keys = [key.get_secret_value() for key in self.settings.api_keys]
        keys += [control_key] if keys and control_key else []
        return Pipeline(
            handlers,
            self._rest(),
            Auth(keys, required=self.settings.auth),
            self.access,
            self.journal,
            self.services,
            self._headers,
            self.metrics,
            self.tracing,
            self._control_by_headers if self.settings.control_headers == "on" else None,
        )

    def _endpoint(self, api: Api) -> Endpoint:
        settings, backend, layered = self.settings, self._backend, self._layered
        reader = api.reader(self.catalogue, self.services.tokens, settings.validation)
        relays = None if settings.validates_relayed else getattr(backend, "relays", None)
        recordings = getattr(backend, "has_recordings", None)
        return Endpoint(api, reader, layered, self._headers, self.shutdown, settings.max_body, relays, recordings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        if scope["type"] == "http":
            await self.pipeline(scope, receive, send)
        elif scope["type"] == "lifespan":
            # `chatdouble serve` calls the pipeline itself, so this is another server.
            _log.warning(_NO_CONNECTIONS)
            for warning in self.warnings():
                _log.warning("%s", warning)
            self.tracing.open(os.environ)
            await self.replica.open()
            await self.api(scope, receive, send)

    def warnings(self) -> list[str]:
        """Return one line for each setting that has no effect."""
        unused = unused_settings(self.settings, self._backends.made, self.backend_name)
        return [*unused, *unknown_models(self.settings, self.catalogue)]

    def summary(self) -> str:
        """Return what serves, for the line at the start."""
        settings = self.settings
        described = [text() for backend in self._backends.made if (text := getattr(backend, "summary", None))]
        keys = f"; api keys: {len(settings.api_keys)}" if settings.api_keys else "" if settings.auth else "; auth: off"
        return "; ".join(
            [
                f"backend: {self.backend_name}",
                *described,
                f"validation: {settings.validation}",
                f"models: {settings.models}{keys}",
                f"control key: {'set' if settings.control_key else 'none'}",
            ]
        )

    def reload(self) -> None:
        """Have backends read the files that have changed."""
        for backend in self._backends.made:
            reload = getattr(backend, "reload", None)
            if reload is not None:
                reload()

    async def aclose(self) -> None:
        """Let go of what backends hold; nothing can be served after."""
        await self._backends.aclose()
        await self.replica.close()
        await self.tracing.aclose()

    async def _control_by_headers(self, call: Call) -> None:
        """Apply the headers by which a request controls its own answer."""
        from chatdouble.server.control.headers import apply  # noqa: PLC0415 - for tests that control

        await apply(self.control, self.access, call)

    @cached_property
    def stored(self) -> "Stored":
        """The stored completions."""
        from chatdouble.apis.stored_completions import Stored  # noqa: PLC0415 - for clients that read them

        return Stored(self.services.clock, any_id=self.settings.validation == "off")

    @cached_property
    def events(self) -> "EventsEverywhere":
        """The events of the journal, for those who listen."""
        from chatdouble.server.events_everywhere import EventsEverywhere  # noqa: PLC0415 - for pages that listen

        return EventsEverywhere(self.services.sessions, self.journal, self.shutdown)

    @cached_property
    def control(self) -> "Control":
        """The control of the sessions."""
        from chatdouble.server.control.control import Control, Most  # noqa: PLC0415 - for tests that control
        from chatdouble.verdict.policy import Policy  # noqa: PLC0415 - as above

        settings, backend = self.settings, self._backend
        return Control(
            self.services,
            self.journal,
            self.shutdown,
            self.events,
            has_upstream=settings.upstream is not None or settings.recordings is not None,
            near_misses=getattr(backend, "near_misses", None),
            files=backend.rules if isinstance(backend, HasRules) else None,
            folder=settings.save_rules,
            catalogue=self.catalogue,
            limiter=self._layered,
            backend=self.backend_name,
            policy=Policy(**{name: getattr(settings, f"verdict_{name}") for name in Policy.model_fields}),
            all_rules=self._backends.rules,
            most=Most(settings.max_rules, settings.max_gates),
        )

    def _rest(self) -> Callable[[], Handler]:
        """Return what makes the handler of all other requests, which the backend may answer first."""
        relay_other: RelayOther | None = getattr(self._backend, "relay_other", None)
        if relay_other is None:
            return lambda: self._serve_others
        from chatdouble.apis.other_endpoints import OtherEndpoints  # noqa: PLC0415 - for backends that relay

        first = OtherEndpoints(relay_other, lambda: self._serve_others, self.shutdown, self.settings.max_body)
        return lambda: first

    async def _serve_others(self, call: Call) -> None:
        """Have FastAPI answer a call; it is built in a thread, since others want answers meanwhile."""
        if "_others" not in self.__dict__:
            await asyncio.to_thread(lambda: self._others)
        await self._others(call)

    @cached_property
    def _others(self) -> Handler:
        from chatdouble.server.routes.api import FastAPIRoutes  # noqa: PLC0415 - as below

        return FastAPIRoutes(self.api, self._headers, self.settings.max_body)

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
    if settings.workers > 1 and settings.state == "memory://":
        raise SettingsError("workers: more than one worker needs a shared state; give --state redis://HOST:6379")
    try:
        services = Services(
            clock=clocks.named(settings.clock),
            chance=Chance(str(settings.seed)),
            tokens=Tokenizers(),
            sessions=Sessions(store_of(settings)),
        )
        catalogue = Catalogue.load(settings.models)
        _check_unmatched(settings.unmatched)
        if settings.preload:
            services.tokens.load()
        return Application(settings, backend, services, catalogue)
    except (ValueError, LookupError) as wrong:
        raise SettingsError(*map(str, getattr(wrong, "problems", [wrong]))) from None  # of scripts, many


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
        allow_mode_header=settings.allow_mode_header,
        recordings=settings.recordings,
        replay_speed=settings.replay_speed,
        other=other,
    )


def layer_defaults(settings: Settings) -> Defaults:
    """Return the server's own pace and limits, which were judged with the settings."""
    paced = settings.ttft is not None or settings.tokens_per_second is not None
    pace = PaceSpec.model_construct(
        ttft=settings.ttft or 0.0,
        tokens_per_second=settings.tokens_per_second,
        jitter=settings.jitter or JitterSpec.model_construct(),
    )
    limits = LimitSpec.model_construct(
        requests_per_minute=settings.requests_per_minute,
        tokens_per_minute=settings.tokens_per_minute,
        requests_per_day=settings.requests_per_day,
        tokens_per_day=settings.tokens_per_day,
        quota_exhausted=settings.quota_exhausted,
    )
    return Defaults(pace if paced else None, settings.pace, limits, settings.limits, settings.organization)
