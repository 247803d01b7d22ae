"""Drafts of generated contents: tool calls, JSON, and the calls that the API makes itself."""

from collections.abc import Callable
from functools import cache, partial
from hashlib import blake2b
from typing import Final

import orjson

from chatdouble.answer.draft import Draft
from chatdouble.answer.generation import Steps
from chatdouble.answer.tool_choice import offered_tools
from chatdouble.backend import Call
from chatdouble.core.chance import Chance
from chatdouble_backends.echo.tool_selection import wanted_calls
from chatdouble_backends.echo.words import cited

Generate = Callable[[str, str, str], Draft]
"""Generates a draft from the last user text, that text without its directives, and what to say otherwise."""
# Fields that only change the number of choices or the form of the response.
_NOT_IN_SEED: Final = frozenset({"stream", "stream_options", "n"})


def drafts(call: Call, draft: Callable[[Call, Generate], Draft], steps: Steps) -> list[Draft]:
    """Return the drafts of a request for generated contents, one for each choice.

    Args:
        call: The call.
        draft: Makes the draft of a choice, given what generates it.
        steps: The steps that are left for all of them.

    Raises:
        APIError: The grammar of a custom tool is invalid, or nothing that a schema allows was found.
    """
    return [draft(call, partial(_draft, call, choice, steps)) for choice in range(call.request.n or 1)]


def seed(call: Call, choice: int) -> Chance:
    """Return the source of randomness for generated content: the same for the same request, `seed` included.

    Args:
        call: The call.
        choice: The index of the choice.
    """
    fields = {name: value for name, value in call.body.items() if name not in _NOT_IN_SEED}
    digest = blake2b(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
    return call.services.chance.at("echo", digest, choice)


def _draft(call: Call, choice: int, steps: Steps, text: str, plain: str, content: str) -> Draft:
    """Return the draft of calls, of JSON or of a text; `plain` is the last user text without its directives."""
    body = call.body
    if call.original is not None and (draft := _hosted(call, text, content)) is not None:
        return draft
    if body.get("tools") or body.get("functions"):
        wanted = wanted_calls(offered_tools(body), body, text, call.headers)
        if wanted:
            return _of_calls()(wanted, plain, seed(call, choice), steps)
    if body.get("response_format") is None:
        return Draft(content=content)
    return Draft(content=_of_json()(body, content, seed(call, choice), steps) or content)


def _hosted(call: Call, text: str, content: str) -> Draft | None:
    """Return the draft of calls that the API makes itself, and of the text after them, if it need not wait."""
    from chatdouble_backends.echo.hosted import (  # noqa: PLC0415 - only responses have them
        ends_turn,
        hosted_calls,
        within_limit,
    )

    calls = within_limit(hosted_calls(call.body, text), call.sent)
    if not calls:
        return None
    if ends_turn(call.sent, calls):
        return Draft(tool_calls=calls)
    draft = Draft(content=content, tool_calls=calls)
    names = (made["function"]["name"] for made in calls if made["type"] == "function")
    return cited(call, draft) if any(name.startswith("web_search") for name in names) else draft


@cache
def _of_calls() -> "Callable[..., Draft]":
    from chatdouble.answer.tool_calls import draft_of_calls  # noqa: PLC0415 - takes 40 ms

    return draft_of_calls


@cache
def _of_json() -> "Callable[..., str | None]":
    from chatdouble.answer.structured import structured  # noqa: PLC0415 - as above, for JSON

    return structured
