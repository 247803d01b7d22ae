"""The routes of APIs whose requests have an input and no conversation: embeddings and moderations."""

from typing import Any, Final

from fastapi import APIRouter

from chatdouble.apis.embeddings import EMBEDDINGS
from chatdouble.apis.endpoint import Endpoint
from chatdouble.apis.moderations import MODERATIONS
from chatdouble.schema.embeddings import EmbeddingList, EmbeddingRequest
from chatdouble.schema.moderations import ModerationList, ModerationRequest
from chatdouble.server.routes.raw import raw_router

_EMBEDDED: Final = {"model": "text-embedding-3-small", "input": ["A black cat", "A dark kitten"]}
_MODERATED: Final = {"model": "omni-moderation-latest", "input": "I forgot to water my plants."}


def _example(value: Any) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"example": value}}}}


def embeddings(endpoint: Endpoint) -> APIRouter:
    """Return the route of embeddings."""
    router = raw_router(endpoint)

    @router.post(
        EMBEDDINGS.path,
        operation_id="createEmbedding",
        response_model=EmbeddingList,
        openapi_extra=_example(_EMBEDDED),
    )
    def create(body: EmbeddingRequest) -> None:
        """Embed texts: one vector for each input."""

    return router


def moderations(endpoint: Endpoint) -> APIRouter:
    """Return the route of moderations."""
    router = raw_router(endpoint)

    @router.post(
        MODERATIONS.path,
        operation_id="createModeration",
        response_model=ModerationList,
        openapi_extra=_example(_MODERATED),
    )
    def create(body: ModerationRequest) -> None:
        """Classify texts and images: scores for each category."""

    return router
