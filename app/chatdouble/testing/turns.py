"""Turns of a scripted conversation, written as code."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from chatdouble.testing.asked import Request

Reply: TypeAlias = str | Mapping[str, Any]
"""A reply as script files have it; a string is its text."""

ReplyFunction: TypeAlias = Callable[[Request], Reply | Awaitable[Reply]]
"""Makes the reply to a request; it may be a coroutine function."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn: the conditions on a request, and the reply to it.

    Methods that end in a reply return a new turn, so `turn(user="*Paris*").says("18 degrees.")` is whole.

    Attributes:
        when: The conditions, as script files have them; none: any request fits.
        reply: The reply, or the function that makes it; None: the turn has none yet.
    """

    when: Mapping[str, Any] = field(default_factory=dict[str, Any])
    reply: Reply | ReplyFunction | None = None

    def says(self, text: str, **options: Any) -> "Turn":
        """Answer with a text.

        Args:
            text: The text; a template, as in script files.
            options: Further keys of the reply, such as `finish_reason`, `usage` or `pace`.
        """
        return self._with({"text": text, **options})

    def calls(self, name: str, /, **arguments: Any) -> "Turn":
        """Answer with a tool call; several in a row make parallel calls, after `says` it follows the text.

        Args:
            name: The tool.
            arguments: The call's arguments.
        """
        call = {"name": name, "arguments": arguments}
        return self._with({"tool_calls": [*self._given().get("tool_calls", ()), call]})

    def refuses(self, refusal: str) -> "Turn":
        """Answer with the model's refusal."""
        return self._with({"refusal": refusal})

    def fails(self, error: int | str, /, **details: Any) -> "Turn":
        """Answer with an error of the API.

        Args:
            error: The status, such as 429, or the name of an error, such as `rate_limit_exceeded`.
            details: `message`, `code`, `type`, `param`, `retry_after` (seconds) or `headers`.
        """
        kind = {"status": error} if isinstance(error, int) else {"name": error}
        return replace(self, reply={"error": {**kind, **details}})

    def replies(self, reply: Reply | ReplyFunction) -> "Turn":
        """Answer with a reply as script files have it, or with what a function of the request returns."""
        return replace(self, reply=reply)

    def as_json(self, plain: Callable[[Reply | ReplyFunction], Reply]) -> dict[str, Any]:
        """Return the turn as the control takes it.

        Args:
            plain: Returns a reply as the control takes it.

        Raises:
            ValueError: It has no reply.
        """
        if self.reply is None:
            raise ValueError("a turn needs a reply: end it with .says(), .calls(), .fails(), .refuses() or .replies()")
        return {"when": {**self.when}, "reply": plain(self.reply)}

    def _given(self) -> dict[str, Any]:
        if isinstance(self.reply, str):
            return {"text": self.reply}
        return {} if self.reply is None or callable(self.reply) else {**self.reply}

    def _with(self, more: Mapping[str, Any]) -> "Turn":
        return replace(self, reply={**self._given(), **more})


def turn(**when: Any) -> Turn:
    """Return a turn for requests that meet conditions.

    Args:
        when: The conditions by the keys of script files: `user="*Paris*"`, `tools=["get_weather"]`,
            `tool_result=True`. A keyword with a final underscore (`not_`) stands for the word without it.
    """
    return Turn({name.rstrip("_"): value for name, value in when.items()})
