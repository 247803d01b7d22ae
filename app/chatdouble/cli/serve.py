"""`chatdouble serve`: the server, with one flag per setting."""

import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from chatdouble.cli.version import Version
from chatdouble.environment import PREFIX
from chatdouble.settings import TABLES, Settings, SettingsError, load

_REPEATED: Final = {
    "api_keys": "--api-key",
    "allowed_hosts": "--allowed-host",
    "scripts": "--scripts",
    "verdict_error": "--verdict-error",
    "verdict_warning": "--verdict-warning",
    "verdict_off": "--verdict-off",
    "verdict_allow": "--verdict-allow",
}
_SWITCHES: Final = {
    "allow_mode_header": "--allow-mode-header/--no-allow-mode-header",
    "auth": "--auth/--no-auth",
    "quota_exhausted": "--quota-exhausted/--no-quota-exhausted",
    "verdict_strict": "--verdict-strict/--no-verdict-strict",
    "verdict_on_exit": "--verdict-on-exit/--no-verdict-on-exit",
}
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


def command(cli: typer.Typer) -> None:
    """Add the command to a command line."""
    cli.command(name="serve", help="Serve the API.")(_with_flags(_serve))


def _serve(config: Path | None, **flags: Any) -> None:
    given = {name: value for name, value in flags.items() if value not in (None, [], ())}
    try:
        _run(load(given, os.environ, config))
    except SettingsError as wrong:
        for line in str(wrong).splitlines():
            typer.echo(f"chatdouble: {line}", err=True)
        raise typer.Exit(2) from None


def _run(settings: Settings) -> None:
    # Imported here because --help and other commands need no server.
    from chatdouble.server import serving  # noqa: PLC0415
    from chatdouble.server.application import create_app  # noqa: PLC0415
    from chatdouble.server.logs import configure_logs  # noqa: PLC0415

    if any(":" in name for name in (settings.backend, settings.unmatched)):
        sys.path.insert(0, "")  # a backend's module may be in the working directory, as with uvicorn
    configure_logs(settings)
    if not serving.run(create_app(settings)):
        raise typer.Exit(1)


def _with_flags(run: Callable[..., None]) -> Callable[..., None]:
    """Give a function the signature that typer reads: one flag per setting."""
    config = inspect.Parameter(
        "config",
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[Path | None, typer.Option(envvar=f"{PREFIX}CONFIG", help="TOML file of settings.")],
    )
    version = inspect.Parameter("version", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Version)
    flags = [_flag(name, field) for name, field in Settings.model_fields.items() if name not in TABLES]

    def command(**given: Any) -> None:
        run(**{name: value for name, value in given.items() if name != version.name})

    command.__signature__ = inspect.Signature([config, *flags, version])  # type: ignore[attr-defined] # typer reads it
    command.__annotations__ = {flag.name: flag.annotation for flag in (config, *flags, version)}
    return command


def _flag(name: str, field: FieldInfo) -> inspect.Parameter:
    repeated = name in _REPEATED
    default = "" if field.default in (None, ()) else f" [default: {field.default}]"
    choices = _choices(field.annotation)
    option = typer.Option(
        _REPEATED.get(name) or _SWITCHES.get(name) or f"--{name.replace('_', '-')}",
        help=f"{field.description}{default} [env: {PREFIX}{name.upper()}]",
        metavar="|".join(choices) if choices else _METAVARS.get(name, "TEXT"),
        show_default=False,
    )
    kind: Any = list[str] if repeated else bool if name in _SWITCHES else str
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option]
    )


def _choices(annotation: Any) -> tuple[str, ...]:
    """Return the values that a setting may have, if its type lists them."""
    return get_args(annotation) if get_origin(annotation) is Literal else ()
