"""The routes of stored responses: get, delete, cancel, input items, and the counts without an answer."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from chatdouble.apis.responses import stored
from chatdouble.apis.responses.api import ResponsesReader
from chatdouble.apis.stored_completions import Order, Page
from chatdouble.backend import Call, call_of
from chatdouble.http.bodies import read_body
from chatdouble.http.paced_response import EVENTS
from chatdouble.schema.responses.answer import Response as ResponseObject
from chatdouble.schema.responses.stored import (
    CompactedResponse,
    DeletedResponse,
    InputTokens,
    ItemList,
)
from chatdouble.server.routes.api import answered_soon
from chatdouble.server.routes.route import Route

After = Annotated[str | None, Query(description="The id after which the page begins.")]
Limit = Annotated[int, Query(ge=1, le=100, description="How many items at most.")]
Ordered = Annotated[Order, Query(description="By time, oldest (asc) or newest (desc) first.")]
Included = Annotated[list[str] | None, Query(alias="include[]", description="Further parts to include.")]
StartingAfter = Annotated[int, Query(description="The number of the last event that the client has.")]
Streamed = Annotated[bool, Query(description="Whether to replay the response as a stream.")]
Padded = Annotated[bool, Query(description="Whether deltas are padded.")]


class _Endpoints:
    """The operations as FastAPI endpoints."""

    def __init__(self, reader: ResponsesReader, max_body: int) -> None:
        self._reader = reader
        self._max_body = max_body

    async def get(
        self,
        request: Request,
        response_id: str,
        stream: Streamed = False,
        starting_after: StartingAfter = -1,
        include_obfuscation: Padded = True,
        include: Included = None,
    ) -> Response:
        """Get a stored response, or replay its stream from an event on."""
        del include
        call = call_of(request.scope)
        if not stream:
            return await answered_soon(await stored.get(call, response_id))
        frames = await stored.replay(call, response_id, starting_after, padded=include_obfuscation)
        return Response(b"".join(frames), headers={"content-type": EVENTS.decode()})

    async def delete(self, request: Request, response_id: str) -> Response:
        """Delete a stored response."""
        return await answered_soon(await stored.delete(call_of(request.scope).session, response_id))

    async def cancel(self, request: Request, response_id: str) -> Response:
        """Cancel a response in the background."""
        return await answered_soon(await stored.cancel(call_of(request.scope), response_id))

    async def input_items(
        self,
        request: Request,
        response_id: str,
        after: After = None,
        limit: Limit = 20,
        order: Ordered = "desc",
        include: Included = None,
    ) -> Response:
        """List the items that a stored response answered."""
        del include
        found = await stored.input_items(call_of(request.scope).session, response_id, Page(after, limit, order))
        return await answered_soon(found)

    async def input_tokens(self, request: Request) -> Response:
        """Count the tokens of a request's input."""
        return await answered_soon(await stored.input_tokens(await self._read(request), self._reader))

    async def compact(self, request: Request) -> Response:
        """Shorten a conversation."""
        return await answered_soon(await stored.compact(await self._read(request), self._reader))

    async def _read(self, request: Request) -> Call[Any]:
        call = call_of(request.scope)
        call.raw = await read_body(request.receive, call, self._max_body)
        return call


Method = Literal["GET", "POST", "DELETE"]

_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/ResponsesRequest"},
                "example": {"model": "gpt-5.4-mini", "input": "Hello!"},
            }
        }
    }
}
"""The body of operations that take a request without answering it."""


def routes(reader: ResponsesReader, max_body: int) -> APIRouter:
    """Return the router.

    Args:
        reader: Reads the requests whose tokens are counted.
        max_body: The largest body in bytes.
    """
    does, one = _Endpoints(reader, max_body), "/{response_id}"
    router = APIRouter(prefix="/responses", route_class=Route)
    for path, method, operation_id, endpoint, response_model in (
        ("/input_tokens", "POST", "Getinputtokencounts", does.input_tokens, InputTokens),
        ("/compact", "POST", "Compactconversation", does.compact, CompactedResponse),
        (one, "GET", "getResponse", does.get, ResponseObject),
        (one, "DELETE", "deleteResponse", does.delete, DeletedResponse),
        (f"{one}/cancel", "POST", "cancelResponse", does.cancel, ResponseObject),
        (f"{one}/input_items", "GET", "listInputItems", does.input_items, ItemList),
    ):
        router.add_api_route(
            path,
            endpoint,
            methods=[method],
            operation_id=operation_id,
            response_model=response_model,
            openapi_extra=_BODY if endpoint in {does.input_tokens, does.compact} else None,
        )
    return router
