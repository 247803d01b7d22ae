"""The pages for people: the inspector with its files, and the landing page of the server."""

import html
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse
from starlette.routing import Match
from starlette.types import Scope

from chatdouble.backend import call_of
from chatdouble.core.errors import APIError
from chatdouble.core.head import INSPECTOR, INSPECTOR_FILES, LANDING
from chatdouble.server.control.access import Access
from chatdouble.server.pipeline import wants_page

_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_FOREVER: Final = "public, max-age=31536000, immutable"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_PAGE: Final = {
    "cache-control": "no-store",
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
}


@dataclass(frozen=True)
class Files:
    """The files of the inspector. Their addresses contain a digest of all of them, so browsers may keep them.

    Attributes:
        folder: The folder.
    """

    folder: Traversable

    @cached_property
    def contents(self) -> dict[str, bytes]:
        """The contents of the files that pages use, by name."""
        return {
            f"{place}{one.name}": one.read_bytes()
            for place, folder in (("", self.folder), ("vendor/", self.folder / "vendor"))
            for one in sorted(folder.iterdir(), key=lambda one: one.name)
            if one.name.rpartition(".")[2] in _TYPES
        }

    @cached_property
    def digest(self) -> str:
        """The digest of all files."""
        found = blake2b(digest_size=8)
        for name, content in self.contents.items():
            found.update(f"{name} {len(content)}\n".encode() + content)
        return found.hexdigest()

    def page(self, name: str, **values: str) -> Response:
        """Return a page, in which `{{name}}` stands for a value."""
        text = (self.folder / name).read_text(encoding="utf-8")
        own = {"files": f"{INSPECTOR_FILES}{self.digest}", "version": version("chatdouble")}
        for key, value in (own | values).items():
            text = text.replace(f"{{{{{key}}}}}", html.escape(value))
        return Response(text, media_type="text/html", headers=_PAGE)


def routes(access: Access) -> APIRouter:
    """Return the routes of the pages."""
    router = APIRouter(include_in_schema=False)
    kept = Files(files("chatdouble.server") / "inspector")

    @router.api_route(INSPECTOR, methods=["GET", "HEAD"])
    async def inspector(request: Request) -> Response:
        """Return the inspector."""
        return kept.page("inspector.html", key=access.key_of_page(call_of(request.scope)))

    @router.api_route(INSPECTOR.rstrip("/"), methods=["GET", "HEAD"])
    async def slash() -> Response:
        """Redirect to the inspector."""
        return RedirectResponse(INSPECTOR, 307)

    @router.api_route(INSPECTOR_FILES + "{digest}/{name:path}", methods=["GET", "HEAD"])
    async def file(digest: str, name: str) -> Response:
        """Return a file of the pages."""
        content = kept.contents.get(name)
        if content is None:
            raise APIError(f"The inspector has no file {name!r}.", status=404, code="unknown_url")
        # A page of an older version may still ask: it gets the newer file, which nobody keeps.
        cached = _FOREVER if digest == kept.digest else "no-store"
        kind = _TYPES[name.rpartition(".")[2]]
        return Response(content, media_type=kind, headers={**_PAGE, "cache-control": cached})

    _add_landing(router, kept)
    return router


def _add_landing(router: APIRouter, kept: Files) -> None:
    """Add the landing page to a router."""
    pages = APIRouter(route_class=_ForBrowsers)

    @pages.api_route(LANDING, methods=["GET", "HEAD"])
    async def landing(request: Request) -> Response:
        """Return the landing page."""
        return kept.page("landing.html", base=f"{request.url.scheme}://{request.url.netloc}/v1")

    router.include_router(pages)


class _ForBrowsers(APIRoute):
    """A route that is there for browsers only."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a request of a browser."""
        return super().matches(scope) if wants_page(call_of(scope)) else (Match.NONE, {})
