"""Recordings without their secrets, and without headers that only concern one connection."""

import json
import tomllib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from chatdouble.core.files import text_of
from chatdouble.core.json import in_style_of, loads
from chatdouble.core.json_in_steps import encode_in_steps, is_short
from chatdouble.core.sse import Frame, write_frame
from chatdouble.recordings.recording import Headers, Piece, Recording
from chatdouble.recordings.redaction import EMAIL, Scrubber, header_secrets
from chatdouble.recordings.secret_kinds import REDACTED
from chatdouble.recordings.split_secrets import redact_split_secrets
from chatdouble.scripts.format.expressions import checked_path, checked_pattern
from chatdouble.scripts.matching.canonical import canonical

FILE: Final = "recordings.toml"
"""The name of a folder's configuration file; optional."""


class Configuration(BaseModel):
    """A folder's `recordings.toml`.

    Attributes:
        ignore: JSONPaths of the parts of requests that are neither compared nor recorded.
        normalise: Parts of texts that are not compared: `dates`, `uuids`, `ids`, or regular expressions.
        secrets: Regular expressions of further secrets, besides the known kinds of keys.
        emails: Whether e-mail addresses are secrets.
        headers: Response headers to record besides the API's own, names in lower case.
        then: The behaviour after the last answer to a request: repeat it, start again, or stop matching.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ignore: tuple[Annotated[str, AfterValidator(checked_path)], ...] = ()
    normalise: tuple[Annotated[str, AfterValidator(checked_pattern)], ...] = ()
    secrets: tuple[Annotated[str, AfterValidator(checked_pattern)], ...] = ()
    emails: bool = False
    headers: tuple[Annotated[str, AfterValidator(str.lower)], ...] = Field(default=())
    then: Literal["stay", "loop", "unmatched"] = "stay"

    def scrubber(self) -> Scrubber:
        """Return a scrubber that finds this folder's secrets."""
        return Scrubber((*self.secrets, *([EMAIL] if self.emails else ())))


def configuration_of(folder: Path) -> Configuration:
    """Return a folder's configuration; the defaults if it has no configuration file.

    Raises:
        ValueError: The file cannot be read or is invalid; the message names the key and the problem.
    """
    file = folder / FILE
    try:
        given = tomllib.loads(text_of(file))
    except FileNotFoundError:
        return Configuration()
    except (OSError, ValueError, RecursionError) as wrong:
        raise ValueError(f"{file}: cannot be read: {wrong}") from None
    try:
        return Configuration.model_validate(given)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{file}: {where}: {first['msg'].removeprefix('Value error, ')}") from None


KEPT_HEADERS: Final = ("content-type", "retry-after", "retry-after-ms", "x-request-id", "x-should-retry")
"""Response headers that are recorded, by name."""

KEPT_HEADER_PREFIXES: Final = ("openai-", "x-ratelimit-", "x-ms-", "apim-", "azureml-")
"""Response headers that are recorded, by prefix."""

ACCOUNT_HEADERS: Final = frozenset({"openai-organization", "openai-project"})
"""Headers that identify the account; recorded with their value redacted."""


_LARGE: Final = 256 * 1024
"""The bytes of a part of an answer that is searched in parts."""


