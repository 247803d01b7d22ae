"""The server's settings: flags, then `CHATDOUBLE_*` variables, then a TOML file, in one frozen object."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from chatdouble.core.did_you_mean import did_you_mean
from chatdouble.layers.buckets import LimitSpec
from chatdouble.scripts.format.base import Spec
from chatdouble.scripts.format.delivery import JitterSpec, PaceSpec

PREFIX: Final = "CHATDOUBLE_"

TABLES: Final[Mapping[str, type[Spec]]] = {"pace": PaceSpec, "limits": LimitSpec}
"""The settings that only the TOML file has: tables with one entry per model."""


class SettingsError(ValueError):
    """An invalid setting. The message is one line: the setting, where it was set, and the mistake."""


def _split(value: object) -> object:
    """Split "a, b", the form of lists in variables."""
    if isinstance(value, str):
        return [part for part in (piece.strip() for piece in value.split(",")) if part]
    return value


Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_split)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_split)]
Count = Annotated[int, Field(ge=1)]


class Settings(BaseModel):
    """All settings with their defaults.

    Each field is the flag `--field-name` of `chatdouble serve`, the variable `CHATDOUBLE_FIELD_NAME` and the key
    `field_name` of the TOML file. Fields in `TABLES` are keys of the file only. The descriptions are the help texts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one and prints it.")
    backend: str = Field(
        default="auto",
        description="Backend that answers: its name, or module:attribute; auto chooses by the other settings.",
    )
    scripts: Paths = Field(default=(), description="Script files or folders to answer from.")
    unmatched: str = Field(
        default="error", description="Answer to a request that no rule matches: error, or the name of a backend."
    )
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
    recordings: Path | None = Field(default=None, description="Folder of recordings.")
    replay_speed: float = Field(
        default=0.0, ge=0, description="Speed of replayed streams: 1 as recorded, 2 twice as fast, 0 without delays."
    )
    api_keys: Secrets = Field(default=(), description="API keys to accept; without any, every key that is not empty.")
    auth: bool = Field(default=True, description="Require an API key.")
    control_key: SecretStr | None = Field(default=None, description="Key that may control every session.")
    validation: Literal["strict", "lenient", "off"] = Field(
        default="strict",
        description="strict refuses what the real API refuses, lenient warns instead, off checks the schema only.",
    )
    models: str = Field(
        default="any",
        description="Models to accept: any, strict (only those in the catalogue), or a JSON file that adds models.",
    )
    state: str = Field(default="memory://", description="URL of the store that keeps sessions.")
    workers: int = Field(default=1, ge=1, description="Number of processes; more than one needs a shared store.")
    seed: int = Field(default=0, description="Seed for everything random.")
    clock: str = Field(default="real", description="real, or fixed:TIME with TIME in seconds since 1970 or ISO 8601.")
    ttft: float | None = Field(default=None, ge=0, description="Seconds until the first token.")
    tokens_per_second: float | None = Field(default=None, gt=0, description="Tokens per second after the first.")
    jitter: JitterSpec | None = Field(
        default=None, description="Variation of delays: fixed, uniform:SHARE or lognormal:SIGMA, such as uniform:0.2."
    )
    requests_per_minute: Count | None = Field(
        default=None, description="Requests allowed per minute, for each key and model."
    )
    tokens_per_minute: Count | None = Field(
        default=None, description="Tokens allowed per minute, for each key and model."
    )
    requests_per_day: Count | None = Field(
        default=None, description="Requests allowed per day, for each key and model."
    )
    tokens_per_day: Count | None = Field(default=None, description="Tokens allowed per day, for each key and model.")
    quota_exhausted: bool = Field(default=False, description="Refuse every request with insufficient_quota.")
    pace: Mapping[str, PaceSpec] = Field(default_factory=dict, description="Pace by model.")
    limits: Mapping[str, LimitSpec] = Field(default_factory=dict, description="Rate limits by model.")
    organization: str = Field(default="org-chatdouble", description="Value of the openai-organization header.")
    max_body: int = Field(default=32 * 1024 * 1024, ge=1, description="Largest request body in bytes; above it: 413.")
    shutdown_timeout: float = Field(
        default=5.0, ge=0, description="Seconds that open responses get to finish when the server stops."
    )
    journal_size: int = Field(default=1000, ge=0, description="Requests that the journal keeps per session.")
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
        SettingsError: A setting is invalid.
    """
    sources = [
        ("--{}", "-", {name: value for name, value in flags.items() if value is not None}),
        (PREFIX + "{}", "_", _from_environment(environ)),
        (f"{config}: {{}}", "_", _from_file(config) if config else {}),
    ]
    merged: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for label, dash, values in sources:
        for name, value in values.items():
            if name not in merged:
                merged[name] = value
                shown = name.upper() if label.startswith(PREFIX) else name
                origin[name] = label.format(shown.replace("_", dash))
    try:
        return Settings.model_validate(merged)
    except ValidationError as invalid:
        raise SettingsError(_explain(invalid, origin)) from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings among the variables; ignore other variables with the prefix."""
    named = {PREFIX + name.upper(): name for name in Settings.model_fields if name not in TABLES}
    return {
        named[key]: value
        for key, value in environ.items()
        # Kubernetes sets NAME_PORT=tcp://... for a service named chatdouble.
        if key in named and value and not value.startswith("tcp://")
    }


def _from_file(path: Path) -> dict[str, Any]:
    """Read a TOML file of settings."""
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise SettingsError(f"{path}: {missing.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise SettingsError(f"{path}: not TOML: {broken}") from None
    return {name.replace("-", "_"): value for name, value in settings.items()}


def _explain(invalid: ValidationError, origin: Mapping[str, str]) -> str:
    """Describe the first mistake in one line."""
    first = invalid.errors(include_url=False)[0]
    name, *inside = map(str, first["loc"])
    if name not in TABLES:
        inside = []
    place = ".".join([origin.get(name, name), *inside])
    if first["type"] == "extra_forbidden":
        known = TABLES[name].model_fields if inside else Settings.model_fields
        return f"{place}: no such setting{_suggestion(inside[-1] if inside else name, known)}"
    # pydantic's full sentence repeats the value, which may be a secret.
    mistake = first["msg"].removeprefix("Value error, ")
    return f"{place}: {mistake[:1].lower()}{mistake[1:]}"


def _suggestion(name: str, known: Iterable[str]) -> str:
    meant = did_you_mean(name, known)
    return f"; did you mean {meant}?" if meant else ""
