"""Error messages and parameters with what belongs to one request alone replaced, so that two requests compare."""

import re
from typing import Any, Final

PATH: Final = re.compile(r"(\$|[a-z_]+)(\[\d+\]|\.[a-z_]+)+")
PARAMETERS: Final = frozenset(
    [
        "audio",
        "content",
        "frequency_penalty",
        "function_call",
        "functions",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "messages",
        "metadata",
        "modalities",
        "model",
        "moderation",
        "n",
        "parallel_tool_calls",
        "prediction",
        "presence_penalty",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "seed",
        "service_tier",
        "stop",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "user",
        "verbosity",
        "web_search_options",
    ]
)
PATTERNS: Final = (
    (r"context=\(.*?\)(?=[,.])", "context=(...)"),
    (r"(provided: ).+?(\. You)", r"\1KEY\2"),
    (r"`[^`]*`", "`V`"),
    (r"messages: call_\w+", "messages: CALL"),
    (r"Completion \S+ not", "Completion ID not"),
    (r"(argument supplied: )\w+$", r"\1NAME"),
    (r"\(POST \S+\)", "(POST URL)"),
    (r"(URL: POST )\S+\.", r"\1URL."),
    (r"(supported for )\S+", r"\1MODEL"),
    (r"(in organization )\S+", r"\1ORG"),
    (r"req_\w+", "REQUEST"),
    (r"(downloading )\S+", r"\1URL"),
)
UNKNOWN: Final = "<unknown>"
"""Placeholder of the recorded corpora for fields no source states."""


def message(text: str) -> str:
    """Return a message without its numbers, names, ids and values; names of the API's parameters stay."""
    for pattern, instead in PATTERNS:
        text = re.sub(pattern, instead, text)
    text = re.sub(r"metadata\.\w+", "metadata.k", text)
    return numbers(re.sub(r"'([^']*)'", _quoted, text))


def numbers(text: str) -> str:
    """Return a text without its numbers."""
    return re.sub(r"\d+(\.\d+)?", "N", text)


def parameter(value: str | None) -> str | None:
    """Return a parameter without the numbers of its path, and without a key of the user's metadata."""
    return None if value is None else re.sub(r"metadata\..*", "metadata.k", numbers(value))


def same(distilled: dict[str, Any], recorded: dict[str, Any]) -> bool:
    """Compare two errors; what the recorded one does not state cannot differ."""
    return (
        message(distilled["message"]) == message(recorded["message"])
        and distilled["type"] == recorded["type"]
        and _agrees(parameter(distilled.get("param", UNKNOWN)), parameter(recorded["param"]))
        and _agrees(distilled.get("code", UNKNOWN), recorded["code"])
    )


def _agrees(distilled: str | None, recorded: str | None) -> bool:
    return recorded in (UNKNOWN, distilled)


def _quoted(match: re.Match[str]) -> str:
    word = match[1]
    known = word in PARAMETERS or PATH.fullmatch(word)
    return f"'{word}'" if known else "'V'"
