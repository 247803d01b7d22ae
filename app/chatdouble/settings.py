"""The server's settings: flags, then `CHATDOUBLE_*` variables, then a TOML file, in one frozen object."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from chatdouble.core.did_you_mean import did_you_mean
from chatdouble.core.environment import Environment, variable
from chatdouble.core.legible import escaped
from chatdouble.layers.buckets import LimitSpec
from chatdouble.scripts.format.base import Spec
from chatdouble.scripts.format.delivery import JitterSpec, PaceSpec
from chatdouble.verdict.kind_name import KindName

if TYPE_CHECKING:
    from chatdouble.core.config_file import KeyPath

_QUOTED: Final = "'([^']*)'"

TABLES: Final[Mapping[str, type[Spec]]] = {"pace": PaceSpec, "limits": LimitSpec}
"""The settings that only the TOML file has: tables with one entry per model."""


class SettingsError(ValueError):
    """Invalid settings.

    Args:
        lines: One line for each: where it was set, and the mistake. A name in one may have line breaks.
    """

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(map(escaped, lines)))


def _split(value: object) -> object:
    """Split "a, b", the form of lists in variables."""
    if isinstance(value, str):
        return [part for part in (piece.strip() for piece in value.split(",")) if part]
    return value


Secret = Annotated[SecretStr, Field(min_length=1)]
Secrets = Annotated[tuple[Secret, ...], BeforeValidator(_split)]
Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_split)]
KindNames = Annotated[tuple[KindName, ...], BeforeValidator(_split)]
Count = Annotated[int, Field(ge=1)]


class Settings(BaseModel):
    """All settings with their defaults.

    Each field is the flag `--field-name` of `chatdouble serve`, the variable `CHATDOUBLE_FIELD_NAME` and the key
    `field_name` of the TOML file. Fields in `TABLES` are keys of the file only. The descriptions are the help texts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(
        default="localhost",
        description="Address to listen on: localhost and names on each of their addresses, :: on all of IPv4 and IPv6.",
    )
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one and prints it.")
    backend: str = Field(
        default="auto",
        description="Backend that answers: its name, or module:attribute; auto chooses by the other settings.",
    )
    scripts: Paths = Field(default=(), description="Script files or folders to answer from.")
    unmatched: str = Field(default="error", description="Answer where no rule matches: error, or a backend's name.")
    upstream: str | None = Field(default=None, description="Base URL of the real API: https://api.openai.com/v1.")
    upstream_key: SecretStr | None = Field(
        default=None, description="API key for the upstream, sent instead of the client's."
    )
    upstream_timeout: float = Field(
        default=600.0, gt=0, description="Seconds to wait for the upstream's next byte before giving up."
    )
    mode: Literal["replay", "record", "rerecord", "passthrough"] = Field(
        default="replay", description="How recordings are used."
    )
    allow_mode_header: bool = Field(
        default=False, description="Let the header X-Double-Mode have a server in mode replay call its upstream."
    )
    recordings: Path | None = Field(default=None, description="Folder of recordings.")
    replay_speed: float = Field(
        default=0.0, ge=0, description="Speed of replayed streams: 1 as recorded, 2 twice as fast, 0 without delays."
    )
    api_keys: Secrets = Field(default=(), description="API keys to accept; without any, every key that is not empty.")
    auth: bool = Field(default=True, description="Require an API key.")
    control_key: Secret | None = Field(default=None, description="Key that may control every session.")
    control_headers: Literal["on", "off"] = Field(
        default="on", description="Whether a request may set its own pace, fault, gate and rule by x-double-* headers."
    )
    save_rules: Path | None = Field(
        default=None, description="Folder that rules which a test has added may be saved in; none: they are not saved."
    )
    allowed_hosts: Names = Field(
        default=(),
        description="Names that control and documentation are reached by, beside addresses, localhost and names "
        "without a dot; *.example.com allows all below it.",
    )
    validation: Literal["strict", "lenient", "off"] = Field(
        default="strict",
        description="strict refuses what the real API refuses, lenient warns instead, off checks the schema only.",
    )
    models: str = Field(
        default="any",
        description="Models to accept: any, strict (only those in the catalogue), or a JSON file that adds models.",
    )
    state: str = Field(default="memory://", description="URL of the store that keeps sessions: memory:// or a Redis.")
    session_ttl: float = Field(default=86_400, ge=0, description="Seconds until Redis forgets idle sessions; 0: never.")
    workers: int = Field(
        default=1, ge=1, le=256, description="Number of processes; more than one needs a shared store."
    )
    preload: bool = Field(
        default=False, description="Load the vocabularies before listening, so that no request waits for one."
    )
    seed: int = Field(default=0, description="Seed for everything random.")
    clock: str = Field(default="real", description="real, or fixed:TIME with TIME in seconds since 1970 or ISO 8601.")
    ttft: float | None = Field(default=None, ge=0, description="Seconds until the first token.")
    tokens_per_second: float | None = Field(default=None, gt=0, description="Tokens per second after the first.")
    jitter: JitterSpec | None = Field(
        default=None, description="Variation of delays: fixed, uniform:SHARE or lognormal:SIGMA, such as uniform:0.2."
    )
    requests_per_minute: Count | None = Field(default=None, description="Requests per minute, for each key and model.")
    tokens_per_minute: Count | None = Field(default=None, description="Tokens per minute, for each key and model.")
    requests_per_day: Count | None = Field(default=None, description="Requests per day, for each key and model.")
    tokens_per_day: Count | None = Field(default=None, description="Tokens per day, for each key and model.")
    quota_exhausted: bool = Field(default=False, description="Refuse every request with insufficient_quota.")
    pace: Mapping[str, PaceSpec] = Field(default_factory=dict, description="Pace by model.")
    limits: Mapping[str, LimitSpec] = Field(default_factory=dict, description="Rate limits by model.")
    organization: str = Field(default="org-chatdouble", description="Value of the openai-organization header.")
    max_body: int = Field(default=64 * 1024 * 1024, ge=1, description="Largest request body in bytes; above it: 413.")
    keep_alive: int = Field(default=75, ge=1, description="Seconds after which an idle connection is closed.")
    read_timeout: float = Field(
        default=60.0, gt=0, description="Seconds a client has to send a request's head, and each piece of its body."
    )
    shutdown_timeout: float = Field(
        default=5.0, ge=0, description="Seconds that open responses get to finish when the server stops."
    )
    journal_size: int = Field(default=1000, ge=0, description="Requests that the journal keeps per session.")
    journal_bytes: int = Field(
        default=64 * 1024 * 1024, ge=1, description="Bytes that the journal keeps per session; the oldest go first."
    )
    journal_bytes_in_all: int = Field(
        default=256 * 1024 * 1024, ge=1, description="Bytes that the journal keeps of all sessions together."
    )
    stored_bytes: int = Field(
        default=64 * 1024 * 1024,
        ge=1,
        description="Bytes of completions, responses and conversations stored per session.",
    )
    stored_bytes_in_all: int = Field(
        default=256 * 1024 * 1024, ge=1, description="Bytes that are stored of all sessions together."
    )
    max_sessions: int = Field(
        default=10_000, ge=1, description="Sessions that are kept; the one idle longest makes way for a new one."
    )
    max_rules: Count = Field(
        default=1000, description="Rules that a test may add to a session, and to all sessions together."
    )
    max_gates: Count = Field(default=100, description="Gates that a session may have.")
    verdict_error: KindNames = Field(default=(), description="Kinds of problems that are errors in a verdict.")
    verdict_warning: KindNames = Field(default=(), description="Kinds of problems that are warnings in a verdict.")
    verdict_off: KindNames = Field(default=(), description="Kinds of problems that a verdict does not look for.")
    verdict_allow: KindNames = Field(
        default=(), description="Problems that do not count: a kind, or `kind: pattern of what was found`."
    )
    verdict_strict: bool = Field(default=False, description="Count warnings of a verdict as errors.")
    verdict_on_exit: bool = Field(
        default=False, description="Print the verdict on all sessions when the server stops; exit with 1 on errors."
    )
    verdict_format: Literal["text", "json", "junit", "github", "sarif"] = Field(
        default="text", description="Format of the verdict at the end."
    )
    log_format: Literal["human", "json"] = Field(default="human", description="Format of log lines.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Lowest level that is logged."
    )

    @property
    def validates_relayed(self) -> bool:
        """True if requests that a backend relays are validated here too.

        An upstream knows best what it accepts, so only a `strict` that somebody set goes before it.
        """
        return "validation" in self.model_fields_set and self.validation == "strict"


