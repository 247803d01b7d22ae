"""The catalogue's data: entries in JSON, each saying only what sets it apart from the entry it is like."""

from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import TypeAdapter, ValidationError

from chatdouble.catalogue.model import Model
from chatdouble.core.did_you_mean import did_you_mean
from chatdouble.core.files import text_of
from chatdouble.core.json import as_object, is_array

_GIVEN: Final = frozenset(field.name for field in fields(Model) if field.init) - {"known"}
_OWN: Final = frozenset({"id", "snapshot", "shutdown_date"})
"""Keys an entry never inherits; `snapshot` defaults to the entry's own name."""


@cache
def built_in() -> dict[str, Model]:
    """Return the models that come with the server, by name, in the file's order."""
    text = resources.files("chatdouble.catalogue").joinpath("models.json").read_bytes()
    return _models(orjson.loads(text)["models"], {}, "models.json")


@cache
def model_ids() -> list[str]:
    """Return the names of the models that write text, as the published contract lists them."""
    return [model.id for model in built_in().values() if model.endpoint in {"chat", "responses"}]


def read(path: Path) -> dict[str, Model]:
    """Return the built-in models and those of a file: `{"models": [{"id", "like", ...}]}`.

    Args:
        path: A JSON file; an entry's `like` names a built-in model or an earlier entry, its other keys are
            the attributes of `Model`.

    Raises:
        ValueError: The file cannot be read; says which entry and key, and what to do.
    """
    try:
        content: Any = orjson.loads(text_of(path))
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror}). Give --models any, strict, or a JSON file."
        raise ValueError(message) from error
    except (orjson.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: not valid JSON ({error}).") from error
    entries = as_object(content).get("models")
    if not is_array(entries):
        raise ValueError(f'{path}: key "models" is missing. Write {{"models": [{{"id": "...", "like": "gpt-4o"}}]}}.')
    known = built_in()
    return {**known, **_models(entries, known, str(path))}


def _models(entries: Iterable[Any], known: dict[str, Model], source: str) -> dict[str, Model]:
    merged: dict[str, dict[str, Any]] = {
        name: {key: getattr(model, key) for key in _GIVEN} for name, model in known.items()
    }
    models: dict[str, Model] = {}
    for place, entry in enumerate(entries):
        where = f"{source}: models[{place}]"
        attributes = _attributes(entry, merged, where)
        merged[attributes["id"]] = attributes
        models[attributes["id"]] = _model(attributes, where)
    return models


def _attributes(entry: Any, merged: dict[str, dict[str, Any]], where: str) -> dict[str, Any]:
    own = dict(as_object(entry))
    if not isinstance(own.get("id"), str):
        raise ValueError(f'{where}: needs an "id", the model\'s name.')  # noqa: TRY004 - a bad file, not a bad call
    like: str | None = own.pop("like", None)
    if like is not None and str(like) not in merged:
        raise ValueError(f'{where}: "like" names no model: {like!r}.{_hint(str(like), merged)}')
    for key in own.keys() - _GIVEN:
        raise ValueError(f"{where}: unknown key {key!r}.{_hint(key, _GIVEN)}")
    base = {key: value for key, value in merged.get(like or "", {}).items() if key not in _OWN}
    return {"snapshot": own["id"], **base, **own}


def _hint(word: str, words: Iterable[str]) -> str:
    meant = did_you_mean(word, words)
    return f" Did you mean {meant!r}?" if meant else ""


def _model(attributes: dict[str, Any], where: str) -> Model:
    try:
        return _adapter().validate_python({**attributes, "known": True})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        advice = ' Give it, or a "like".' if first["type"] == "missing" else ""
        raise ValueError(f"{where}: key {key!r}: {first['msg']}.{advice}") from error


@cache
def _adapter() -> TypeAdapter[Model]:
    return TypeAdapter(Model)
