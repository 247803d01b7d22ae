"""The catalogue's data: entries in JSON, each saying only what sets it apart from the entry it is like."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_origin

import orjson

from chatdouble.catalogue.model import Model
from chatdouble.catalogue.pricing import Overhead, Patches, Tiles
from chatdouble.core.did_you_mean import did_you_mean
from chatdouble.core.files import text_of
from chatdouble.core.json import as_object, is_array

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_GIVEN: Final = frozenset(field.name for field in fields(Model) if field.init) - {"known"}
_OWN: Final = frozenset({"id", "snapshot", "shutdown_date"})
"""Keys an entry never inherits; `snapshot` defaults to the entry's own name."""


_TYPES: Final[Mapping[str, Callable[[Any], Any]]] = {
    **{one.name: made for one in fields(Model) if (made := get_origin(one.type)) in {tuple, frozenset}},
    "overhead": lambda given: Overhead(**given),
    "image_price": lambda given: Patches(**given) if "patch" in given else Tiles(**given),
    "shutdown_date": lambda given: given and date.fromisoformat(given),
}
"""The types of attributes that are not as in JSON."""


class BuiltIn(Mapping[str, Model]):
    """The models of `models.json`, in the file's order, each made when it is first asked for.

    Its values are taken as they are; a test judges them as those of other files are judged.
    """

    def __init__(self) -> None:
        text = Path(__file__).with_name("models.json").read_bytes()
        self._entries: dict[str, dict[str, Any]] = {entry["id"]: entry for entry in orjson.loads(text)["models"]}
        self._made: dict[str, Model] = {}

    def __getitem__(self, name: str) -> Model:
        found = self._made.get(name)
        if found is None:
            typed = {key: _TYPES.get(key, _as_it_is)(value) for key, value in self.attributes(name).items()}
            found = self._made.setdefault(name, Model(**typed, known=True))
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def attributes(self, name: str) -> dict[str, Any]:
        """Return a model's attributes as JSON, those of the model that it is like among them."""
        own = dict(self._entries[name])
        like = own.pop("like", None)
        return _merged(self.attributes(like) if like else {}, own)


@cache
def built_in() -> Mapping[str, Model]:
    """Return the models that come with the server, by name, in the file's order."""
    return BuiltIn()


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


def _models(entries: Iterable[Any], known: Mapping[str, Model], source: str) -> dict[str, Model]:
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
    return _merged(merged.get(like or "", {}), own)


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    return {"snapshot": own["id"], **{key: value for key, value in base.items() if key not in _OWN}, **own}


def _as_it_is(value: Any) -> Any:
    return value


def _hint(word: str, words: Iterable[str]) -> str:
    meant = did_you_mean(word, words)
    return f" Did you mean {meant!r}?" if meant else ""


def _model(attributes: dict[str, Any], where: str) -> Model:
    from pydantic import ValidationError  # noqa: PLC0415 - the models of files are judged, which few servers have

    try:
        return judge().validate_python({**attributes, "known": True})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        advice = ' Give it, or a "like".' if first["type"] == "missing" else ""
        raise ValueError(f"{where}: key {key!r}: {first['msg']}.{advice}") from error


@cache
def judge() -> "TypeAdapter[Model]":
    """Return what judges the attributes of a model."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - as above

    return TypeAdapter(Model)