def load(flags: Mapping[str, Any], environ: Mapping[str, str], config: Path | None = None) -> Settings:
    """Merge the sources of settings: flags override variables, variables override the file.

    Args:
        flags: Settings by field name; None if the flag was not given.
        environ: The process's environment.
        config: A TOML file.

    Raises:
        SettingsError: Settings are invalid; the message has one line for each.
    """
    sources = [
        _from_flags({name: value for name, value in flags.items() if value is not None}),
        _from_environment(environ),
        *([_from_file(config)] if config else []),
    ]
    mistakes = [mistake for source in sources for mistake in source.mistakes()]
    if mistakes:
        raise SettingsError(*mistakes)
    merged = {name: value for source in reversed(sources) for name, value in source.values.items()}
    return Settings.model_validate(merged)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Source:
    """One source of settings.

    Attributes:
        values: Its settings by field name.
        shown: Returns a setting as this source writes it, for messages.
        unknown: The mistakes found while it was read.
    """

    values: Mapping[str, Any]
    shown: "Callable[[KeyPath], str]"
    unknown: Sequence[str] = ()

    def mistakes(self) -> Iterator[str]:
        """Yield one line for each invalid setting: where it was set, and the mistake."""
        yield from self.unknown
        try:
            Settings.model_validate(self.values)
        except ValidationError as invalid:
            order = [*self.values]
            for error in sorted(invalid.errors(include_url=False), key=lambda one: order.index(str(one["loc"][0]))):
                yield self._mistake(error)

    def _mistake(self, error: ErrorDetails) -> str:
        name, *inside = map(str, error["loc"])
        if name not in TABLES:
            inside = []
        place = self.shown((name, *inside))
        if error["type"] == "extra_forbidden":
            known = TABLES[name].model_fields if inside else Settings.model_fields
            return f"{place}: no such setting{_suggestion(inside[-1] if inside else name, known)}"
        # pydantic's full sentence repeats the value, which may be a secret.
        mistake = error["msg"].removeprefix("Value error, ")
        meant = (
            _suggestion(str(error["input"]), re.findall(_QUOTED, mistake)) if error["type"] == "literal_error" else ""
        )
        return f"{place}: {mistake[:1].lower()}{mistake[1:]}{meant}"


