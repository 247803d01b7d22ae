"""All routes, and the contract at /openapi.json."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, FastAPI, Path, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter

from chatdouble.apis.chat import CHAT
from chatdouble.apis.embeddings import EMBEDDINGS
from chatdouble.apis.endpoint import Endpoint
from chatdouble.apis.moderations import MODERATIONS
from chatdouble.apis.responses.api import RESPONSES, ResponsesReader
from chatdouble.backend import call_of
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.errors import ErrorResponse
from chatdouble.core.head import CONTROL
from chatdouble.schema.chunk import Chunk
from chatdouble.schema.completion import Completion
from chatdouble.schema.model import DeleteModelResponse, ListModelsResponse
from chatdouble.schema.model import Model as ModelObject
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.schema.responses.answer import Response as Response_
from chatdouble.schema.responses.events import ResponseStreamEvent
from chatdouble.schema.responses.request import ResponsesRequest
from chatdouble.server.routes import conversations, inputs, models, responses
from chatdouble.server.routes import stored_completions as stored
from chatdouble.server.routes.api import answered, new_api
from chatdouble.server.routes.components import move_definitions
from chatdouble.server.routes.control.inspector import routes as inspector
from chatdouble.server.routes.control.routes import routes as control
from chatdouble.server.routes.raw import raw_router
from chatdouble.server.routes.route import ALONE, Route, with_models

if TYPE_CHECKING:
    from chatdouble.server.application import Application


_ERROR: Final = {"$ref": "#/components/schemas/ErrorResponse"}
_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    # By reference: FastAPI would make a model of its own for each status of each route, which takes seconds.
    status: {"description": description, "content": {"application/json": {"schema": _ERROR}}}
    for status, description in (
        (400, "The request is wrong."),
        (401, "There is no key, or a wrong one."),
        (403, "The key is not allowed to do this."),
        (404, "There is no such model, completion or URL."),
        (405, "The URL has no such method."),
        (413, "The body is too large."),
        (429, "A rate limit or the quota is reached."),
        (500, "The server failed."),
    )
}


def contract(app: "Application") -> FastAPI:
    """Return the FastAPI application with all routes of a server."""
    with ALONE:
        return _routes(app)


def _routes(app: "Application") -> FastAPI:
    api, settings = new_api(), app.settings
    routers = (
        _served(_CHAT, app.endpoints[CHAT.path]),
        _served(_RESPONSES, app.endpoints[RESPONSES.path]),
        inputs.embeddings(app.endpoints[EMBEDDINGS.path]),
        inputs.moderations(app.endpoints[MODERATIONS.path]),
        stored.routes(app.stored),
        responses.routes(ResponsesReader(app.catalogue, app.services.tokens, settings.validation), settings.max_body),
        conversations.routes(),
        _models(app.catalogue, any_id=settings.validation == "off"),
        controlled := control(app.control, app.access),
        inspector(app.access),
    )
    for router in routers:
        api.router.routes += router.routes  # FastAPI's own way would make every route once more
    api.state.control_paths = sorted({route.path for route in controlled.routes if isinstance(route, APIRoute)})
    api.openapi = _once(partial(_described, routers))  # type: ignore[method-assign] # FastAPI's way
    return api


def _once(describe: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Return a function that describes the routes when it is first called; threads that call it meanwhile wait."""
    described = lru_cache(maxsize=1)(describe)

    def once() -> dict[str, Any]:
        with ALONE:
            return described()

    return once


def _described(routers: Sequence[APIRouter]) -> dict[str, Any]:
    """Return the contract of routes."""
    api = new_api()
    for router in routers:
        api.include_router(with_models(router.routes), responses=_ERRORS)
    described = api.openapi()
    _remove_422(described)
    _add_pieces(described)
    move_definitions(described)
    _add_security(described)
    for path, operations in described["paths"].items():
        for operation in operations.values():
            _summarize(operation)
        if path.startswith(CONTROL):
            operations["servers"] = [{"url": "/"}]  # the control is not below /v1
    return described


