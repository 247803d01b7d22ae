"""The log: one line per request, in the format for people or in JSON, on standard error."""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

from chatdouble.backend import Call
from chatdouble.core.json import encode
from chatdouble.core.legible import escaped
from chatdouble.core.trace import HEADER, Trace, trace_in
from chatdouble.recordings.redaction import Scrubber
from chatdouble.server.log_stream import UnblockedHandler
from chatdouble.settings import Settings

_log: Final = logging.getLogger("chatdouble")
_ERROR: Final = 400
_REMEMBERED: Final = 1024
_SHORT: Final = 200
"""The longest text that is remembered; sessions, models, rules and paths are shorter."""
_LONGEST: Final = 16_384
"""The most characters of a text in a line."""
_INDENT: Final = "\n    "

Fields = dict[str, str | int | float]
"""The fields of a request's log line, by name."""

_SCRUBBER: Final = Scrubber()
"""Removes secrets from log lines: paths and messages may repeat what a client sent."""


def configure_logs(settings: Settings) -> None:
    """Send log lines to standard error, in the format asked for."""
    handler = UnblockedHandler(sys.stderr)
    handler.setFormatter(_FORMATS[settings.log_format]())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    # Their own lines would show URLs and headers, keys included, or the prompts in events.
    for name in ("uvicorn", "httpx2", "httpcore2", "hpack", "urllib3", "sse_starlette"):
        logging.getLogger(name).setLevel(logging.WARNING)


def report(call: Call[Any], span: Trace | None = None) -> None:
    """Log a request that was answered, and the trace that it belongs to: its client's, in which a span may be."""
    level = logging.INFO
    if call.notes.warnings:
        level = logging.WARNING
    elif call.place.is_control and call.method == "GET" and call.status < _ERROR:
        level = logging.DEBUG  # pages that show the journal ask for it all the time
    if not _log.isEnabledFor(level):
        return
    text = call.error or "; ".join(call.notes.warnings)
    head = f"{call.method} {call.path} {call.status or '-'}"
    record = _RequestRecord(
        level, f"{head} {text}" if text else head, _fields(call, span or trace_in(call.headers.raw(HEADER)))
    )
    record.multiline = bool(call.notes.near_misses)
    _log.handle(record)


_MODEL: Final = logging.LogRecord(_log.name, logging.INFO, __file__, 0, "", (), None)


class _RequestRecord(logging.LogRecord):
    """A record of a request. Every request makes one, and an ordinary one costs five times as much.

    Args:
        level: The level.
        message: The message.
        request: The request's fields.
    """

    multiline: bool = False

    def __init__(self, level: int, message: str, request: Fields) -> None:
        # Process, thread and place are the same for all requests.
        self.__dict__.update(_MODEL.__dict__)
        self.created = created = time.time()
        self.msecs = created % 1 * 1000
        self.levelno, self.levelname = level, logging.getLevelName(level)
        self.msg = message
        self.request = request


def _fields(call: Call[Any], trace: Trace | None) -> Fields:
    fields: Fields = {"request_id": call.id, "session": call.session.shown}
    if model := _model_of(call):
        fields["model"] = model
    notes = call.notes
    for name, value in (("rule", notes.rule), ("mode", notes.mode), ("recorded", notes.recorded)):
        if value:
            fields[name] = value
    fields["status"] = call.status
    if call.ended:
        fields["ended"] = call.ended
    if trace is not None:
        fields["trace_id"], fields["span_id"] = trace
    # Of the steady clock, since the server's may stand still.
    fields["milliseconds"] = round((time.monotonic() - call.started) * 1000, 1)
    return fields


def _model_of(call: Call[Any]) -> str | None:
    """Return the model of a request, or the name that it asked for if there is no such model."""
    if (model := getattr(call, "model", None)) is not None:
        return str(model.id)
    asked = getattr(call, "body", {}).get("model")
    return asked if isinstance(asked, str) else None


class _Human(logging.Formatter):
    """Time, level and message, then the request's fields.

    Control characters are escaped, so that nothing a client sends begins a line. Messages whose further lines are
    this program's own (`multiline`) keep them, indented.
    """

    def __init__(self) -> None:
        super().__init__()
        self._second, self._time = 0, ""

    def format(self, record: logging.LogRecord) -> str:
        text, further = record.getMessage(), ""
        if record.__dict__.get("multiline"):
            text, *rest = text.splitlines()
            further = "".join(_INDENT + _clean(line) for line in rest)
        request: Fields = record.__dict__.get("request", {})
        shown = "".join(_shown_fields(request))
        if record.exc_info and _shows_tracebacks():
            further += "\n" + _SCRUBBER.text(self.formatException(record.exc_info))
        elif record.exc_info:
            text += f": {_failure(record)}"
        return f"{self._at(record)} {record.levelname:<7} {_clean(text)}{shown}{further}"

    def _at(self, record: logging.LogRecord) -> str:
        second = int(record.created)
        if second != self._second:
            self._second, self._time = second, time.strftime("%H:%M:%S", time.localtime(second))
        return self._time


def _shown_fields(fields: Fields) -> Iterator[str]:
    for name, value in fields.items():
        if name in _SHOWN:
            text = _clean(value) if isinstance(value, str) else str(value)
            yield f' {_SHOWN[name]}="{text}"' if " " in text else f" {_SHOWN[name]}={text}"


_SHOWN: Final = {
    **{name: name for name in ("session", "model", "rule", "mode", "recorded", "ended")},
    "trace_id": "trace",
    "milliseconds": "ms",
}
"""The fields that people read, by name; the status is in the message, and the id in the journal."""


class _Json(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the request's fields."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": record.created,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrubbed(record.getMessage()),
        }
        request: Fields = record.__dict__.get("request", {})
        fields |= {name: scrubbed(value) if isinstance(value, str) else value for name, value in request.items()}
        if record.exc_info:
            shown = self.formatException(record.exc_info) if _shows_tracebacks() else _failure(record)
            fields["exception"] = _SCRUBBER.text(shown)
        return encode(fields).decode()


def _shows_tracebacks() -> bool:
    return logging.getLogger().isEnabledFor(logging.DEBUG)


def _failure(record: logging.LogRecord) -> str:
    """Return the exception of a record on one line."""
    wrong = record.exc_info[1] if record.exc_info else None
    return f"{type(wrong).__name__}: {' '.join(str(wrong).split())}"


def _remembering(change: Callable[[str], str]) -> Callable[[str], str]:
    """Return a function that remembers its results for short texts, which come with every request."""
    remembered = lru_cache(maxsize=_REMEMBERED)(change)
    return lambda text: remembered(text) if len(text) <= _SHORT else change(text)


def _printable(text: str) -> str:
    """Return a text without secrets, its control characters escaped."""
    return escaped(_without_secrets(text))


def _without_secrets(text: str) -> str:
    """Return the beginning of a text without secrets; what a client sends may be long."""
    if len(text) <= _LONGEST:
        return _SCRUBBER.text(text)
    # A secret that the cut goes through is found, as it is looked for a good way beyond.
    return f"{_SCRUBBER.text(text[: 2 * _LONGEST])[:_LONGEST]}... ({len(text)} characters)"


_clean: Final = _remembering(_printable)
scrubbed: Final = _remembering(_without_secrets)
"""Returns a text without secrets."""

_FORMATS: Final = {"human": _Human, "json": _Json}