def _from_flags(given: Mapping[str, Any]) -> _Source:
    return _Source(given, lambda key: f"--{key[0].replace('_', '-')}")


def _from_environment(environ: Mapping[str, str]) -> _Source:
    found = Environment.read(environ, [name for name in Settings.model_fields if name not in TABLES], TABLES)
    return _Source(found.values, lambda key: variable(key[0]), found.unknown)


def _suggestion(name: str, known: Iterable[str]) -> str:
    meant = did_you_mean(name, known)
    return f"; did you mean {meant}?" if meant else ""


def _from_file(path: Path) -> _Source:
    """Read a TOML file of settings; its keys may have hyphens.

    Raises:
        SettingsError: The file cannot be read, or is not TOML.
    """
    from chatdouble.core.config_file import ConfigFile, ConfigFileError  # noqa: PLC0415 - most servers have no file

    try:
        file = ConfigFile.read(path)
    except ConfigFileError as unread:
        raise SettingsError(str(unread)) from None
    written: dict[str, str] = {}
    twice: list[str] = []
    for key in file.values:
        name = key.replace("-", "_")
        if name in written:
            twice.append(f"{file.place((key,))}: {key}: is the same setting as {written[name]}")
        written.setdefault(name, key)

    def shown(key: "KeyPath") -> str:
        as_written = (written[key[0]], *key[1:])
        return f"{file.place(as_written)}: {'.'.join(as_written)}"

    return _Source({name: file.values[key] for name, key in written.items()}, shown, twice)