def _add_security(described: dict[str, Any]) -> None:
    """Add the ways to send a key, either of which is enough."""
    described["components"]["securitySchemes"] = {
        "ApiKeyAuth": {"type": "http", "scheme": "bearer", "description": "The key, as OpenAI's clients send it."},
        "AzureApiKey": {
            "type": "apiKey",
            "in": "header",
            "name": "api-key",
            "description": "The key, as Azure's clients send it.",
        },
    }
    described["security"] = [{"ApiKeyAuth": []}, {"AzureApiKey": []}]


def _summarize(operation: dict[str, Any]) -> None:
    """Make the first sentence of an operation's description its summary, in place of its function's name."""
    summary, _, rest = operation.pop("description").partition("\n\n")
    operation["summary"] = " ".join(summary.split())
    if rest:
        operation["description"] = rest


def _add_pieces(described: dict[str, Any]) -> None:
    """Add the schemas that no route has as its response model: of errors, and of the pieces of streams."""
    schemas: dict[str, Any] = described["components"]["schemas"]
    pieces: dict[str, Any] = {
        "ErrorResponse": ErrorResponse,
        "Chunk": Chunk,
        "ResponseStreamEvent": ResponseStreamEvent,
    }
    for name, piece in pieces.items():
        schema = TypeAdapter[Any](piece).json_schema(ref_template="#/components/schemas/{model}")
        for inner, definition in schema.pop("$defs", {}).items():
            schemas.setdefault(inner, definition)
        schemas[name] = schema


def _remove_422(described: dict[str, Any]) -> None:
    """Remove FastAPI's own errors from the contract: a wrong request gets a 400 here."""
    for path in described["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
    for name in ("HTTPValidationError", "ValidationError"):
        described["components"]["schemas"].pop(name, None)


@dataclass(frozen=True, slots=True)
class _Operation:
    """An operation that FastAPI documents and an endpoint serves.

    Attributes:
        path: Its path.
        operation_id: Its name in the published contract.
        description: Its first sentence.
        request: The type of its body.
        response: The type of its answer.
        stream: The schema of the pieces of its stream.
        example: A body.
    """

    path: str
    operation_id: str
    description: str
    request: type[BaseModel]
    response: Any
    stream: str
    example: dict[str, Any]


_CHAT: Final = _Operation(
    "/chat/completions",
    "createChatCompletion",
    "Create a chat completion.",
    ChatCompletionRequest,
    Completion,
    "Chunk",
    {"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": "Hello!"}]},
)
_RESPONSES: Final = _Operation(
    "/responses",
    "createResponse",
    "Create a response.",
    ResponsesRequest,
    Response_,
    "ResponseStreamEvent",
    {"model": "gpt-5.4-mini", "input": "Hello!"},
)


def _served(operation: _Operation, endpoint: Endpoint) -> APIRouter:
    def create(body: Any) -> None:
        """Stand in for the endpoint, which answers."""

    create.__annotations__["body"] = operation.request
    router = raw_router(endpoint)
    stream = {"text/event-stream": {"schema": {"$ref": f"#/components/schemas/{operation.stream}"}}}
    router.add_api_route(
        operation.path,
        create,
        methods=["POST"],
        operation_id=operation.operation_id,
        description=operation.description,
        response_model=operation.response,
        responses={200: {"description": "The answer, or with `stream: true` its pieces.", "content": stream}},
        openapi_extra={"requestBody": {"content": {"application/json": {"example": operation.example}}}},
    )
    return router


ModelName = Annotated[str, Path(description="The model's name.", examples=["gpt-5.4-mini"])]


def _models(catalogue: Catalogue, *, any_id: bool) -> APIRouter:
    router = APIRouter(prefix="/models", route_class=Route)

    def now(request: Request) -> float:
        return call_of(request.scope).services.clock.now()

    @router.get("", operation_id="listModels", response_model=ListModelsResponse)
    async def listed(request: Request) -> Response:
        """List the models that are served."""
        return answered(models.listed(catalogue, now(request)))

    @router.get("/{model:path}", operation_id="retrieveModel", response_model=ModelObject)
    async def retrieve(request: Request, model: ModelName) -> Response:
        """Get a model."""
        return answered(models.one(catalogue, model, now(request), any_id=any_id))

    @router.delete("/{model:path}", operation_id="deleteModel", response_model=DeleteModelResponse)
    async def delete(request: Request, model: ModelName) -> Response:
        """Delete a fine-tuned model."""
        return answered(models.deleted(catalogue, model, now(request), any_id=any_id))

    return router
