"""The trace of each request: its client's, and with OpenTelemetry a span of the server's own in it."""

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from chatdouble.server.telemetry.telemetry import Telemetry

SIGNALS: Final = ("TRACES", "METRICS")
"""The signals of OpenTelemetry that the server has, as variables name them."""

_log: Final = logging.getLogger("chatdouble")


class Tracing:
    """Traces the requests of one process.

    Attributes:
        telemetry: OpenTelemetry; None: it is not configured.
    """

    def __init__(self) -> None:
        self.telemetry: Telemetry | None = None

    def open(self, environ: Mapping[str, str]) -> None:
        """Have OpenTelemetry if its variables ask for it, in the process that serves."""
        wanted = [signal for signal in SIGNALS if is_wanted(signal, environ)]
        if not wanted:
            return
        try:
            from chatdouble.server.telemetry.providers import from_environment  # noqa: PLC0415 - an extra

            self.telemetry = from_environment(wanted, environ)
        except ModuleNotFoundError:
            _log.warning("OpenTelemetry is configured but not installed: pip install 'chatdouble[otel]'")
        except Exception as wrong:  # noqa: BLE001 - whatever its libraries find wrong in the variables
            _log.error("OpenTelemetry is not used, since its OTEL_ variables are wrong: %s", wrong)

    async def aclose(self) -> None:
        """Send what is left."""
        if self.telemetry is not None:
            await asyncio.to_thread(self.telemetry.close)


def is_wanted(signal: str, environ: Mapping[str, str]) -> bool:
    """Tell whether variables ask for a signal: by an exporter for it, or by an address to send it to."""
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporter = environ.get(f"OTEL_{signal}_EXPORTER", "").strip()
    named = (f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    return exporter != "none" and bool(exporter or any(environ.get(name) for name in named))
