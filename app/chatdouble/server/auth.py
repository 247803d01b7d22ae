"""Authentication: the key of a request, whether it is accepted, and the session it names."""

import hmac
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from chatdouble.core.errors import APIError
from chatdouble.recordings.secret_kinds import is_real
from chatdouble.validation.refusals import invalid_api_key

ANONYMOUS: Final = "anonymous"

_MISSING: Final = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
    "(i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the "
    "API from your browser and are prompted for a username and password. You can obtain an API key from "
    "https://platform.openai.com/account/api-keys."
)
_CALLERS: Final = 1024
"""Keys that are remembered; each client sends the same key with every request."""


class Auth:
    """Decides which keys are accepted.

    Args:
        keys: The accepted keys; without any, every key that is not empty.
        required: Whether a request without a key is refused.
    """

    def __init__(self, keys: Sequence[str] = (), *, required: bool = True) -> None:
        self._keys = [key.encode() for key in keys]
        self._required = required

    def check(self, key: str | None) -> None:
        """Check the key of a request.

        Raises:
            APIError: 401: the key is missing or not accepted (errors#keys).
        """
        if not self._required:
            return
        if key is None:
            raise APIError(_MISSING, status=401)
        if self._keys and not self._accepts(key):
            raise invalid_api_key(key)

    def _accepts(self, key: str) -> bool:
        # Every key is compared, so that timing reveals nothing.
        return sum(hmac.compare_digest(key.encode(), known) for known in self._keys) > 0


def session_of(headers: Mapping[str, str], key: str | None) -> str:
    """Return the session of a request: `X-Double-Session`, else its key.

    A session is named by a digest where the key looks like a real one.
    """
    if named := headers.get("x-double-session"):
        return _shown(named, is_key=False)
    return _shown(key, is_key=True) if key else ANONYMOUS


def identity_of(name: str) -> str:
    """Return the name that a session is kept by, given a name or a key in any form.

    A long word may be an Azure key or the name that a header gives: both find the same session.
    """
    return _shown(name, is_key=True)


@lru_cache(maxsize=_CALLERS)
def _shown(name: str, *, is_key: bool) -> str:
    if is_real(name, is_key=is_key):
        return f"sk-...{name[-4:]}-{blake2b(name.encode(), digest_size=6).hexdigest()}"
    return name
