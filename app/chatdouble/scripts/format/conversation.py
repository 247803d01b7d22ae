"""Scripted conversations and queued replies, which a test sends to a running server."""

from typing import Any, ClassVar, Final

from pydantic import Field, model_validator

from chatdouble.core.json import is_array
from chatdouble.scripts.format.base import STRING, Spec
from chatdouble.scripts.format.matchers import Matcher
from chatdouble.scripts.format.reply import ReplySpec
from chatdouble.scripts.format.rule import When, has_hits

_NO_HITS: Final = "`hits` counts the answers of a rule, and this is none"


def _without_hits(when: When) -> None:
    if has_hits(when):
        raise ValueError(_NO_HITS)


class TurnSpec(Spec):
    """A turn of a conversation: it answers one request. A string is the text of its reply.

    Attributes:
        note: A comment.
        when: The conditions that the request must meet; none: any request fits.
        reply: The answer.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = (STRING,)

    note: str | None = None
    when: When = Field(default_factory=When)
    reply: ReplySpec

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a string as the reply."""
        return {"reply": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _has_no_hits(self) -> "TurnSpec":
        _without_hits(self.when)
        return self


class ConversationSpec(Spec):
    """The requests that belong to a conversation.

    Attributes:
        name: The conversation's name in messages and the journal.
        when: The conditions that all its requests meet.
        model: The model that all its requests name.
    """

    name: str | None = Field(default=None, min_length=1)
    when: When = Field(default_factory=When)
    model: Matcher | None = None

    @model_validator(mode="after")
    def _has_no_hits(self) -> "ConversationSpec":
        _without_hits(self.when)
        return self

    def is_limited(self) -> bool:
        """Tell whether only some requests belong to the conversation."""
        return self.model is not None or bool(self.when.model_fields_set)


class ConversationScript(Spec):
    """The turns of a conversation. A list is its turns.

    Attributes:
        turns: The turns in order; each answers one request.
        conversation: The requests that belong to it; none: those that belong to no other conversation.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "array"},)

    turns: list[TurnSpec] = Field(min_length=1)
    conversation: ConversationSpec = Field(default_factory=ConversationSpec)

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a list as the turns."""
        return {"turns": given} if is_array(given) else given


class QueuedSpec(Spec):
    """A queued reply that answers some requests only, or several.

    Attributes:
        reply: The answer.
        when: The conditions on the requests that it answers.
        model: The model of the requests that it answers.
        times: The number of requests that it answers.
    """

    reply: ReplySpec
    when: When = Field(default_factory=When)
    model: Matcher | None = None
    times: int = Field(default=1, ge=1, le=10_000)

    @model_validator(mode="after")
    def _has_no_hits(self) -> "QueuedSpec":
        _without_hits(self.when)
        return self
