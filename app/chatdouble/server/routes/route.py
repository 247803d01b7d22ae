"""Routes whose contract is made when somebody asks for it, and the bodies that they take."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter
from starlette.routing import BaseRoute


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
        """Return the body in the contract's terms.

        The models in it are in its `$defs`, from where the contract moves them to its components.
        """
        schema = TypeAdapter(self.kind).json_schema(ref_template="#/components/schemas/{model}")
        if isinstance(self.kind, type) and issubclass(self.kind, BaseModel) and "$ref" not in schema:
            name, definitions = self.kind.__name__, schema.pop("$defs", {})
            schema = {"$ref": f"#/components/schemas/{name}", "$defs": {**definitions, name: schema}}
        content = {"schema": schema, "example": self.example}
        return {"description": self.description, "required": self.required, "content": {"application/json": content}}


class Route(APIRoute):
    """A route that serves without the models of its answers.

    FastAPI makes them when it adds a route, which is most of the time until a server answers its first control request.
    Only the contract needs them, since every route returns a response.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        served: dict[str, Any] = {**given, "response_model": None, "responses": None}
        super().__init__(path, endpoint, **served)
        self._given = given

    def described(self) -> APIRoute:
        """Return the route as the contract has it."""
        extra: dict[str, Any] = self._given.get("openapi_extra") or {}
        bodies = {key: part.described() for key, part in extra.items() if isinstance(part, TypedBody)}
        whole: dict[str, Any] = {**self._given, "openapi_extra": {**extra, **bodies}}
        return APIRoute(self.path, self.endpoint, **whole)


def with_models(routes: Sequence[BaseRoute]) -> APIRouter:
    """Return a router with routes as the contract has them."""
    return APIRouter(routes=[route.described() if isinstance(route, Route) else route for route in routes])
