"""Routes whose contract is made when somebody asks for it, with the bodies that they take and give."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter
from starlette.routing import BaseRoute

from chatdouble.core.json import loads

_LARGE: Final = 64 * 1024


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
    """A request whose body may be large: others are answered while a thread parses it."""

    async def json(self) -> Any:
        """Return the body's JSON value.

        Raises:
            json.JSONDecodeError: It is not JSON.
        """
        raw = await self.body()
        return await asyncio.to_thread(loads, raw) if len(raw) > _LARGE else await super().json()


class Route(APIRoute):
    """A route that serves without the models of its answers.

    FastAPI makes them when it adds a route, which is most of the time until a server answers its first control request.
    Only the contract needs them, since every route returns a response.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        served: dict[str, Any] = {**given, "response_model": None, "responses": None}
        super().__init__(path, endpoint, **served)
        self._given = given

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, which reads large bodies in a thread."""
        handle = super().get_route_handler()

        async def patiently(request: Request) -> Response:
            try:
                return await handle(_PatientRequest(request.scope, request.receive))
            except RequestValidationError as error:
                # FastAPI's frame has the error in a variable: a cycle, which would keep the request's body.
                raise error.with_traceback(None) from None

        return patiently

    def described(self) -> APIRoute:
        """Return the route as the contract has it."""
        extra: dict[str, Any] = self._given.get("openapi_extra") or {}
        typed = {key: part.described() for key, part in extra.items() if isinstance(part, TypedBody | TypedAnswer)}
        whole: dict[str, Any] = {**self._given, "openapi_extra": {**extra, **typed}}
        return APIRoute(self.path, self.endpoint, **whole)


def with_models(routes: Sequence[BaseRoute]) -> APIRouter:
    """Return a router with routes as the contract has them."""
    return APIRouter(routes=[route.described() if isinstance(route, Route) else route for route in routes])
