"""The upstream's address, and the parts of requests and responses that travel there and back."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import httpx2

from chatdouble.backend import Call
from chatdouble.core.head import behind_prefix

HOP_BY_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that concern one connection rather than the message (RFC 9110, 7.6.1)."""

_WITHOUT_BODY: Final = (204, 304)
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

_OWN_HEADERS: Final = "x-double-"
"""The prefix of headers that are meant for this server."""

_AZURE: Final = "/openai/deployments/"


@dataclass(frozen=True, slots=True)
class Target:
    """An OpenAI-compatible API.

    Attributes:
        url: Its base URL, as SDKs take it; the query is sent with every request (Azure's `api-version`).
        key: The key to send in place of the client's; None sends the client's own.
    """

    url: httpx2.URL
    key: str | None = None

    @property
    def origin(self) -> str:
        """The scheme, host and port, for messages."""
        return f"{self.url.scheme}://{self.url.netloc.decode('ascii', 'replace')}"

    def request(self, call: Call, *, readable: bool) -> httpx2.Request:
        """Return the request to send for a call, with its body and end-to-end headers unchanged.

        Args:
            call: The call.
            readable: Whether to ask only for content encodings that can be undone here.
        """
        headers = dict(_forwarded(call.headers))
        if readable and "accept-encoding" in headers:
            headers["accept-encoding"] = "gzip" if "gzip" in headers["accept-encoding"] else "identity"
        if self.key is not None:
            headers.pop("authorization", None)
            headers.pop("api-key", None)
            headers |= {"api-key": self.key} if self._is_azure() else {"authorization": f"Bearer {self.key}"}
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        return httpx2.Request(call.method, self._url(call), headers=encoded, content=call.raw)

    def _url(self, call: Call) -> httpx2.URL:
        base = self.url.path.rstrip("/")
        # Azure's client names the deployment in the path, unless the base URL does so already.
        asked, deployment = behind_prefix(call.raw_path)
        inside = f"/deployments/{deployment}" if deployment and base.endswith("/openai") else ""
        path = f"{base}{inside}{asked}".encode("latin-1")
        query = b"&".join(part for part in (self.url.query, call.query) if part)
        return self.url.copy_with(raw_path=path + (b"?" + query if query else b""))

    def _is_azure(self) -> bool:
        path = f"{self.url.path.rstrip('/')}/"
        return self.url.host.endswith(".azure.com") or _AZURE in path or path.endswith("/openai/")


def target(base: str, key: str | None) -> Target:
    """Return the target for a base URL.

    Raises:
        ValueError: The base URL is invalid; the message says what to give.
    """
    try:
        url = httpx2.URL(base.strip())
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("upstream: not a base URL; give one such as https://api.openai.com/v1")
    if url.userinfo:
        raise ValueError("upstream: a password in the URL would appear in messages; give the key with --upstream-key")
    return Target(url, key)


def _forwarded(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return the headers of a request that go on to the upstream."""
    dropped = {*HOP_BY_HOP, "host", "content-length", "expect", *_connection_options(headers.items())}
    for name, value in headers.items():
        if name not in dropped and not name.startswith(_OWN_HEADERS):
            yield name, value


def end_to_end(response: httpx2.Response) -> Iterator[tuple[bytes, bytes]]:
    """Return the headers of a response that go on to the client, in order.

    Without `date`: this server sends its own, and a response has only one. Without a length that is not the body's:
    beside chunks (RFC 9112, 6.3), or of a response that has no body.
    """
    held = [(name.lower(), value) for name, value in response.headers.raw]
    options = _connection_options((name.decode("latin-1"), value.decode("latin-1")) for name, value in held)
    dropped = {name.encode() for name in (*HOP_BY_HOP, *options, "date")}
    if response.status_code in _WITHOUT_BODY or any(name == b"transfer-encoding" for name, _ in held):
        dropped.add(b"content-length")
    return ((name, value) for name, value in held if name not in dropped)


def has_controls(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Tell whether a header of a response has control characters, which HTTP does not allow (RFC 9110, 5.5)."""
    return any(_CONTROL.search(value) for _, value in headers)


def _connection_options(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Return the names of further hop-by-hop headers, which `connection` lists."""
    for name, value in headers:
        if name == "connection":
            yield from (part.strip().lower() for part in value.split(","))
