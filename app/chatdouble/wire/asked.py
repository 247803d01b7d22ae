"""What a request asks of the stream that answers it."""

from typing import Any, NamedTuple, cast

from chatdouble.backend import Call


class StreamOptions(NamedTuple):
    """The request's `stream_options`.

    Attributes:
        include_usage: Whether a last chunk tells the usage, and every other one says `"usage": null`.
        include_obfuscation: Whether chunks are padded; they are unless the request says false.
    """

    include_usage: bool
    include_obfuscation: bool


def stream_options(call: Call) -> StreamOptions:
    """Return the request's `stream_options`; what is not a boolean counts as not said (reference 2)."""
    given: Any = call.body.get("stream_options")
    options = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    return StreamOptions(options.get("include_usage") is True, options.get("include_obfuscation") is not False)
