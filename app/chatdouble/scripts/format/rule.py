"""A script file: rules, each a `when` and what is answered then."""

from importlib.resources import files
from typing import Any, ClassVar, Final, Literal

from pydantic import Field, PositiveInt, model_validator

from chatdouble.core.json import is_array
from chatdouble.scripts.format.base import Spec
from chatdouble.scripts.format.delivery import FaultSpec, PaceSpec
from chatdouble.scripts.format.matchers import (
    CountMatcher,
    FormatMatcher,
    Matcher,
    MessageMatcher,
    Path,
    RequestMatcher,
    ToolResultMatcher,
    ToolsMatcher,
)
from chatdouble.scripts.format.reply import ReplySpec


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


STARTED: Final = "Started"
"""The state that every scenario begins in, as in WireMock."""


class Scenario(Spec):
    """A rule's place in a small state machine, one per session, as in WireMock.

    Attributes:
        name: The scenario's name; rules with the same name share its state.
        required_state: The state it must be in; `Started` is the first. None: any.
        new_state: The state it is in after this rule has answered. None: it stays.
    """

    name: str
    required_state: str | None = None
    new_state: str | None = None


def _asks_hits(when: When) -> bool:
    """Say whether a part of a `when` asks for hits, which only the whole can."""
    return when.hits is not None or any(map(_asks_hits, _parts(when)))


def _parts(when: When) -> list[When]:
    return [*(when.all or ()), *(when.any or ()), *([when.not_] if when.not_ else ())]


class Rule(Spec):
    """One entry of a script: the first rule whose `when` holds answers.

    Attributes:
        name: What misses, journal and verdict call it.
        note: A word to the reader.
        when: What the request must be; none: any request.
        reply: The answer.
        sequence: Answers in turn, for each session on its own.
        then: After the last of a sequence: give it again, begin anew, or match no more.
        times: How often it may answer in a session.
        scenario: The state it needs and the state it leaves.
        pace: The pace of its replies that set none.
        fault: What goes wrong with its replies that set nothing.
        faults: What goes wrong with its replies that set nothing, in order.
    """

    name: str | None = Field(default=None, min_length=1)
    note: str | None = None
    when: When = Field(default_factory=When)
    reply: ReplySpec | None = None
    sequence: list[ReplySpec] | None = Field(default=None, min_length=1)
    then: Literal["stay", "loop", "miss"] = "stay"
    times: PositiveInt | None = None
    scenario: Scenario | None = None
    pace: PaceSpec | None = None
    fault: FaultSpec | None = None
    faults: list[FaultSpec] | None = None

    @model_validator(mode="after")
    def _answers(self) -> "Rule":
        if (self.reply is None) == (self.sequence is None):
            raise ValueError("a rule has either a reply or a sequence of replies")
        if any(map(_asks_hits, _parts(self.when))):
            raise ValueError("`hits` stands at the top of `when` only, not within `all`, `any` and `not`")
        if "then" in self.model_fields_set and self.sequence is None:
            raise ValueError("`then` says what follows a sequence, and this rule has none")
        return self

    def replies(self) -> list[ReplySpec]:
        """Return its replies in order, at least one."""
        return [self.reply] if self.reply is not None else list(self.sequence or ())

    def all_faults(self) -> tuple[FaultSpec, ...]:
        """Return what goes wrong with its replies that set nothing, in order."""
        return (*((self.fault,) if self.fault else ()), *(self.faults or ()))


class ScriptFile(Spec):
    """A script file. A list is its rules.

    Attributes:
        version: The version of this format.
        note: A word to the reader.
        rules: The rules, tried in order.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "array"},)

    version: Literal[1] = 1
    note: str | None = None
    rules: list[Rule] = Field(default_factory=list[Rule])

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take a list as the rules, and an empty file as no rules."""
        if given is None:
            return {}
        return {"rules": given} if is_array(given) else given


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a script file, for editors (`# yaml-language-server: $schema=...`)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **ScriptFile.model_json_schema(),
        "title": "A script of chatdouble",
        "items": {"$ref": "#/$defs/Rule"},
    }


def starter() -> str:
    """Return a commented script to start from, as `chatdouble init` writes it."""
    return files("chatdouble.scripts.format").joinpath("starter.yaml").read_text("utf-8")
