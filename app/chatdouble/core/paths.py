"""Where a request is going: the API's own path behind any prefix, and Azure's deployment."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

_API: Final = r"(?P<api>/(?:chat/completions|models)(?:/.*[^/])?)"
_FORMS: Final = (
    # Azure: the deployment's name is the model's unless the body names one.
    re.compile(r"(?:/.+)?/openai/deployments/(?P<deployment>[^/]+)" + _API),
    re.compile(r"(?:/.+?)??(?:/v1)" + _API),
    re.compile(_API),
)

_ANY_FORMS: Final = (
    re.compile(r"(?:/.+)?/openai/deployments/(?P<deployment>[^/]+)(?P<api>/.*)"),
    re.compile(r"(?:/.+?)??/v1(?P<api>/.*)"),
    re.compile(r"(?:/.+?)??/openai(?P<api>/.*)"),
    re.compile(r"(?P<api>.*)"),
)


OPEN: Final = frozenset({"/health", "/ready", "/metrics", "/openapi.json", "/docs", "/redoc"})
"""Paths that ask for no key and leave no trace: probes and documentation."""

_OFFLINE_DOCS: Final = "/static-offline-docs/"

CONTROL: Final = "/_double/"
"""Where control lives; what it does is not part of what a session asked."""


@dataclass(frozen=True, slots=True)
class Place:
    """A path as the router wants it.

    Attributes:
        path: The API's own path, such as /chat/completions, or the path as it was.
        deployment: Azure's deployment, if the path has one.
        is_open: Whether it asks for no key and leaves no trace.
        is_control: Whether it is the double's own, and none of the API's.
    """

    path: str
    deployment: str | None = None
    is_open: bool = False
    is_control: bool = False


@lru_cache(maxsize=1024)
def place_of(path: str) -> Place:
    """Find the API's own path at `/v1/...`, at `/...`, under any prefix that ends in `/v1`, and in Azure's form."""
    for form in _FORMS:
        if found := form.fullmatch(path):
            deployment = found.groupdict().get("deployment")
            return Place(found["api"], unquote(deployment) if deployment else None)
    return Place(path, None, path in OPEN or path.startswith(_OFFLINE_DOCS), path.startswith(CONTROL))


def behind_prefix(path: str) -> tuple[str, str | None]:
    """Return any path without the prefix of a base URL, and Azure's deployment, if the path has one."""
    for form in _ANY_FORMS:
        if found := form.fullmatch(path):
            return found["api"], found.groupdict().get("deployment")
    return path, None
