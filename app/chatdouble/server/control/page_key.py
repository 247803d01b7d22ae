"""The key of the inspector's page: where no keys are configured, the page controls all sessions by itself."""

import hmac
import secrets
from functools import cached_property
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from chatdouble.backend import Call


class PageKey:
    """A key that only the inspector's page knows, if a browser on the server's own machine has opened it.

    Args:
        opens: Whether there is one: no key is configured, so that nobody on this machine is kept out.
    """

    def __init__(self, *, opens: bool) -> None:
        self._opens = opens

    @cached_property
    def _value(self) -> str:
        return secrets.token_urlsafe(24)

    def of(self, call: Call[Any]) -> str:
        """Return the key for the page that a request asks for; empty: the page has to ask its user."""
        return self._value if self._opens and _is_local(call) and _is_direct(call) else ""

    def is_key(self, given: str) -> bool:
        """Tell whether a key is this one."""
        return self._opens and hmac.compare_digest(given.encode(), self._value.encode())


def _is_local(call: Call[Any]) -> bool:
    """Tell whether a request comes from the server's own machine, to an address that no other name can stand for."""
    client: tuple[str, int] | None = call.scope.get("client")
    host = urlsplit(f"//{call.headers.get('host', '')}").hostname or ""
    return client is not None and _is_loopback(client[0]) and (host == "localhost" or _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_direct(call: Call[Any]) -> bool:
    """Tell whether a person opens the page: no proxy, and no page of another server, stands between."""
    headers = call.headers
    is_relayed = any(name in headers for name in ("forwarded", "x-forwarded-for", "origin"))
    if headers.get("sec-fetch-mode", "navigate") == "navigate":  # whoever links to the page cannot read it
        return not is_relayed
    return not is_relayed and headers.get("sec-fetch-site") == "same-origin"
