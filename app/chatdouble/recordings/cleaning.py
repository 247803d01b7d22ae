"""An exchange without its secrets and without what only its connection was about."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from chatdouble.core.json import in_style_of
from chatdouble.recordings.exchange import Exchanged, Headers, Piece
from chatdouble.recordings.redaction import EMAIL, HIDDEN, Scrubber, known_from
from chatdouble.recordings.split_secrets import gather
from chatdouble.scripts.format.expressions import checked_path, checked_pattern
from chatdouble.scripts.matching.canonical import canonical

FILE: Final = "recordings.toml"
"""The name of the file in the folder; it is no script file, and may be missing."""


class Configuration(BaseModel):
    """A folder's `recordings.toml`.

    Attributes:
        ignore: JSONPaths of what does not count in requests; it is not recorded.
        normalise: What does not count in their texts: `dates`, `uuids`, or regular expressions.
        secrets: Regular expressions of what is secret, besides the forms of keys.
        emails: Whether e-mail addresses are secret.
        headers: Response headers that are recorded besides the API's own, names in lower case.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ignore: tuple[Annotated[str, AfterValidator(checked_path)], ...] = ()
    normalise: tuple[Annotated[str, AfterValidator(checked_pattern)], ...] = ()
    secrets: tuple[Annotated[str, AfterValidator(checked_pattern)], ...] = ()
    emails: bool = False
    headers: tuple[Annotated[str, AfterValidator(str.lower)], ...] = Field(default=())

    def scrubber(self) -> Scrubber:
        """Return what hides the folder's secrets."""
        return Scrubber((*self.secrets, *([EMAIL] if self.emails else ())))


def configuration_of(folder: Path) -> Configuration:
    """Return a folder's configuration; the default where it has none.

    Raises:
        ValueError: The file cannot be used; the message says what is wrong.
    """
    file = folder / FILE
    try:
        given = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return Configuration()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise ValueError(f"{file}: cannot be read: {wrong}") from None
    try:
        return Configuration.model_validate(given)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{file}: {where}: {first['msg'].removeprefix('Value error, ')}") from None


KEPT: Final = ("content-type", "retry-after", "retry-after-ms", "x-request-id", "x-should-retry")
"""Response headers that are recorded, by name."""

KEPT_FAMILIES: Final = ("openai-", "x-ratelimit-", "x-ms-", "apim-", "azureml-")
"""Response headers that are recorded, by what their names begin with."""

ACCOUNT: Final[Mapping[str, str]] = {"openai-organization": HIDDEN, "openai-project": HIDDEN}
"""Headers that name the account, and what is recorded of them."""


class Cleaner:
    """Makes exchanges fit to be written down, the same way every time.

    Args:
        configuration: What the folder says.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._scrubber = configuration.scrubber()

    def request(self, body: Any, secrets: Iterable[str] = ()) -> Any:
        """Return a request's body as it is recorded and compared.

        Args:
            body: The JSON value that was sent.
            secrets: Values in it that are known to be secret.
        """
        found = self._scrubber.knowing(secrets).value(body)
        return canonical(found, self._configuration.ignore, self._configuration.normalise)

    def exchange(self, exchanged: Exchanged, secrets: Iterable[str] = ()) -> Exchanged:
        """Return an exchange as it is recorded.

        Args:
            exchanged: The exchange as it was.
            secrets: Values that are known to be secret, besides those in the response's headers.
        """
        known = [*secrets, *known_from(exchanged.headers)]
        scrubber = self._scrubber.knowing(known)
        hide = _frames_without if exchanged.streamed else _body_without
        return Exchanged(
            self.request(exchanged.request, known),
            exchanged.status,
            tuple(self._headers(exchanged.headers, scrubber)),
            tuple(hide(exchanged, scrubber)),
        )

    def _headers(self, headers: Headers, scrubber: Scrubber) -> Iterator[tuple[str, str]]:
        for name, value in headers:
            if name in KEPT or name.startswith(KEPT_FAMILIES) or name in self._configuration.headers:
                yield name, ACCOUNT.get(name) or scrubber.text(value)


def _body_without(exchanged: Exchanged, scrubber: Scrubber) -> Iterator[Piece]:
    """Return the whole body as one piece, without its secrets."""
    at = exchanged.pieces[-1].at if exchanged.pieces else 0.0
    yield Piece(at, _without([exchanged.body], scrubber)[0])


def _frames_without(exchanged: Exchanged, scrubber: Scrubber) -> Iterator[Piece]:
    """Return a stream frame by frame, without its secrets, those that are split over frames too."""
    frames = [*exchanged.frames()]
    found = [_FRAME.match(frame.data) for frame in frames]
    insides = [match["data"] if match else frame.data for match, frame in zip(found, frames, strict=True)]
    for frame, match, inside in zip(frames, found, _without(insides, scrubber), strict=True):
        before, after = (match["before"], match["after"]) if match else (b"", b"")
        yield Piece(frame.at, _text_without(before, scrubber) + inside + _text_without(after, scrubber))


_FRAME: Final = re.compile(rb"(?P<before>(?:[^\r\n]*[\r\n]+)*?data: ?)(?P<data>[^\r\n]*)(?P<after>.*)", re.DOTALL)
"""A frame by its first line of data, with what stands around it (event names, line ends of any kind)."""


def _without(parts: list[bytes], scrubber: Scrubber) -> list[bytes]:
    """Return parts of a body without secrets; parts that have none are byte for byte the same.

    JSON is searched as it is meant, so that neither escapes nor borders between parts hide anything.
    """
    values = [_parsed(part) for part in parts]
    before = [*map(orjson.dumps, values)]
    gather(values, scrubber)
    cleaned: list[bytes] = []
    for part, value, was in zip(parts, values, before, strict=True):
        if value is None:
            cleaned.append(_text_without(part, scrubber))
            continue
        found = scrubber.value(value)
        cleaned.append(part if orjson.dumps(found) == was else in_style_of(part, found))
    return cleaned


def _text_without(part: bytes, scrubber: Scrubber) -> bytes:
    """Return bytes that are no JSON without secrets; those that are no text are looked at one character a byte."""
    try:
        return scrubber.text(part.decode()).encode()
    except UnicodeDecodeError:
        return scrubber.text(part.decode("latin-1")).encode("latin-1")


def _parsed(part: bytes) -> Any:
    """Return the JSON value that a part stands for; None for what is none, or cannot be written again."""
    try:
        value: Any = orjson.loads(part)
        orjson.dumps(value)
    except (orjson.JSONDecodeError, TypeError):  # nested too deeply
        return None
    return value
