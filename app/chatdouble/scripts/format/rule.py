"""Rules and the script file that holds them."""

from importlib.resources import files
from typing import Any, ClassVar, Final, Literal

from pydantic import Field, PositiveInt, model_validator

from chatdouble.core.json import is_array
from chatdouble.scripts.format.base import Spec
from chatdouble.scripts.format.delivery import PaceSpec
from chatdouble.scripts.format.faults import FaultSpec
from chatdouble.scripts.format.matchers import (
    Conditions,
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
from chatdouble.scripts.format.ways import NEEDS_API, check_ways


class When(Conditions):
    """The conditions of a rule, all of which must hold.

    Attributes:
        endpoint: The method and path of another endpoint than chat completions, such as `GET /models`.
        api: The API that is asked: `chat`, `responses`, `embeddings` or `moderations`; without it a rule answers the
            first two.
        request: The whole request, as recordings compare it.
        model: The requested model.
        system: The text of all system and developer messages, joined by line breaks.
        user: The text of the last user message.
        last: The last message.
        messages: Messages that the conversation must contain.
        message_count: The number of messages.
        turn: The number of user messages; 1 is the first turn.
        tools: The tools that the request offers, functions and custom tools alike.
        tool_result: One of the tool results at the end of the conversation.
        tool_choice: `none`, `auto`, `required`, `allowed_tools` or the named tool.
        response_format: The response format.
        images: The number of images in the conversation.
        audio: The number of audio parts in the conversation.
        files: The number of files in the conversation.
        stream: Whether the request asks for a stream.
        body: Any parameter of the request, by JSONPath.
        headers: Request headers, by name.
        metadata: Values of the request's metadata, by key.
        user_field: The request's `user` parameter.
        session: The session.
        hits: The number of times the rule has answered in this session before.
        all: Conditions that must all hold.
        any: Conditions of which at least one must hold.
        not_: Conditions that must not hold together.
    """

    endpoint: Matcher | None = None
    api: Matcher | None = None
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
"""The initial state of every scenario, as in WireMock."""


class Scenario(Spec):
    """A rule's part in a scenario: a state machine that each session has for itself, as in WireMock.

    Attributes:
        name: The scenario's name; rules with the same name share its state.
        required_state: The state in which the rule matches; the initial one is `Started`. None: any state.
        new_state: The state after the rule has answered. None: unchanged.
    """

    name: str
    required_state: str | None = None
    new_state: str | None = None


def has_hits(when: When) -> bool:
    """Tell whether a `when` or its parts depend on how often the rule has answered."""
    return when.hits is not None or any(map(has_hits, _parts(when)))


def _parts(when: When) -> list[When]:
    return [*(when.all or ()), *(when.any or ()), *([when.not_] if when.not_ else ())]


_ANYWHERE: Final = frozenset({"body", "recorded"})
"""The ways to reply to any endpoint; all others make a chat completion."""


class Rule(Spec):
    """A rule: the first one whose conditions hold answers the request.

    Attributes:
        name: The rule's name in messages, the journal and the verdict.
        note: A comment.
        when: The conditions on the request; none: the rule matches every request.
        reply: The answer.
        sequence: Answers to give one after the other, counted per session.
        then: The rule's behaviour after the last reply of a sequence: repeat it, start again, or stop matching.
        times: The number of times the rule may answer in a session.
        scenario: The scenario state that the rule requires and the one it sets.
        pace: The pace of replies without a pace of their own.
        fault: The fault of replies without faults of their own.
        faults: The faults of replies without faults of their own, in order.
    """

    name: str | None = Field(default=None, min_length=1)
    note: str | None = None
    when: When = Field(default_factory=When)
    reply: ReplySpec | None = None
    sequence: list[ReplySpec] | None = Field(default=None, min_length=1)
    then: Literal["stay", "loop", "unmatched"] = "stay"
    times: PositiveInt | None = None
    scenario: Scenario | None = None
    pace: PaceSpec | None = None
    fault: FaultSpec | None = None
    faults: list[FaultSpec] | None = None

    @model_validator(mode="after")
    def _answers(self) -> "Rule":
        if (self.reply is None) == (self.sequence is None):
            raise ValueError("a rule has either a reply or a sequence of replies: give one of them")
        if any(map(has_hits, _parts(self.when))):
            raise ValueError("`hits` is allowed at the top level of `when` only, not inside `all`, `any` or `not`")
        if self.when.endpoint is not None and any(reply.way not in _ANYWHERE for reply in self.replies()):
            raise ValueError("a rule with an `endpoint` replies with a `body`, which is sent as it is written")
        if self.when.api is None and any(reply.way in NEEDS_API for reply in self.replies()):
            raise ValueError("`vector`, `like` and `flags` need `when: {api: embeddings}` or `{api: moderations}`")
        if self.when.api is not None and (only := self.when.api.only_text()) is not None:
            check_ways(only, self.replies())
        if "then" in self.model_fields_set and self.sequence is None:
            raise ValueError("`then` applies to a sequence, and this rule has none")
        return self

    def replies(self) -> list[ReplySpec]:
        """Return the replies in order, at least one."""
        return [self.reply] if self.reply is not None else list(self.sequence or ())

    def all_faults(self) -> tuple[FaultSpec, ...]:
        """Return the faults in order."""
        return (*((self.fault,) if self.fault else ()), *(self.faults or ()))


class ScriptFile(Spec):
    """A script file. A list is its rules.

    Attributes:
        version: The version of the format.
        note: A comment.
        rules: The rules, tried in order.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "array"},)

    version: Literal[1] = 1
    note: str | None = None
    rules: list[Rule] = Field(default_factory=list[Rule])

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a list as the rules, and an empty file as no rules."""
        if given is None:
            return {}
        return {"rules": given} if is_array(given) else given


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of script files, for editors (`# yaml-language-server: $schema=...`)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **ScriptFile.model_json_schema(),
        "title": "chatdouble script",
        "items": {"$ref": "#/$defs/Rule"},
    }


def starter() -> str:
    """Return the commented script that `chatdouble init` writes."""
    return files("chatdouble.scripts.format").joinpath("starter.yaml").read_text("utf-8")
