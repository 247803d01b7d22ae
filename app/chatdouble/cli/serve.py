"""`chatdouble serve` for typer: its help, and the words about mistakes in its flags."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from chatdouble.cli.flags import REPEATED, SWITCHES, flag, start
from chatdouble.cli.version import Version
from chatdouble.core.environment import CONFIG, variable
from chatdouble.settings import TABLES, Settings

_METAVARS: Final = {
    "backend": "BACKEND",
    "allowed_hosts": "HOST",
    "unmatched": "error|BACKEND",
    "scripts": "PATH",
    "verdict_error": "KIND",
    "verdict_warning": "KIND",
    "verdict_off": "KIND",
    "verdict_allow": "KIND[: PATTERN]",
    "recordings": "FOLDER",
    "upstream": "URL",
    "state": "URL",
    "port": "PORT",
    "seed": "INTEGER",
    "workers": "INTEGER",
    "session_ttl": "SECONDS",
    "journal_size": "INTEGER",
    "journal_bytes": "BYTES",
    "journal_bytes_in_all": "BYTES",
    "max_sessions": "INTEGER",
    "max_rules": "INTEGER",
    "max_gates": "INTEGER",
    "max_body": "BYTES",
    "ttft": "SECONDS",
    "upstream_timeout": "SECONDS",
    "replay_speed": "NUMBER",
    "keep_alive": "SECONDS",
    "read_timeout": "SECONDS",
    "shutdown_timeout": "SECONDS",
    "tokens_per_second": "NUMBER",
    "requests_per_minute": "INTEGER",
    "tokens_per_minute": "INTEGER",
    "requests_per_day": "INTEGER",
    "tokens_per_day": "INTEGER",
}


def _serve(config: Path | None, **flags: Any) -> None:
    code = start({name: value for name, value in flags.items() if value not in (None, [], ())}, config)
    if code:
        raise typer.Exit(code)


def serve_with_flags() -> Callable[..., None]:
    """Return the command, with the signature that typer reads: one flag per setting."""
    config = inspect.Parameter(
        "config",
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[Path | None, typer.Option(envvar=CONFIG, help="TOML file of settings.")],
    )
    version = inspect.Parameter("version", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Version)
    flags = [_parameter(name, field) for name, field in Settings.model_fields.items() if name not in TABLES]

    def command(**given: Any) -> None:
        _serve(**{name: value for name, value in given.items() if name != version.name})

    command.__signature__ = inspect.Signature([config, *flags, version])  # type: ignore[attr-defined] # typer reads it
    command.__annotations__ = {flag.name: flag.annotation for flag in (config, *flags, version)}
    return command


def _parameter(name: str, field: FieldInfo) -> inspect.Parameter:
    repeated = name in REPEATED
    default = "" if field.default in (None, ()) else f" [default: {field.default}]"
    choices = _choices(field.annotation)
    option = typer.Option(
        flag(name),
        help=f"{field.description}{default} [env: {variable(name)}]",
        metavar="|".join(choices) if choices else _METAVARS.get(name, "TEXT"),
        show_default=False,
    )
    kind: Any = list[str] if repeated else bool if name in SWITCHES else str
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option]
    )


def _choices(annotation: Any) -> tuple[str, ...]:
    """Return the values that a setting may have, if its type lists them."""
    return get_args(annotation) if get_origin(annotation) is Literal else ()
