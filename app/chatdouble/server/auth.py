"""Authentication: the key of a request, whether it is accepted, and the session it names."""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

from chatdouble.core.errors import APIError
from chatdouble.core.head import RequestHeaders, given_key
from chatdouble.recordings.secret_kinds import is_real
from chatdouble.validation.wording.refusals import invalid_api_key
from chatdouble.validation.wording.requests import no_key

ANONYMOUS: Final = "anonymous"

ALL: Final = "*"
"""The name that stands for every session, in the query of control requests; no session has it."""

_CALLERS: Final = 1024
"""Callers that are remembered; each client sends the same key with every request."""
_LONGEST_REMEMBERED: Final = 4096
"""The longest headers whose caller is remembered."""
_LONGEST_NAME: Final = 256
"""The longest name of a session, in bytes."""


class Caller(NamedTuple):
    """A client that may come in, as its key tells.

    Attributes:
        session: The name that its session is kept by.
        shown: The name that its session is shown by.
        has_key: Whether it has a key.
    """

    session: str
    shown: str
    has_key: bool


class Auth:
    """Decides which keys are accepted.

    Args:
        keys: The accepted keys; without any, every key that is not empty.
        required: Whether a request without a key is refused.

    Attributes:
        required: As given.
    """

    def __init__(self, keys: Sequence[str] = (), *, required: bool = True) -> None:
        self._keys = [key.encode() for key in keys]
        self.required = required
        self._known: Final[Callable[[bytes, bytes], Caller]] = lru_cache(maxsize=_CALLERS)(self._found)

    def caller(self, headers: RequestHeaders) -> Caller:
        """Return the caller by its key alone; without a key it names no session.

        Raises:
            APIError: 401: the key is not accepted (errors#keys).
        """
        authorization, api_key = headers.raw(b"authorization") or b"", headers.raw(b"api-key") or b""
        find = self._known if len(authorization) + len(api_key) <= _LONGEST_REMEMBERED else self._found
        return find(authorization, api_key)

    def _found(self, authorization: bytes, api_key: bytes) -> Caller:
        key = given_key({"authorization": authorization.decode("latin-1"), "api-key": api_key.decode("latin-1")})
        if key is None:
            return named(ANONYMOUS, has_key=False)
        self.check(key)
        return named(identity_of_key(key))

    def check(self, key: str | None) -> None:
        """Check the key of a request.

        Raises:
            APIError: 401: the key is missing or not accepted (errors#keys).
        """
        if key == ALL:
            raise invalid_api_key(key)
        if not self.required:
            return
        if key is None:
            raise no_key()
        if self._keys and not self._accepts(key):
            raise invalid_api_key(key)

    def _accepts(self, key: str) -> bool:
        # Every key is compared, so that timing reveals nothing.
        return sum(hmac.compare_digest(key.encode(), known) for known in self._keys) > 0


def named(session: str, *, has_key: bool = True) -> Caller:
    """Return the caller whose session has a name."""
    return Caller(identity_of(session), session, has_key)


def session_of(headers: Mapping[str, str], key: str | None) -> str:
    """Return the session of a request: `X-Double-Session`, else its key.

    A session is named by a digest where the key looks like a real one, or is longer than a name may be.

    Raises:
        APIError: 400: the header is no name that a session may have.
    """
    if named := headers.get("x-double-session", "").strip(" \t"):  # the parser leaves blanks at the end
        if named == ALL or len(named) > _LONGEST_NAME:
            raise APIError(
                f"X-Double-Session: a session has a name of at most {_LONGEST_NAME} bytes other than '{ALL}'; only "
                "?session=* of control requests means all sessions.",
                param="session",
                code="invalid_session",
            )
        return _shown(named, is_key=False)
    return identity_of_key(key) if key else ANONYMOUS


def identity_of_key(key: str) -> str:
    """Return the name of a key's session.

    What lists and logs show for a key that looks real is no key: sent as one, it is named by a digest of its own.
    """
    return _by_digest(key) if re.fullmatch(_DIGEST, key, re.DOTALL) else identity_of(key)


def identity_of(name: str) -> str:
    """Return the name that a session is kept by, given a name or a key in any form.

    A long word may be an Azure key or the name that a header gives: both find the same session.
    """
    return _shown(name, is_key=True) if len(name) <= _LONGEST_NAME else _by_digest(name)


@lru_cache(maxsize=_CALLERS)
def _shown(name: str, *, is_key: bool) -> str:
    if is_real(name, is_key=is_key):
        return _by_digest(name)
    return name


def _by_digest(name: str) -> str:
    return f"sk-...{name[-4:]}-{blake2b(name.encode(), digest_size=6).hexdigest()}"


_DIGEST: Final = r"sk-\.\.\..{4}-[0-9a-f]{12}"
"""A name by digest, as a regular expression."""
