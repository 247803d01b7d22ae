"""Response headers in scripts, which must be legal HTTP."""

import re
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import AfterValidator

from chatdouble.scripts.format.base import is_template

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The name of a header (RFC 9110, 5.6.2)."""

LENGTH: Final = "content-length"
_CONNECTION: Final = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
_VISIBLE: Final = re.compile(r"[\t\x20-\x7e]*")
_SENT: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def checked_name(name: str) -> str:
    """Return the name of a header unchanged.

    Raises:
        ValueError: It is not a header's name, or the server sets the header itself.
    """
    if name.lower() == LENGTH:
        raise ValueError(f"the server computes {LENGTH}; to end an answer early, use the fault disconnect")
    return checked_raw_name(name)


def checked_raw_name(name: str) -> str:
    """Return the name of a header of a verbatim body unchanged.

    Raises:
        ValueError: It is not a header's name, or it is about the connection, which is the server's.
    """
    if _TOKEN.fullmatch(name) is None:
        raise ValueError(f"{name!r} is not the name of a header; use letters, digits and hyphens")
    if name.lower() in _CONNECTION:
        raise ValueError(f"{name.lower()} is about the connection, which the server manages; leave it out")
    return name


def is_visible(value: str) -> bool:
    """Tell whether a header can have a value: printable ASCII characters and tabs."""
    return _VISIBLE.fullmatch(value) is not None


def checked_value(value: str) -> str:
    """Return the value of a header unchanged; a template is checked once it is rendered.

    Raises:
        ValueError: It has characters that headers cannot have.
    """
    if not is_template(value) and not is_visible(value):
        raise ValueError("the value of a header has only printable ASCII characters: no line breaks, no umlauts")
    return value


def checked_recorded(given: str | list[str]) -> str | list[str]:
    """Return the value or values of a recorded header unchanged.

    Raises:
        ValueError: One has characters that no upstream can have sent.
    """
    if any(_SENT.fullmatch(value) is None for value in ([given] if isinstance(given, str) else given)):
        raise ValueError("the value of a recorded header has only characters of Latin-1: no line breaks or controls")
    return given


def checked_length(headers: Mapping[str, str], length: int | None) -> None:
    """Check the content length among the headers of a body, if there is one.

    Args:
        headers: The headers.
        length: The body's length in bytes; None: it is not known before the answer.

    Raises:
        ValueError: It is not the body's length.
    """
    given = next((value for name, value in headers.items() if name.lower() == LENGTH), None)
    if given is None:
        return
    if length is None:
        raise ValueError(f"the body has a template, so its {LENGTH} is computed; leave it out")
    if given != str(length):
        raise ValueError(f"{LENGTH} is {given}, but the body has {length} bytes; leave it out, it is computed")


HeaderValue = Annotated[str, AfterValidator(checked_value)]
ResponseHeaders = dict[Annotated[str, AfterValidator(checked_name)], HeaderValue]
"""Headers of an answer whose body the server makes."""
RawName = Annotated[str, AfterValidator(checked_raw_name)]
RawHeaders = dict[RawName, HeaderValue]
"""Headers of a verbatim body, which may have its content length."""
RecordedHeaders = dict[RawName, Annotated[str | list[str], AfterValidator(checked_recorded)]]
"""Headers as an upstream sent them, never templates; a list holds several headers of the same name."""
