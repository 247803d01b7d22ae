"""The `when` of a rule: everything of a request that a rule can ask for."""

from pydantic import Field

from chatdouble.script.condition import (
    CountMatcher,
    FormatMatcher,
    Matcher,
    MessageMatcher,
    Path,
    RequestMatcher,
    ToolResultMatcher,
    ToolsMatcher,
)
from chatdouble.script.spec import Spec


class When(Spec):
    """What a request must be for a rule to answer it; every key that is given must hold.

    Attributes:
        request: The whole request, as recordings have it.
        model: The model asked for.
        system: The text of all system and developer messages, a line end between them.
        user: The text of the last user message.
        last: The last message.
        messages: Messages, each of which must be found in the conversation.
        message_count: How many messages there are.
        turn: How many user messages there are; 1 is the first turn.
        tools: The tools offered, functions and custom ones alike.
        tool_result: One of the tool results that end the conversation.
        tool_choice: `none`, `auto`, `required`, `allowed_tools` or the named tool.
        response_format: The response format asked for.
        images: How many images the conversation has.
        audio: How many audio parts the conversation has.
        files: How many files the conversation has.
        stream: Whether a stream is asked for.
        body: Any parameter of the request, by JSONPath.
        headers: Headers of the request, by name.
        metadata: Values of the request's metadata, by key.
        user_field: The request's `user` parameter.
        session: The session.
        hits: How often this rule has answered in this session before.
        all: Conditions that must all hold.
        any: Conditions of which one must hold.
        not_: A condition that must not hold.
    """

    request: RequestMatcher | None = None
    model: Matcher | None = None
    system: Matcher | None = None
    user: Matcher | None = None
    last: MessageMatcher | None = None
    messages: list[MessageMatcher] | None = None
    message_count: CountMatcher | None = None
    turn: Matcher | None = None
    tools: ToolsMatcher | None = None
    tool_result: ToolResultMatcher | None = None
    tool_choice: Matcher | None = None
    response_format: FormatMatcher | None = None
    images: CountMatcher | None = None
    audio: CountMatcher | None = None
    files: CountMatcher | None = None
    stream: bool | None = None
    body: dict[Path, Matcher] | None = None
    headers: dict[str, Matcher] | None = None
    metadata: dict[str, Matcher] | None = None
    user_field: Matcher | None = None
    session: Matcher | None = None
    hits: Matcher | None = None
    all: "list[When] | None" = None
    any: "list[When] | None" = None
    not_: "When | None" = Field(default=None, alias="not")
