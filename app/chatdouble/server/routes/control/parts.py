"""Parts that the control routes share: the contracts of bodies, the sessions they name, and their checks."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

import orjson
from fastapi import Query, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from typing_extensions import TypedDict

from chatdouble.backend.call import LARGE
from chatdouble.core.errors import APIError
from chatdouble.core.json import count, is_nested, loads
from chatdouble.scripts.reading.mistakes import near
from chatdouble.server.routes.route import TypedAnswer, TypedBody

Session = Annotated[str | None, Query(description="Another session; needs the control key.")]
Sessions = Annotated[str | None, Query(description="Another session, or * for all; needs the control key.")]

Whose = Callable[[Request, str | None], str]
"""Returns the session that a request controls, given the one it names."""


class Cleared(TypedDict):
    """Something that was cleared.

    Attributes:
        cleared: True.
    """

    cleared: Literal[True]


def typed_body(description: str, example: object, kind: Any, *, required: bool = True) -> dict[str, Any]:
    """Return the contract of a request's body, for a route to have; see `TypedBody`."""
    return {"requestBody": TypedBody(description, example, kind, required)}


def typed_answer(name: str, kind: Any) -> dict[str, Any]:
    """Return the contract of an answer, for a route to have; see `TypedAnswer`."""
    return {"responses": TypedAnswer(name, kind)}


async def check(request: Request) -> None:
    """Check that a request has nothing that its route would ignore.

    Raises:
        APIError: 400: a query parameter is unknown, or there is a body that the route does not take.
    """
    route: APIRoute = request.scope["route"]
    known = [
        name
        for parameter in route.dependant.query_params
        for name in _names(parameter.alias, parameter.field_info.annotation)
    ]
    for name in request.query_params:
        if name not in known:
            advice = near(name, known) or f"; this route takes {' and '.join(known)}."
            raise APIError(f"Unknown query parameter {name!r}{advice}", param=name, code="unknown_parameter")
    takes_body, raw = "requestBody" in (route.openapi_extra or {}), await request.body()
    if not takes_body and (len(raw) > LARGE or raw.strip() not in _EMPTY):
        raise APIError(
            f"{request.method} {request.url.path} takes no body; name another session or model in the query: "
            "?session=NAME.",
            code="unexpected_body",
        )


def _names(alias: str, kind: object) -> list[str]:
    """Return the names of a query parameter: its own, or if a model holds all of them its fields'."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [field.alias or name for name, field in kind.model_fields.items()]
    return [alias]


_EMPTY: Final = (b"", b"null", b"{}")


_DEEPEST: Final = 200
"""Levels of objects and arrays in a body; no reply, fault or limit needs more."""


_MOST_COMMAS: Final = 200_000
"""The commas in a body, which are about as many as its values: more would keep other clients waiting."""


async def optional_value(request: Request) -> Any:
    """Return the JSON value of a request's body; None: there is no body. See `value`."""
    return await value(request) if await has_body(request) else None


async def has_body(request: Request) -> bool:
    """Tell whether a request has a body of more than blanks; a large one is not searched."""
    raw = await request.body()
    return len(raw) > LARGE or bool(raw.strip())


async def value(request: Request) -> Any:
    """Return the JSON value of a request's body; a thread reads a large one.

    Raises:
        APIError: 400: it is not JSON, has too many values, or is nested too deeply.
    """
    raw = await request.body()
    return await asyncio.to_thread(_value, raw) if len(raw) > LARGE else _value(raw)


def _value(raw: bytes) -> Any:
    if count(raw, b",") > _MOST_COMMAS:
        raise APIError(f"The body is too large: send at most {_MOST_COMMAS:,} commas at once.", code="body_too_large")
    try:
        parsed: Any = loads(raw)
    except orjson.JSONDecodeError as wrong:
        found = f"not JSON: {wrong}" if len(raw) > LARGE or raw.strip() else "empty; this takes JSON"
        raise APIError(f"The body is {found}.", code="invalid_json") from None
    if is_nested(parsed, _DEEPEST):
        raise APIError(f"The body is nested too deeply: send at most {_DEEPEST} levels of objects and arrays.")
    return parsed
