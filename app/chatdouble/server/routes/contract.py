"""All routes together, and with them the contract at /openapi.json."""

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, FastAPI, Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.errors import ErrorResponse
from chatdouble.schema.chunk import Chunk
from chatdouble.schema.completion import Completion
from chatdouble.schema.model import DeleteModelResponse, ListModelsResponse
from chatdouble.schema.model import Model as ModelObject
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.server.routes import control, models
from chatdouble.server.routes import stored_completions as stored
from chatdouble.server.routes.api import answered, new_api

if TYPE_CHECKING:
    from chatdouble.server.application import Application


_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": ErrorResponse, "description": description}
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
    """Return the FastAPI application with every route of a server."""
    api = new_api()
    for router in (
        _chat(app.chat),
        stored.routes(app.stored),
        _models(app.catalogue, any_id=app.settings.validation == "off"),
        control.routes(app.control),
    ):
        api.include_router(router, responses=_ERRORS)
    _forget_422(api)
    return api


def _forget_422(api: FastAPI) -> None:
    """Take out of the contract what FastAPI says of itself: here what is wrong with a request is a 400."""
    described = api.openapi()
    for path in described["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
    for name in ("HTTPValidationError", "ValidationError"):
        described["components"]["schemas"].pop(name, None)


def _chat(endpoint: ASGIApp) -> APIRouter:
    class RawRoute(APIRoute):
        """A route that FastAPI documents and the endpoint serves, bytes in, bytes out."""

        async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
            allowed = scope["method"] in (self.methods or ())
            await (endpoint if allowed else super().handle)(scope, receive, send)

    router = APIRouter(route_class=RawRoute)

    @router.post(
        "/chat/completions",
        operation_id="createChatCompletion",
        response_model=Completion,
        responses={200: {"description": "The answer, or with `stream: true` its chunks.", "content": _STREAM}},
    )
    def create(body: ChatCompletionRequest) -> None:
        """Create a chat completion."""

    # The chunk's schema has to be among the components for the stream's content to point at it.
    router.add_api_route("/_chunk", create, response_model=Chunk, include_in_schema=False)
    return router


_STREAM: Final = {"text/event-stream": {"schema": {"$ref": "#/components/schemas/Chunk"}}}


def _models(catalogue: Catalogue, *, any_id: bool) -> APIRouter:
    router = APIRouter(prefix="/models")

    @router.get("", operation_id="listModels", response_model=ListModelsResponse)
    async def listed() -> Response:
        """List the models."""
        return answered(models.listed(catalogue))

    @router.get("/{model:path}", operation_id="retrieveModel", response_model=ModelObject)
    async def retrieve(model: str) -> Response:
        """Get a model."""
        return answered(models.one(catalogue, model, any_id=any_id))

    @router.delete("/{model:path}", operation_id="deleteModel", response_model=DeleteModelResponse)
    async def delete(model: str) -> Response:
        """Delete a fine-tuned model."""
        return answered(models.deleted(catalogue, model, any_id=any_id))

    return router
