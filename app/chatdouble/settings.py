"""The server's settings: flags, then `CHATDOUBLE_*` variables, then a TOML file, in one frozen object."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from chatdouble.core.did_you_mean import OWN_CUTOFF, did_you_mean
from chatdouble.core.files import files
from chatdouble.layers.buckets import LimitSpec
from chatdouble.scripts.format.base import Spec
from chatdouble.scripts.format.delivery import JitterSpec, PaceSpec

PREFIX: Final = "CHATDOUBLE_"

TABLES: Final[Mapping[str, type[Spec]]] = {"pace": PaceSpec, "limits": LimitSpec}
"""The settings that are tables of the TOML file, one entry a model, and neither flags nor variables."""


class SettingsError(ValueError):
    """A setting that cannot be used; the message is one line that says which, where it was set and why."""


def _listed(value: object) -> object:
    """Read "a, b" as a list, as variables have it."""
    if isinstance(value, str):
        return [part for part in (piece.strip() for piece in value.split(",")) if part]
    return value


Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_listed)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_listed)]
Count = Annotated[int, Field(ge=1)]


class Settings(BaseModel):
    """Everything that can be set, with its default.

    Each field is the flag `--field-name` of `chatdouble serve`, the variable `CHATDOUBLE_FIELD_NAME` and the key
    `field_name` of the TOML file; `TABLES` are in the file only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one and prints it.")
    backend: str | None = Field(
        default=None, description="echo, script, upstream, an entry point's name, or module:attribute. [default: echo]"
    )
    scripts: Paths = Field(default=(), description="Script files or folders; given alone they imply --backend script.")
    on_miss: Literal["error", "echo", "upstream"] = Field(
        default="error", description="What answers a request that no rule matches."
    )
    upstream: str | None = Field(
        default=None, description="Base URL to relay to, for example https://api.openai.com/v1."
    )
    upstream_key: SecretStr | None = Field(default=None, description="Key sent upstream instead of the client's.")
    upstream_timeout: float = Field(
        default=600.0, gt=0, description="Seconds without a byte after which the upstream is given up."
    )
    mode: Literal["replay", "record", "refresh", "pass"] = Field(
        default="replay", description="How the upstream backend uses its recordings."
    )
    recordings: Path | None = Field(default=None, description="Folder of recordings.")
    replay_speed: float = Field(
        default=0.0, ge=0, description="How many times faster than recorded recordings are replayed; 0: at once."
    )
    api_keys: Secrets = Field(default=(), description="Keys that are accepted; none listed: any key that is not empty.")
    auth: bool = Field(default=True, description="Whether a key is asked for at all.")
    control_key: SecretStr | None = Field(default=None, description="Key that opens the control of other sessions.")
    validation: Literal["strict", "lenient", "off"] = Field(
        default="strict",
        description="strict refuses as the real API, lenient warns, off wants only the schema's shape.",
    )
    models: str = Field(
        default="any", description="any, strict (only the catalogue), or a JSON file of further models."
    )
    state: str = Field(default="memory://", description="Where state is kept.")
    workers: int = Field(default=1, ge=1, description="Processes; more than one needs a shared state.")
    seed: int = Field(default=0, description="The seed of all chance.")
    clock: str = Field(default="real", description="real, or fixed:TIME with TIME in seconds since 1970 or ISO 8601.")
    ttft: float | None = Field(default=None, ge=0, description="Seconds until the first token.")
    tokens_per_second: float | None = Field(default=None, gt=0, description="Speed after the first token.")
    jitter: JitterSpec | None = Field(
        default=None, description="How delays vary: fixed, uniform:SHARE or lognormal:SIGMA, for example uniform:0.2."
    )
    requests_per_minute: Count | None = Field(default=None, description="Requests a minute a key may make of a model.")
    tokens_per_minute: Count | None = Field(default=None, description="Tokens a minute a key may use of a model.")
    requests_per_day: Count | None = Field(default=None, description="Requests a day a key may make of a model.")
    tokens_per_day: Count | None = Field(default=None, description="Tokens a day a key may use of a model.")
    quota_exhausted: bool = Field(default=False, description="Whether every account has no money left.")
    pace: Mapping[str, PaceSpec] = Field(default_factory=dict, description="The pace of single models.")
    limits: Mapping[str, LimitSpec] = Field(default_factory=dict, description="The limits of single models.")
    organization: str = Field(default="org-chatdouble", description="The organization that answers name.")
    max_body: int = Field(default=32 * 1024 * 1024, ge=1, description="Largest request body in bytes; above it: 413.")
    grace: float = Field(
        default=5.0, ge=0, description="Seconds that open streams get to finish when the server stops."
    )
    journal: int = Field(default=1000, ge=0, description="Requests the journal keeps, per session.")
    log_format: Literal["human", "json"] = Field(default="human", description="How log lines look.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least that is logged."
    )

    @property
    def backend_name(self) -> str:
        """The backend that answers: what was set, or what scripts and an upstream imply.

        A folder without script files implies nothing, so that an image can name one that may be mounted.
        """
        if self.backend is not None:
            return self.backend
        if not all(path.is_dir() and not any(files(path)) for path in self.scripts):
            return "script"
        return "upstream" if self.upstream or self.recordings else "echo"

    @property
    def upstream_mode(self) -> str | None:
        """The mode of an upstream that judges requests itself; None: they are checked here.

        An upstream that answers knows best what it accepts; only a `strict` that somebody asked for goes before it.
        """
        asked = "validation" in self.model_fields_set and self.validation == "strict"
        return self.mode if self.backend_name == "upstream" and not asked else None


def load(flags: Mapping[str, Any], environ: Mapping[str, str], config: Path | None = None) -> Settings:
    """Put settings together: flags win over variables, variables over the file.

    Args:
        flags: Settings by field name; None means not given.
        environ: The process's environment.
        config: A TOML file.

    Raises:
        SettingsError: Something cannot be used.
    """
    layers = [
        ("--{}", "-", {name: value for name, value in flags.items() if value is not None}),
        (PREFIX + "{}", "_", _from_environment(environ)),
        (f"{config}: {{}}", "_", _from_file(config) if config else {}),
    ]
    merged: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for label, dash, values in layers:
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
    """Return the settings among the variables; others with the prefix are somebody else's."""
    named = {PREFIX + name.upper(): name for name in Settings.model_fields if name not in TABLES}
    return {
        named[key]: value
        for key, value in environ.items()
        # Kubernetes sets NAME_PORT=tcp://... for a service called chatdouble.
        if key in named and value and not value.startswith("tcp://")
    }


def _from_file(path: Path) -> dict[str, Any]:
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise SettingsError(f"{path}: {missing.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise SettingsError(f"{path}: not TOML: {broken}") from None
    return {name.replace("-", "_"): value for name, value in read.items()}


def _explain(invalid: ValidationError, origin: Mapping[str, str]) -> str:
    first = invalid.errors(include_url=False)[0]
    name, *inside = map(str, first["loc"])
    if name not in TABLES:
        inside = []
    where = ".".join([origin.get(name, name), *inside])
    if first["type"] == "extra_forbidden":
        known = TABLES[name].model_fields if inside else Settings.model_fields
        return f"{where}: no such setting{_suggestion(inside[-1] if inside else name, known)}"
    # pydantic's own sentence would repeat the value, which may be a secret
    said = first["msg"].removeprefix("Value error, ")
    return f"{where}: {said[:1].lower()}{said[1:]}"


def _suggestion(name: str, known: Iterable[str]) -> str:
    meant = did_you_mean(name, known, cutoff=OWN_CUTOFF)
    return f"; did you mean {meant}?" if meant else ""
