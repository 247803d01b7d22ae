"""The trace that a request belongs to, as its client tells (W3C Trace Context)."""

import re
from typing import Final, NamedTuple

HEADER: Final = b"traceparent"

_FORM: Final = rb"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?"
_FIRST_VERSION: Final = b"00"


class Trace(NamedTuple):
    """A place in a trace.

    Attributes:
        trace_id: The trace, in 32 hexadecimal digits.
        span_id: The span in it, in 16.
    """

    trace_id: str
    span_id: str


def trace_in(header: bytes | None) -> Trace | None:
    """Return the trace that a `traceparent` names; None: there is none, or it is not valid."""
    found = re.fullmatch(_FORM, header) if header else None
    # Later versions may have more fields, the first one has none.
    if found is None or (found[1] == _FIRST_VERSION and found[4] is not None):
        return None
    return Trace(found[2].decode(), found[3].decode())
