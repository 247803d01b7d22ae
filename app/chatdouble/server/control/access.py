"""Access: which sessions a request may control, and which web pages may ask at all."""

import hmac
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from secrets import token_urlsafe
from typing import Any, Final

from chatdouble.backend import Call
from chatdouble.core.errors import APIError
from chatdouble.core.head import RequestHeaders, given_key
from chatdouble.core.legible import has_controls
from chatdouble.server.auth import ALL, ANONYMOUS, identity_of, identity_of_key

_HOST: Final = r"(?:\[(?P<ipv6>[^\[\]]+)\]|(?P<name>[^\[\]:]+))(?::\d*)?"
_WITHOUT_DOT: Final = r"[a-z0-9_-]+"
_FORWARDED: Final = (
    *(b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip"),
    *(b"x-client-ip", b"x-cluster-client-ip", b"cf-connecting-ip", b"true-client-ip"),
)
"""Headers of proxies: the address of the connection is the proxy's, and not the client's."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Access:
    """Decides who may control sessions.

    Attributes:
        key: The control key; None: there is none.
        hosts: Names that the server is reached by, other than addresses, `localhost` and names without a dot.
            `*.example.com` stands for all names below it, and `*` for every name.
        is_open: Whether no keys are configured, so that the inspector's page controls all sessions.
        page_key: The key of this page, which no other client knows.
    """

    key: str | None = None
    hosts: tuple[str, ...] = ()
    is_open: bool = False
    page_key: str = field(default_factory=lambda: token_urlsafe(24))

    def key_of_page(self, call: Call[Any]) -> str:
        """Return the key for the inspector's page, which thereby opens by itself; empty: it asks its user for one.

        The page gets the key in a browser on the server's own machine, at an address that no other name can stand for.
        """
        name = _name_in(call.headers.get("host", "").lower())
        is_direct = name == "localhost" or _is_loopback(name)
        return self.page_key if self.is_open and is_direct and _is_local(call) else ""

    def session(self, call: Call[Any], named: str | None) -> str:
        """Return the name of the session that a control request is for: its own, or another that it may control.

        Args:
            call: The request, whose session is the one that its `X-Double-Session` or its key names.
            named: The session that the query names; `*` is every session.

        Raises:
            APIError: 403: it names another session than its key's, and may not control it; 400: the name has control
                characters.
        """
        own = call.session.name
        if named is not None and has_controls(named):
            raise APIError(
                "session: a session's name has no control characters.", param="session", code="invalid_session"
            )
        if named is not None and (named == ALL or identity_of(named) != own):
            if not self._has_key(call.headers):
                raise _not_yours(named)
            return named
        key = given_key(call.headers)
        if own != (identity_of_key(key) if key else ANONYMOUS) and not self._may_control_all(call):
            raise _not_yours(call.session.shown)
        return own

    def check_all(self, call: Call[Any]) -> None:
        """Check that a request may read what belongs to no session.

        Raises:
            APIError: 403: it has no control key; or there is none, and the request comes from another machine.
        """
        if not self._may_control_all(call):
            raise APIError(
                "This belongs to no session: send the server's --control-key. Without a control key, only clients on "
                "the server's own machine may read it.",
                status=403,
                code="control_key_required",
            )

    def check_page(self, headers: RequestHeaders) -> None:
        """Check that a request does not come from a web page of another server.

        Clients that are no browsers send no `Origin` and name the server as they reach it.

        Raises:
            APIError: 403: the `Host` is a name that anybody may own, or the page is another server's.
        """
        host = headers.get("host", "").lower()
        if host and not self._is_ours(host):
            raise APIError(
                f"The host {_short(host)} is not known to be this server, so a web page could pretend that it is: "
                "use an address, localhost or a name without a dot, or start the server with --allowed-host.",
                status=403,
                param="host",
                code="host_not_allowed",
            )
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
            raise _foreign(f"The page {_short(origin)} is not this server's")
        if "cross-site" in headers.get("sec-fetch-site", "").lower():
            raise _foreign("The page that asks is not this server's")

    def _may_control_all(self, call: Call[Any]) -> bool:
        return _is_local(call) if self.key is None else self._has_key(call.headers)

    def _has_key(self, headers: RequestHeaders) -> bool:
        given = given_key(headers) or ""
        keys = (self.key, self.page_key if self.is_open else None)
        return any(hmac.compare_digest(given.encode(), key.encode()) for key in keys if key is not None)

    def _is_ours(self, host: str) -> bool:
        """Tell whether a `Host` cannot be a name that somebody else has pointed to this machine (DNS rebinding)."""
        name = _name_in(host)
        if not name:
            return False
        if _is_address(name) or (host[0] != "[" and re.fullmatch(_WITHOUT_DOT, name)):
            return True
        return any(_matches(name, allowed.lower()) for allowed in self.hosts)


def _name_in(host: str) -> str:
    """Return the name or the address in a `Host`; empty: it is no such header."""
    found = re.fullmatch(_HOST, host)
    return (found["ipv6"] or found["name"]) if found else ""


def _matches(name: str, allowed: str) -> bool:
    return name == allowed or (allowed.startswith("*") and name.endswith(allowed[1:]))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_local(call: Call[Any]) -> bool:
    """Tell whether a request comes from the server's own machine, and not through a proxy there."""
    client: tuple[str, int] | None = call.scope.get("client")
    return client is not None and _is_loopback(client[0]) and not any(map(call.headers.raw, _FORWARDED))


def _is_loopback(host: str) -> bool:
    if not _is_address(host):
        return False
    address = ip_address(host)
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


_LONGEST_SHOWN: Final = 100


def _short(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}...")


def _not_yours(named: str) -> APIError:
    return APIError(
        f"Session {_short(named)} is not yours: send its own key, or the server's --control-key.",
        status=403,
        param="session",
        code="control_key_required",
    )


def _foreign(mistake: str) -> APIError:
    return APIError(
        f"{mistake}: only its own pages, and clients that are no web pages, may use /_double/, /docs and X-Double "
        "headers.",
        status=403,
        param="origin",
        code="origin_not_allowed",
    )