class Cleaner:
    """Prepares recordings for writing; the same input always gives the same output.

    Args:
        configuration: The folder's configuration.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        # The same one for the same secrets, as it remembers which words are clean.
        self._scrubber = lru_cache(maxsize=64)(configuration.scrubber().knowing)

    def request(self, body: Any, secrets: Iterable[str] = (), *, is_large: bool = False) -> Any:
        """Return a request's body as it is recorded and compared.

        Args:
            body: The JSON value that was sent.
            secrets: Values in it that are known to be secret.
            is_large: Whether it is searched in parts.

        Raises:
            ValueError: The request is nested too deeply to be written.
        """
        try:
            scrubbed = self._scrubber(tuple(secrets)).value(body, is_large=is_large)
            request = canonical(scrubbed, self._configuration.ignore, self._configuration.normalise)
            orjson.dumps(request)
        except (RecursionError, TypeError):
            raise ValueError("a request that is nested too deeply") from None
        return request

    def endpoint(self, endpoint: str, secrets: Iterable[str] = ()) -> str:
        """Return an endpoint, whose query may have secrets, as it is recorded and compared."""
        return self._scrubber(tuple(secrets)).text(endpoint)

    def recording(self, recording: Recording, secrets: Iterable[str] = ()) -> Recording:
        """Return a recording without its secrets.

        Args:
            recording: The request and its answer as they travelled.
            secrets: Values that are known to be secret, besides those in the response's headers.
        """
        known = (*secrets, *header_secrets(recording.headers))
        scrubber = self._scrubber(known)
        clean = _clean_frames if recording.streamed else _clean_body
        return Recording(
            self.request(recording.request, known, is_large=not is_short([recording.request])),
            recording.status,
            tuple(self._headers(recording.headers, scrubber)),
            tuple(clean(recording, scrubber)),
            self.endpoint(recording.endpoint, known),
        )

    def _headers(self, headers: Headers, scrubber: Scrubber) -> Iterator[tuple[str, str]]:
        for name, value in headers:
            if name in KEPT_HEADERS or name.startswith(KEPT_HEADER_PREFIXES) or name in self._configuration.headers:
                yield name, REDACTED if name in ACCOUNT_HEADERS else scrubber.text(value)


def _clean_body(recording: Recording, scrubber: Scrubber) -> Iterator[Piece]:
    """Return the whole body as one piece."""
    at = recording.pieces[-1].at if recording.pieces else 0.0
    yield Piece(at, _scrubbed_parts([recording.body], scrubber)[0])


def _clean_frames(recording: Recording, scrubber: Scrubber) -> Iterator[Piece]:
    """Return a stream frame by frame; a secret may be split over several frames."""
    frames = [(at, Frame(raw, first=place == 0)) for place, (at, raw) in enumerate(recording.frames())]
    given = [frame.raw if (data := frame.data) is None else data for _, frame in frames]
    for (at, frame), data, clean in zip(frames, given, _scrubbed_parts(given, scrubber), strict=True):
        if data is frame.raw:  # it has no data
            yield Piece(at, clean)
        elif clean is data and frame.raw == write_frame(data):  # it has nothing else
            yield Piece(at, frame.raw)
        else:
            yield Piece(at, _scrubbed_frame(frame.with_data(clean), scrubber))


def _scrubbed_frame(frame: Frame, scrubber: Scrubber) -> bytes:
    """Return a frame whose data is clean, its other lines (comments, event names, ids) scrubbed too."""
    groups = groupby(frame.lines(), lambda line: line.name == b"data")
    texts = ((is_data, b"".join(line.raw for line in lines)) for is_data, lines in groups)
    return b"".join(text if is_data else _scrubbed_text(text, scrubber) for is_data, text in texts)


def _scrubbed_parts(parts: list[bytes], scrubber: Scrubber) -> list[bytes]:
    """Return the parts of a body without secrets; parts without any stay byte for byte the same.

    JSON is searched value by value, so that neither escapes nor borders between parts hide a secret.
    """
    values = [_parsed(part) for part in parts]
    before = [_compact(value, len(part)) for part, value in zip(parts, values, strict=True)]
    is_split = redact_split_secrets(values, scrubber)
    # As one text first, as hardly any body has a secret: a stream has thousands of parts.
    known = zip(parts, values, before, strict=True)
    texts = [_decoded(part)[0] if value is None else compact.decode() for part, value, compact in known]
    if not is_split and not scrubber.suspects("\n".join(texts)):
        return parts
    cleaned: list[bytes] = []
    for part, value, was in zip(parts, values, before, strict=True):
        if value is None:
            cleaned.append(_scrubbed_text(part, scrubber))
            continue
        found = scrubber.value(value, is_large=len(part) > _LARGE)
        cleaned.append(part if _compact(found, len(part)) == was else in_style_of(part, found))
    return cleaned


def _scrubbed_text(part: bytes, scrubber: Scrubber) -> bytes:
    """Return bytes that are not JSON without secrets."""
    text, encoding = _decoded(part)
    clean = scrubber.text(text)
    return part if clean == text else clean.encode(encoding)


def _decoded(part: bytes) -> tuple[str, str]:
    """Return the text of bytes and its encoding: UTF-8, UTF-16 and the like, or Latin-1, which can be any bytes."""
    encoding = json.detect_encoding(part[:4])
    try:
        return part.decode(encoding), encoding
    except UnicodeDecodeError:
        return part.decode("latin-1"), "latin-1"


def _compact(value: Any, length: int) -> bytes:
    """Return the compact JSON of a value whose JSON has some length."""
    return orjson.dumps(value) if length <= _LARGE else b"".join(encode_in_steps(value, orjson.dumps))


def _parsed(part: bytes) -> Any:
    """Return the JSON value of a part; None if it is not JSON, or is nested too deeply to be written again."""
    try:
        value: Any = loads(part)
        _compact(value, len(part))
    except (orjson.JSONDecodeError, TypeError):
        return None
    return value
