"""Routes that FastAPI documents and an API's endpoint serves."""

from fastapi import APIRouter
from starlette.types import Receive, Scope, Send

from chatdouble.apis.endpoint import Endpoint
from chatdouble.backend import call_of
from chatdouble.server.routes.route import Route


def raw_router(endpoint: Endpoint) -> APIRouter:
    """Return a router whose routes are served by an endpoint.

    Args:
        endpoint: The endpoint, which reads and answers the raw request.
    """

    class RawRoute(Route):
        """A route that FastAPI documents and the endpoint serves."""

        async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["method"] in (self.methods or ()):
                call = call_of(scope)
                call.receive, call.send = receive, send
                await endpoint(call)
            else:
                await super().handle(scope, receive, send)

    return APIRouter(route_class=RawRoute)
