"""Request paths: the API's own path behind any prefix, and Azure's deployment."""

import re
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from urllib.parse import unquote

_API: Final = r"(?P<api>/(?:chat/completions|embeddings|moderations|models|responses|conversations)(?:/.*[^/])?)"
_FORMS: Final = (
    # On Azure the deployment's name is the model's, unless the body names one.
    re.compile(r"(?P<dated>(?:/.+)?/openai/deployments)/(?P<deployment>[^/]+)" + _API),
    # What names its model in the body, or none, has no deployment there.
    re.compile(r"(?P<dated>(?:/.+)?/openai)(?P<api>/(?:models|responses|conversations)(?:/.*[^/])?)"),
    re.compile(r"(?P<azure>(?:/.+)?/openai/v1)" + _API),
    re.compile(r"(?:/.+?)??(?:/v1)" + _API),
    re.compile(_API),
)

_ANY_FORMS: Final = (
    re.compile(r"(?:/.+)?/openai/deployments/(?P<deployment>[^/]+)(?P<api>/.*)"),
    re.compile(r"(?:/.+?)??/v1(?P<api>/.*)"),
    re.compile(r"(?:/.+?)??/openai(?P<api>/.*)"),
    re.compile(r"(?P<api>.*)"),
)


INSPECTOR: Final = "/_double/"
"""The path of the inspector's page."""

INSPECTOR_FILES: Final = "/_double/assets/"
"""The prefix of the inspector's files."""

LANDING: Final = "/"
"""The path of a page for people; other clients that ask for it get the API's answer."""

_PAGES: Final = frozenset({"/docs", "/redoc"})
OPEN: Final = frozenset({"/health", "/ready", "/metrics", "/openapi.json", *_PAGES, INSPECTOR, INSPECTOR.rstrip("/")})
"""Paths that need no key and are not in the journal: probes, documentation and pages."""

_OPEN_PREFIXES: Final = ("/static-offline-docs/", INSPECTOR_FILES)

_LONGEST_REMEMBERED: Final = 1024

CONTROL: Final = "/_double/"
"""The prefix of the control API, whose requests are not in the journal."""


class RequestPath(NamedTuple):
    """A path without its prefix.

    Attributes:
        path: The API's own path, such as /chat/completions. A path that is not the API's is unchanged.
        deployment: Azure's deployment, if the path names one.
        is_open: Whether the path needs no key and is not in the journal.
        is_control: Whether the path belongs to the control API.
        is_guarded: Whether only this server's own web pages may ask for the path: the control API, the documentation.
        azure: Whether the path is Azure's, and if so, whether requests there name the version of the API.
    """

    path: str
    deployment: str | None = None
    is_open: bool = False
    is_control: bool = False
    is_guarded: bool = False
    azure: Literal["dated", "v1"] | None = None


def request_path(path: str) -> RequestPath:
    """Find the API's path in `/v1/...`, `/...`, any prefix that ends in `/v1`, and Azure's form."""
    return _known(path) if len(path) <= _LONGEST_REMEMBERED else _known.__wrapped__(path)


@lru_cache(maxsize=1024)
def _known(path: str) -> RequestPath:
    for form in _FORMS:
        if found := form.fullmatch(path):
            named = found.groupdict()
            azure: Literal["dated", "v1"] | None = "dated" if "dated" in named else "v1" if "azure" in named else None
            deployment = named.get("deployment")
            return RequestPath(found["api"], unquote(deployment) if deployment else None, azure=azure)
    is_control = path.startswith(CONTROL)
    is_open = path in OPEN or path.startswith(_OPEN_PREFIXES)
    return RequestPath(path, None, is_open, is_control, is_control or path in _PAGES)


def behind_prefix(path: str) -> tuple[str, str | None]:
    """Return any path without the prefix of a base URL, and Azure's deployment, if the path has one."""
    for form in _ANY_FORMS:
        if found := form.fullmatch(path):
            return found["api"], found.groupdict().get("deployment")
    return path, None
