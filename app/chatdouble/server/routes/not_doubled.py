"""Endpoints that the API has and the double does not."""

import re
from typing import Final

from chatdouble.core.errors import APIError

NOT_DOUBLED: Final = (
    *("assistants", "audio", "batches", "chatkit", "completions", "containers", "conversations", "embeddings"),
    *("evals", "files", "fine_tuning", "images", "moderations", "organization", "projects", "realtime"),
    *("responses", "skills", "threads", "uploads", "vector_stores", "videos"),
)
"""The first parts of their paths, in the official SDKs and reference; see docs/reference/endpoints.md."""

_PATH: Final = re.compile(rf"(?:/.+)?/v1/(?:{'|'.join(NOT_DOUBLED)})(?:/.*)?|/(?:{'|'.join(NOT_DOUBLED)})(?:/.*)?")

CODE: Final = "endpoint_not_doubled"


def not_doubled(method: str, path: str) -> APIError | None:
    """Return the error for an endpoint that only the real API has; None: the API has no such endpoint either.

    Args:
        method: The HTTP method.
        path: The path as it was asked for.
    """
    if not _PATH.fullmatch(path):
        return None
    return APIError(
        f"chatdouble does not double {method} {path}, which the real API has. "
        "Relay it: run chatdouble with --upstream and --mode passthrough or record; or answer it from another server.",
        status=404,
        code=CODE,
    ).with_headers({"x-should-retry": "false"})
