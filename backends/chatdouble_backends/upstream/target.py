"""Where an upstream is, and what of a request goes there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import httpx2

from chatdouble.backend import Call

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
"""Headers that are about one connection and not about what travels on it (RFC 9110, 7.6.1)."""

_OURS: Final = "x-double-"
"""What headers begin with that speak to this server."""

_PATH: Final = "/chat/completions"
_AZURE: Final = "/openai/deployments/"


@dataclass(frozen=True, slots=True)
class Target:
    """An OpenAI-compatible API.

    Attributes:
        url: Its base URL, as SDKs take it; a query goes with every request (Azure's `api-version`).
        key: The key sent there in place of the client's; None: the client's own.
    """

    url: httpx2.URL
    key: str | None = None

    @property
    def origin(self) -> str:
        """The scheme, host and port, for people to read."""
        return f"{self.url.scheme}://{self.url.netloc.decode('ascii', 'replace')}"

    def request(self, call: Call, *, readable: bool) -> httpx2.Request:
        """Return the request to send for a call: its body and end-to-end headers as they came.

        Args:
            call: The call.
            readable: Whether the answer must not be in an encoding that only the client can undo.
        """
        headers = dict(self._headers(call.headers))
        if readable and "accept-encoding" in headers:
            headers["accept-encoding"] = "gzip" if "gzip" in headers["accept-encoding"] else "identity"
        if self.key is not None:
            headers.pop("authorization", None)
            headers.pop("api-key", None)
            headers |= {"api-key": self.key} if self._is_azure() else {"authorization": f"Bearer {self.key}"}
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        return httpx2.Request("POST", self._url(call), headers=encoded, content=call.raw)

    def _headers(self, headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        aside = {*HOP_BY_HOP, "host", "content-length", "expect", *_named(headers.items())}
        for name, value in headers.items():
            if name not in aside and not name.startswith(_OURS):
                yield name, value

    def _url(self, call: Call) -> httpx2.URL:
        base = self.url.path.rstrip("/")
        # Azure's client names the deployment in the path; a base URL that already does so stands.
        inside = f"/deployments/{call.deployment}" if call.deployment and base.endswith("/openai") else ""
        path = f"{base}{inside}{_PATH}".encode()
        query = b"&".join(part for part in (self.url.query, call.query) if part)
        return self.url.copy_with(raw_path=path + (b"?" + query if query else b""))

    def _is_azure(self) -> bool:
        path = f"{self.url.path.rstrip('/')}/"
        return self.url.host.endswith(".azure.com") or _AZURE in path or path.endswith("/openai/")


def target(base: str, key: str | None) -> Target:
    """Return the target that the settings name.

    Raises:
        ValueError: The base URL is none; the message says what can be given.
    """
    try:
        url = httpx2.URL(base.strip())
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("upstream: not a base URL; give one such as https://api.openai.com/v1")
    if url.userinfo:
        raise ValueError("upstream: a URL with a password would be shown in messages; give the key with --upstream-key")
    return Target(url, key)


def end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """Return what of a response's headers goes on to the client, in order.

    `date` is not among them: this server sends its own, and there is one in a response.
    """
    held = [(name.lower(), value) for name, value in headers]
    named = _named((name.decode("latin-1"), value.decode("latin-1")) for name, value in held)
    aside = {name.encode() for name in (*HOP_BY_HOP, *named, "date")}
    return ((name, value) for name, value in held if name not in aside)


def _named(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Return the headers that `connection` says are about the connection."""
    for name, value in headers:
        if name == "connection":
            yield from (part.strip().lower() for part in value.split(","))
