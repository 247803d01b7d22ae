"""The API's description of the value it expects at a place of the request, derived from the request's types."""

from collections.abc import Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, NotRequired, Required, Union, get_args, get_origin

from pydantic import BaseModel, Tag
from pydantic.fields import FieldInfo
from typing_extensions import get_type_hints, is_typeddict

from chatdouble.schema.base import Listed, Noun
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.validation.wording import elided, joined

_SCALARS: Final[dict[Any, str]] = {str: "string", int: "integer", float: "decimal", bool: "boolean"}
_QUALIFIERS: Final = (NotRequired, Required)


class Place(NamedTuple):
    """A place of the request.

    Attributes:
        steps: The names and indices of the path.
        type: The type of the value; None if unknown.
        siblings: The fields of the object that contains it.
        path: The path as the API writes it: `messages[1].content[0].type`.
    """

    steps: tuple[int | str, ...]
    type: Any
    siblings: tuple[str, ...] = ()
    path: str = ""


def written(steps: Sequence[int | str]) -> str:
    """Return names and indices as the API writes them: `messages[1].content[0].type`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


def find(location: Sequence[int | str], request: type[BaseModel] = ChatCompletionRequest) -> Place:
    """Find the place of a pydantic error, whose location names union members beside fields and indices.

    Args:
        location: The error's location.
        request: The type of the request.
    """
    known = fields_of(request).get(location[0]) if location else None
    place, rest = (Place((), request), location) if known is None else (known, location[1:])
    for step in rest:
        place = _step(place, step)
    return place


@cache
def fields_of(request: type[BaseModel]) -> dict[int | str, Place]:
    """Return the places of a request's own fields, where most mistakes are."""
    return {name: _step(Place((), request), name) for name in request.model_fields}


def expected(type_: Any) -> str:
    """Return the description of a type: `a string`, `one of a string or array of objects`."""
    return _noun(type_) or _with_article(_described(type_))


def _noun(type_: Any) -> str | None:
    """Return the API's noun for a type's values, where it differs from the JSON type."""
    while get_origin(type_) in _QUALIFIERS:
        type_ = get_args(type_)[0]
    metadata = type_.metadata if isinstance(type_, FieldInfo) else get_args(type_)[1:]
    return next((one.text for one in metadata if isinstance(one, Noun)), None)


def values(type_: Any) -> tuple[str, ...]:
    """Return the values a type allows, in the API's order; for a union of objects, its discriminator's."""
    core, listed = _core(type_)
    if listed:
        return listed
    if get_origin(core) is Literal:
        return get_args(core)
    return tuple(tag for member in _members(core) for tag in _tags(member))


def discriminator(type_: Any) -> str | None:
    """Return the discriminator field of a union of objects."""
    members = [_fields(_core(member)[0]) for member in _members(_core(type_)[0])]
    for name in members[0] if members else ():
        if all(get_origin(_core(fields.get(name))[0]) is Literal for fields in members):
            return name
    return None


def one_of(allowed: Sequence[str]) -> str:
    """Return the description of a choice: `one of 'a', 'b', or 'c'`, long ones shortened."""
    return "one of " + joined([f"'{elided(value)}'" for value in allowed], "or")


def _step(place: Place, step: int | str) -> Place:
    core, _ = _core(place.type)
    steps = (*place.steps, step)
    if isinstance(step, int):
        return Place(steps, next(iter(get_args(core)), None), (), written(steps))
    for member in _members(core):
        if step in _tags(member):
            return place._replace(type=member)
    fields = _fields(core)
    inner = get_args(core)[-1] if get_origin(core) is dict else fields.get(step)
    return Place(steps, inner, tuple(fields), written(steps))


def _core(type_: Any) -> tuple[Any, tuple[str, ...]]:
    """Return a type without annotations and null, and the values it lists."""
    listed: tuple[str, ...] = ()
    while True:
        if isinstance(type_, FieldInfo):
            listed = listed or next((m.values for m in type_.metadata if isinstance(m, Listed)), ())
            type_ = type_.annotation
        elif get_origin(type_) is Annotated:
            listed = listed or next((m.values for m in get_args(type_)[1:] if isinstance(m, Listed)), ())
            type_ = get_args(type_)[0]
        elif get_origin(type_) in _QUALIFIERS:
            type_ = get_args(type_)[0]
        elif len(some := _members(type_)) == 1:
            type_ = some[0]
        else:
            return type_, listed


def _members(type_: Any) -> list[Any]:
    """Return a union's members except null; empty for any other type."""
    if get_origin(type_) not in {Union, UnionType}:
        return []
    return [member for member in get_args(type_) if _plain(member) is not NoneType]


def _plain(type_: Any) -> Any:
    return get_args(type_)[0] if get_origin(type_) is Annotated else type_


def _tags(member: Any) -> tuple[str, ...]:
    """Return pydantic's names for a union's member: its tag, or its discriminator's values."""
    if get_origin(member) is Annotated:
        tags = tuple(m.tag for m in get_args(member)[1:] if isinstance(m, Tag))
        if tags:
            return tags
    literals = [_core(field)[0] for field in _fields(_core(member)[0]).values()]
    return next((get_args(core) for core in literals if get_origin(core) is Literal), ())


@cache
def _fields(core: Any) -> dict[str, Any]:
    if is_typeddict(core):
        return get_type_hints(core, include_extras=True)
    if isinstance(core, type) and issubclass(core, BaseModel):
        fields: Any = core.model_fields
        return dict(fields)
    return {}


def _described(type_: Any) -> str:
    core, listed = _core(type_)
    origin = get_origin(core)
    if origin is Literal:
        return one_of(listed or get_args(core))
    if origin is list:
        return f"array of {_plural(_described(get_args(core)[0]))}"
    members = list(dict.fromkeys(_described(member) for member in _members(core)))
    if len(members) > 1:
        return f"one of {_with_article(members[0])} or {' or '.join(members[1:])}"
    return members[0] if members else _SCALARS.get(core, "object")


def _plural(noun: str) -> str:
    return "strings" if noun.startswith("one of") else f"{noun}s"


def _with_article(noun: str) -> str:
    if noun.startswith("one of"):
        return noun
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
