"""Routes that FastAPI makes when they are asked for, and describes when their contract is."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter
from starlette.routing import BaseRoute, compile_path, get_name
from starlette.types import Receive, Scope, Send

from chatdouble.core.json import loads
from chatdouble.http.bodies import joined

_LARGE: Final = 64 * 1024

ALONE: Final = Lock()
"""Held while FastAPI makes routes or describes them: it changes the process's warning filters and shared tables."""


@dataclass(frozen=True, slots=True)
class TypedBody:
    """A request's body in the contract.

    Attributes:
        description: Its meaning.
        example: A body.
        kind: Its type: a model, or types of which it is one.
        required: Whether there must be a body.
    """

    description: str
    example: object
    kind: Any
    required: bool

    def described(self) -> dict[str, Any]:
        """Return the body in the contract's terms."""
        content = {"schema": _schema(self.kind), "example": self.example}
        return {"description": self.description, "required": self.required, "content": {"application/json": content}}


@dataclass(frozen=True, slots=True)
class TypedAnswer:
    """An answer in the contract that is an object with one key.

    Attributes:
        name: The key.
        kind: The type of its value.
    """

    name: str
    kind: Any

    def described(self) -> dict[str, Any]:
        """Return the answers by status in the contract's terms."""
        schema = _schema(self.kind)
        definitions = schema.pop("$defs", {})
        whole = {"type": "object", "properties": {self.name: schema}, "required": [self.name]}
        content = {"schema": {**whole, "additionalProperties": False, "$defs": definitions}}
        return {"200": {"content": {"application/json": content}}}


def _schema(kind: Any) -> dict[str, Any]:
    """Return the schema of a type. The models in it are in `$defs`; the contract moves them to its components."""
    schema = TypeAdapter(kind).json_schema(ref_template="#/components/schemas/{model}")
    if isinstance(kind, type) and issubclass(kind, BaseModel) and "$ref" not in schema:
        name, definitions = kind.__name__, schema.pop("$defs", {})
        return {"$ref": f"#/components/schemas/{name}", "$defs": {**definitions, name: schema}}
    return schema


class _PatientRequest(Request):
    """A request whose body may be large: others are answered while a thread puts it together and parses it."""

    async def body(self) -> bytes:
        """Return the body."""
        if not hasattr(self, "_body"):
            self._body = await joined([piece async for piece in self.stream()])
        return self._body

    async def json(self) -> Any:
        """Return the body's JSON value.

        Raises:
            json.JSONDecodeError: It is not JSON.
        """
        raw = await self.body()
        return await asyncio.to_thread(loads, raw) if len(raw) > _LARGE else await super().json()


class _Served(APIRoute):
    """A route as it serves, which reads large bodies in a thread."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler."""
        handle = super().get_route_handler()

        async def patiently(request: Request) -> Response:
            try:
                return await handle(_PatientRequest(request.scope, request.receive))
            except RequestValidationError as error:
                # FastAPI's frame has the error in a variable: a cycle, which would keep the request's body.
                raise error.with_traceback(None) from None

        return patiently


class Route(APIRoute):
    """A route that is matched by its path and methods, and that FastAPI makes for its first request.

    To make all routes takes 150 ms, and a server answers few of them. Without the models of its answers a route is made
    in half the time: only the contract needs them, since every route returns a response.

    Args:
        path: The path.
        endpoint: The function that answers.
        given: What else FastAPI makes the route of.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        self.path, self.endpoint, self.name = path, endpoint, given.get("name") or get_name(endpoint)
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.methods = {method.upper() for method in given.get("methods") or ("GET",)}
        self.app = self._serve
        self._given = given

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "_served" not in self.__dict__:
            await asyncio.to_thread(lambda: self._served)
        scope["route"] = self._served
        await self._served.app(scope, receive, send)

    @cached_property
    def _served(self) -> _Served:
        served: dict[str, Any] = {**self._given, "response_model": None, "responses": None}
        with ALONE:
            return _Served(self.path, self.endpoint, **served)

    def described(self) -> APIRoute:
        """Return the route as the contract has it."""
        extra: dict[str, Any] = self._given.get("openapi_extra") or {}
        typed = {key: part.described() for key, part in extra.items() if isinstance(part, TypedBody | TypedAnswer)}
        whole: dict[str, Any] = {**self._given, "openapi_extra": {**extra, **typed}}
        return APIRoute(self.path, self.endpoint, **whole)


def with_models(routes: Sequence[BaseRoute]) -> APIRouter:
    """Return a router with routes as the contract has them."""
    return APIRouter(routes=[route.described() if isinstance(route, Route) else route for route in routes])
