"""What a recording is called: what was asked, in words, and a fingerprint of all of it."""

import re
from hashlib import blake2b
from typing import Any, Final
from unicodedata import normalize

import orjson

from chatdouble.answer.texts import messages_of, text_of
from chatdouble.script.kinds import is_object

_WORDS: Final = 48
"""How many characters of the model and the question a name has."""


def name_of(request: Any) -> str:
    """Return the name of a recording: the model, the beginning of the last message that has text, a fingerprint.

    Args:
        request: The request as it is recorded.
    """
    body = request if is_object(request) else {}
    said = [text_of(message.get("content")) for message in messages_of(body)]
    words = [_slug(str(body.get("model", ""))), _slug(next((text for text in reversed(said) if text), ""))]
    return "-".join([*(word for word in words if word), fingerprint(request)])


def fingerprint(request: Any) -> str:
    """Return 12 hexadecimal digits that tell one recorded request from another."""
    return blake2b(orjson.dumps(request, option=orjson.OPT_SORT_KEYS), digest_size=6).hexdigest()


def _slug(text: str) -> str:
    """Return a text's beginning as lower-case letters, digits and hyphens."""
    plain = normalize("NFKD", text[:200]).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9.]+", "-", plain).strip("-.")
    return words[:_WORDS].rstrip("-.")
