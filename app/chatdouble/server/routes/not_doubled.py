"""Endpoints that the API has and the double does not."""

import re
from typing import Final

from chatdouble.core.errors import APIError

NOT_DOUBLED: Final = (
    *("agents", "assistants", "audio", "batches", "chatkit", "completions", "containers"),
    *("content_provenance_checks", "decisions", "evals", "files", "fine_tuning"),
    *("images", "live", "organization", "projects", "realtime", "safety", "skills"),
    *("threads", "traces", "uploads", "vaults", "vector_stores", "videos", "webhook_endpoints"),
    "webhook_event_types",
)
"""The first parts of their paths, in the official SDKs and reference (endpoints#others)."""

_NAMES: Final = rf"(?:{'|'.join(NOT_DOUBLED)})(?:/.*)?"
_PATH: Final = re.compile(rf"(?:/.+)?/v1/{_NAMES}|(?:/.+)?/openai/(?:deployments/[^/]+/)?{_NAMES}|/{_NAMES}")
"""Their paths below /v1, in Azure's forms, and at the root."""

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
