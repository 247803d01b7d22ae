"""The validation of large requests, which gives way to other threads and stops at the first fault of a list.

Pydantic validates a list in one step of C, however long it is, and describes each of its faults. Its schema of a
request is therefore changed: a function of Python is called for each item, where threads take turns, and lists fail
fast. A forgiving validator leaves unknown keys out, too, instead of an error for each.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationInfo
from pydantic_core import SchemaValidator

from chatdouble.core.json import is_array, is_object

Schema = dict[str, Any]
"""A schema of pydantic's core."""

_REPORTED: Final = 100
"""The unknown keys of an object that are reported."""

_MANY: Final = 2048
"""The number of inputs beyond which they are validated patiently."""

R = TypeVar("R", bound=BaseModel)

_COPIED: Final = frozenset({"cls", "config", "function", "default", "metadata", "serialization"})
"""The parts of a schema that are no schemas."""


@lru_cache(maxsize=8)
def patient_validator(request: type[BaseModel], *read_whole: str) -> SchemaValidator:
    """Return the validator of large requests: the same results, and the same faults up to the first of each list.

    Args:
        request: The type of the request.
        read_whole: The fields whose lists are read to their end, since a later fault may be reported.
    """
    schema: Any = _Patient(read_whole, _shortened).changed({**request.__pydantic_core_schema__})
    return SchemaValidator(schema, _use_prebuilt=False)


@lru_cache(maxsize=8)
def forgiving_validator(request: type[BaseModel]) -> SchemaValidator:
    """Return the validator of large requests whose unknown keys are no faults; its context is a `LeftOut`.

    Unknown parameters are faults as before: they have to be removed first.

    Args:
        request: The type of the request.
    """
    schema: Any = _Patient((), _known_alone).changed({**request.__pydantic_core_schema__})
    return SchemaValidator(schema, _use_prebuilt=False)


def read_input(request: type[R], body: dict[str, Any]) -> R:
    """Return the request in a body whose `input` may have very many items.

    Raises:
        ValidationError: The body has not the shape of one.
    """
    given = body.get("input")
    if not is_array(given) or len(given) <= _MANY:
        return request.model_validate(body)
    made: R = patient_validator(request).validate_python(body)
    return made


class _Patient:
    """Changes schemas.

    Args:
        read_whole: The fields whose lists do not fail fast.
        closed: Changes the schema of objects that have no unknown keys, given their fields.
    """

    def __init__(self, read_whole: tuple[str, ...], closed: Callable[[Schema], Schema]) -> None:
        self._read_whole = read_whole
        self._closed = closed

    def changed(self, schema: Any) -> Any:
        """Return a schema, or a part of one, with what is in it changed."""
        if is_array(schema):
            return [self.changed(part) for part in schema]
        if not is_object(schema):
            return schema
        kind = schema.get("type")
        if not isinstance(kind, str):  # a mapping of schemas, by the names of fields
            return {name: self.changed(part) for name, part in schema.items()}
        made = {key: value if key in _COPIED else self.changed(value) for key, value in schema.items()}
        return self._CHANGES[kind](self, made) if kind in self._CHANGES else made

    def _list(self, schema: Schema) -> Schema:
        # A list that is too long is refused as such, whatever is in it.
        return {**schema, "fail_fast": "max_length" not in schema, "items_schema": _giving_way(schema["items_schema"])}

    def _tuple(self, schema: Schema) -> Schema:
        return {**schema, "fail_fast": True, "items_schema": [_giving_way(one) for one in schema["items_schema"]]}

    def _dict(self, schema: Schema) -> Schema:
        return {**schema, "fail_fast": True, "values_schema": _giving_way(schema.get("values_schema", _ANY))}

    def _fields(self, schema: Schema) -> Schema:
        for name in self._read_whole:
            _read_to_the_end(schema["fields"][name])
        return schema

    def _model(self, schema: Schema) -> Schema:
        fields = schema["schema"]
        while "fields" not in fields and "schema" in fields:
            fields = fields["schema"]
        names = {name: None for key, one in fields.get("fields", {}).items() for name in (key, *_aliases(one))}
        short = _after(_Shortened(names), schema)
        return {**short, "ref": schema.pop("ref")} if "ref" in schema else short

    def _typed_dict(self, schema: Schema) -> Schema:
        if schema["config"]["extra_fields_behavior"] == "allow":
            return {**schema, "extras_schema": _giving_way(_ANY)}
        short = self._closed(schema)
        return {**short, "ref": schema.pop("ref")} if "ref" in schema else short

    _CHANGES: Final = {
        "list": _list,
        "tuple": _tuple,
        "dict": _dict,
        "model": _model,
        "model-fields": _fields,
        "typed-dict": _typed_dict,
    }


def _aliases(field: Schema) -> tuple[str, ...]:
    alias = field.get("validation_alias")
    return (alias,) if isinstance(alias, str) else ()


def _read_to_the_end(schema: Schema) -> None:
    """Let the list in a field's schema not fail fast."""
    while schema["type"] != "list":
        schema = schema["schema"]
    schema["fail_fast"] = False


_ANY: Final[Schema] = {"type": "any"}


def _giving_way(schema: Schema) -> Schema:
    return _after(_same, schema)


def _after(function: Callable[[Any], Any], schema: Schema) -> Schema:
    """Return the schema of what a function returns."""
    return {"type": "function-before", "function": {"type": "no-info", "function": function}, "schema": schema}


def _shortened(schema: Schema) -> Schema:
    return _after(_Shortened(schema["fields"]), schema)


def _known_alone(schema: Schema) -> Schema:
    fields: Mapping[str, Any] = schema["fields"]

    def known(value: Any, info: ValidationInfo) -> Any:
        left_out: Any = info.context
        return left_out.known(value, fields) if is_object(value) else value

    return {"type": "function-before", "function": {"type": "with-info", "function": known}, "schema": schema}


def _same(value: Any) -> Any:
    """Return a value. Python lets another thread run where a function begins."""
    return value


class _Shortened:
    """Leaves out of an object most of its unknown keys, each of which is a fault.

    Args:
        known: The known keys.
    """

    def __init__(self, known: Mapping[str, Any]) -> None:
        self._known = known

    def __call__(self, value: Any) -> Any:
        """Return an object without most unknown keys, and any other value unchanged."""
        if not is_object(value) or len(value) <= len(self._known) + _REPORTED:
            return value
        known = {key: held for key, held in value.items() if key in self._known}
        return known | dict(islice(((key, held) for key, held in value.items() if key not in known), _REPORTED))
