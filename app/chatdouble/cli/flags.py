"""The flags of `chatdouble serve`: one for each setting."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from chatdouble.core.environment import CONFIG
from chatdouble.settings import TABLES, Settings, SettingsError, load

REPEATED: Final = {
    "api_keys": "--api-key",
    "allowed_hosts": "--allowed-host",
    "scripts": "--scripts",
    "verdict_error": "--verdict-error",
    "verdict_warning": "--verdict-warning",
    "verdict_off": "--verdict-off",
    "verdict_allow": "--verdict-allow",
}
SWITCHES: Final = {
    "allow_mode_header": "--allow-mode-header/--no-allow-mode-header",
    "auth": "--auth/--no-auth",
    "preload": "--preload/--no-preload",
    "quota_exhausted": "--quota-exhausted/--no-quota-exhausted",
    "verdict_strict": "--verdict-strict/--no-verdict-strict",
    "verdict_on_exit": "--verdict-on-exit/--no-verdict-on-exit",
}


def flag(name: str) -> str:
    """Return the flag of a setting; that of a switch has both its forms."""
    return REPEATED.get(name) or SWITCHES.get(name) or f"--{name.replace('_', '-')}"


def read(arguments: Sequence[str], environ: Mapping[str, str]) -> tuple[dict[str, Any], Path | None] | None:
    """Return the settings that arguments give, by name, and the file of settings.

    None: there is something else among the arguments, such as `--help` or a mistake. typer answers that; to import it
    takes a tenth of a start.

    Args:
        arguments: The arguments after `serve`.
        environ: The environment, which may name the file.
    """
    names = {flag(name): name for name in Settings.model_fields if name not in TABLES and name not in SWITCHES}
    names["--config"] = "config"
    switches = {form: (name, at == 0) for name, both in SWITCHES.items() for at, form in enumerate(both.split("/"))}
    given: dict[str, Any] = {}
    rest = iter(arguments)
    for argument in rest:
        if argument in switches:
            name, is_on = switches[argument]
            given[name] = is_on
            continue
        written, separator, value = argument.partition("=")
        known = names.get(written)
        value = value if separator else next(rest, "-")
        if known is None or (value.startswith("-") and not separator):
            return None
        given[known] = [*given.get(known, ()), value] if known in REPEATED else value
    config = given.pop("config", None) or environ.get(CONFIG)
    return given, Path(config) if config else None


def start(given: Mapping[str, Any], config: Path | None) -> int:
    """Serve with settings until a signal arrives; return the exit code.

    Args:
        given: The settings that flags gave, by name.
        config: A file of settings.
    """
    try:
        return 0 if _serve(load(given, os.environ, config)) else 1
    except SettingsError as wrong:
        for line in str(wrong).split("\n"):
            print(f"chatdouble: {line}", file=sys.stderr)  # noqa: T201 - the user reads it
        return 2


def _serve(settings: Settings) -> bool:
    # Imported here because --help needs no server.
    from chatdouble.server import serving  # noqa: PLC0415
    from chatdouble.server.application import create_app  # noqa: PLC0415
    from chatdouble.server.logs import configure_logs  # noqa: PLC0415

    if any(":" in name for name in (settings.backend, settings.unmatched)):
        sys.path.insert(0, "")  # a backend's module may be in the working directory, as with uvicorn
    configure_logs(settings)
    return serving.run(create_app(settings))
