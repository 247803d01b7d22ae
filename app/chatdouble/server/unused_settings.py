"""Warnings of settings that have no effect."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Final

from chatdouble.backend import Backend, Options
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.did_you_mean import did_you_mean
from chatdouble.core.files import SUFFIXES, files, is_folder, why_unwritable
from chatdouble.settings import TABLES, Settings

_OPTIONS: Final = tuple(field.name for field in fields(Options) if field.name in Settings.model_fields)
"""The settings that only backends use."""


def unused_settings(settings: Settings, backends: Iterable[Backend], name: str) -> Iterator[str]:
    """Yield one line for each setting that has no effect beside the others.

    Args:
        settings: The settings.
        backends: The backends that were made.
        name: The name of the one that answers.
    """
    yield from _empty_folders(settings)
    yield from _closed_folders(settings)
    yield from _of_backends(settings, backends, name)
    paced = settings.ttft is not None or settings.tokens_per_second is not None
    for needs, unused, is_met in (
        ("ttft or tokens_per_second", "jitter", paced),
        ("auth", "api_keys", settings.auth),
        ("a Redis in state", "session_ttl", settings.state != "memory://"),
    ):
        if not is_met and _is_set(settings, unused):
            yield f"{unused}: no effect without {needs}"
    if settings.quota_exhausted:
        for setting in ("requests_per_minute", "tokens_per_minute", "requests_per_day", "tokens_per_day"):
            if _is_set(settings, setting):
                yield f"{setting}: no effect beside quota_exhausted, which refuses every request"


def unknown_models(settings: Settings, catalogue: Catalogue) -> Iterator[str]:
    """Yield one line for each model in a table that no request may name."""
    if settings.models == "any":
        return
    known = [name for model in catalogue.known() for name in (model.id, model.snapshot)]
    for table in TABLES:
        for model in getattr(settings, table):
            if model not in known and catalogue.get(model) is None:
                meant = did_you_mean(model, known)
                yield f"{table}.{model}: no effect, because no model has this name{_hint(meant)}"


def _hint(meant: str | None) -> str:
    return f"; did you mean {meant}?" if meant else ""


def _is_set(settings: Settings, name: str) -> bool:
    return bool(getattr(settings, name) != Settings.model_fields[name].get_default(call_default_factory=True))


def _empty_folders(settings: Settings) -> Iterator[str]:
    for path in settings.scripts:
        if is_folder(path) and not any(files(path)):
            wanted = ", ".join(f"*{suffix}" for suffix in SUFFIXES)
            yield f"scripts: {path} has no script files ({wanted}), so no rules are in force"


def _closed_folders(settings: Settings) -> Iterator[str]:
    if settings.recordings is not None and settings.mode in ("record", "rerecord"):
        closed = why_unwritable(settings.recordings)
        if closed is not None:
            yield f"recordings: nothing can be recorded, as the folder cannot be written: {closed}"


def _of_backends(settings: Settings, backends: Iterable[Backend], name: str) -> Iterator[str]:
    """Yield the settings that no backend uses; one that does not name what it uses may use all."""
    made = [*backends]
    if not made or not all(hasattr(backend, "uses") for backend in made):
        return
    used = {option for backend in made for option in getattr(backend, "uses", ())}
    for option in _OPTIONS:
        if option in used or not _is_set(settings, option):
            continue
        if option == "scripts" and not any(any(files(path)) or not is_folder(path) for path in settings.scripts):
            continue
        yield (
            f"{option}: no effect, because the backend is {name}, which does not use it; "
            "--backend or --unmatched can name one that does"
        )
