"""echo: says back the last user text, and obeys the whole request."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final, get_args

import orjson

from chatdouble.answer.audio import check_references
from chatdouble.answer.compose import compose
from chatdouble.answer.directives import directives_in, value_of, without_directives
from chatdouble.answer.draft import Draft
from chatdouble.answer.tool_choice import offered_tools
from chatdouble.backend import Call, Reply
from chatdouble.core.chance import Chance
from chatdouble.schema.completion import FinishReason
from chatdouble.schema.texts import last_of_user, text_of
from chatdouble_backends.echo.tool_selection import wanted_calls
from chatdouble_backends.echo.words import cited, searches, words

# How often and in which form an answer is sent does not change it.
_IMMATERIAL: Final = frozenset({"stream", "stream_options", "n"})


def occasion(call: Call, choice: int) -> Chance:
    """Return the chance of one choice of a call's answer: the same for the same request, `seed` included.

    Args:
        call: The call.
        choice: Which of the `n` choices.
    """
    return call.services.chance.at("echo", _digest(call.body), choice)


def _digest(body: Mapping[str, Any]) -> str:
    told = {name: value for name, value in body.items() if name not in _IMMATERIAL}
    return blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


REFUSAL: Final = "I'm sorry, I can't assist with that request."
"""What a refusal says unless its mark says otherwise."""


class Echo:
    """The backend that needs no configuration; `docs/echo.md` has its rules."""

    uses: Final[frozenset[str]] = frozenset()
    """The options it uses: none."""

    async def reply(self, call: Call) -> Reply:
        """Answer with a refusal, with calls of tools, with JSON or in words: whatever the request asks for.

        Raises:
            APIError: A custom tool's grammar cannot be read, or a spoken answer that is referred to is not there.
        """
        if not call.text_only:
            await check_references(call)
        drafts = [_draft(call, choice) for choice in range(call.request.n or 1)]
        return await compose(call, [cited(call, draft) for draft in drafts] if searches(call) else drafts)


def _draft(call: Call, choice: int) -> Draft:
    last = last_of_user(call.messages)
    asked = text_of(last.get("content")) if last else ""
    found = directives_in(asked)
    if not found:
        return _said(call, choice, asked)
    if any(mark.name == "refuse" for mark in found):
        draft = Draft(refusal=value_of(found, "refuse") or REFUSAL)
    else:
        draft = _said(call, choice, asked)
    if (finish := value_of(found, "finish")) is not None:
        draft.finish_reason = next((reason for reason in get_args(FinishReason) if reason == finish), None)
    return draft


def _said(call: Call, choice: int, asked: str) -> Draft:
    body = call.body
    if body.get("tools") or body.get("functions"):
        wanted = wanted_calls(offered_tools(body), body, call.headers)
        if wanted:
            from chatdouble.answer.tool_calls import calling  # noqa: PLC0415 - 40 ms, for who calls or wants JSON

            return calling(wanted, without_directives(asked), occasion(call, choice))
    said = without_directives(asked) if call.text_only and asked else words(body)
    if body.get("response_format") is None:
        return Draft(content=said)
    from chatdouble.answer.structured import structured  # noqa: PLC0415 - as above

    return Draft(content=structured(body, said, occasion(call, choice)) or said)
