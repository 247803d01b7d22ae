"""The control route that exports the journal."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from chatdouble.server.control.control import Control
from chatdouble.server.export.format_name import FormatName
from chatdouble.server.routes.control.parts import Whose
from chatdouble.server.routes.control.requests import Asked

_JSON: Final = {
    "anyOf": [
        {"type": "array", "items": {"$ref": "#/components/schemas/Entry"}},
        {"type": "object", "description": "An HTTP archive, or a script."},
    ]
}
_EXPORTED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The requests in the format.",
        "content": {
            "application/json": {"schema": _JSON},
            "application/yaml": {"schema": {"type": "object", "description": "A script."}},
            **{kind: {"schema": {"type": "string"}} for kind in ("application/jsonl", "text/plain; charset=utf-8")},
        },
    }
}


class AskedExport(Asked):
    """The query of an export."""

    format: FormatName = Field("json", description="The format.")


def add(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the route to a router, before that of one request."""

    @router.get(
        "/requests/export", operation_id="exportRequests", responses=_EXPORTED, response_class=StreamingResponse
    )
    async def export(request: Request, asked: Annotated[AskedExport, Query()]) -> Response:
        """Export the requests that the query selects.

        `json` and `jsonl` are entries as in the list, `har` an HTTP archive, `curl` commands. `rule` is a script file,
        and `turns` has a body for `POST /_double/script` in each line; both give the same answers again.
        """
        session = whose(request, asked.session)
        content_type, pieces = await control.requests.export(session, asked.selection(), asked.format)
        return StreamingResponse(_made_apart(pieces), media_type=content_type)


async def _made_apart(pieces: Generator[bytes]) -> AsyncGenerator[bytes]:
    """Yield pieces that the few threads for long work make."""
    try:
        while piece := await asyncio.to_thread(next, pieces, b""):
            yield piece
    finally:
        # A thread also frees the entries that are left when the client has gone.
        asyncio.get_running_loop().run_in_executor(None, pieces.close)
