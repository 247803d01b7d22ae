"""OpenTelemetry's SDK, set up by its standard variables."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import entry_points, version
from typing import Any, Final

from opentelemetry.metrics import MeterProvider, NoOpMeterProvider
from opentelemetry.sdk.metrics import MeterProvider as SdkMeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NoOpTracerProvider, TracerProvider

from chatdouble.server.telemetry.telemetry import Telemetry

_log: Final = logging.getLogger("chatdouble")

_PROTOCOLS: Final = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}
"""The names of OTLP's exporters by protocol."""
_OTLP: Final = "otlp"


def from_environment(signals: Sequence[str], environ: Mapping[str, str]) -> Telemetry:
    """Return telemetry whose exporters, resource and sampler are those that variables name.

    Args:
        signals: The signals that are wanted: `TRACES`, `METRICS`.
        environ: The variables.
    """
    resource = _resource(environ)
    traces = _traces(resource, environ) if "TRACES" in signals else (NoOpTracerProvider(), None)
    metrics = _metrics(resource, environ) if "METRICS" in signals else (NoOpMeterProvider(), None)
    return Telemetry(traces[0], metrics[0], tuple(close for _, close in (traces, metrics) if close is not None))


def _resource(environ: Mapping[str, str]) -> Resource:
    """Return who sends: this program, unless the variables name another service."""
    is_named = environ.get("OTEL_SERVICE_NAME") or "service.name=" in environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    name = {} if is_named else {"service.name": "chatdouble"}
    return Resource.create({**name, "service.version": version("chatdouble")})


def _traces(resource: Resource, environ: Mapping[str, str]) -> tuple[TracerProvider, Callable[[], None]]:
    provider = SdkTracerProvider(resource=resource, shutdown_on_exit=False)
    for exporter in _exporters("TRACES", environ):
        provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider, provider.shutdown


def _metrics(resource: Resource, environ: Mapping[str, str]) -> tuple[MeterProvider, Callable[[], None]]:
    readers = [PeriodicExportingMetricReader(exporter) for exporter in _exporters("METRICS", environ)]
    provider = SdkMeterProvider(readers, resource=resource, shutdown_on_exit=False)
    return provider, provider.shutdown


def _exporters(signal: str, environ: Mapping[str, str]) -> Iterator[Any]:
    """Yield the exporters of a signal; one that is not installed is named in the log."""
    for given in environ.get(f"OTEL_{signal}_EXPORTER", _OTLP).split(","):
        name = _protocol(signal, environ) if given.strip() in ("", _OTLP) else given.strip()
        found = entry_points(group=f"opentelemetry_{signal.lower()}_exporter", name=name)
        if found:
            yield next(iter(found)).load()()
        else:
            _log.error("OpenTelemetry: no exporter %s for %s is installed", name, signal.lower())


def _protocol(signal: str, environ: Mapping[str, str]) -> str:
    names = (f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
    asked = next((given for name in names if (given := environ.get(name))), "http/protobuf")
    return _PROTOCOLS.get(asked, asked)
