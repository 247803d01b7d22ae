"""Kinds of problems: a name, a severity, and the reason, the fix and the evidence that the documentation gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["error", "warning", "off"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem.

    Attributes:
        name: Its stable name.
        severity: Its severity unless a setting says otherwise.
        title: What happened, in one sentence.
        reason: Why it matters.
        fix: What to do.
        evidence: The section of the reference that supports it, such as `clients#retries`; empty: it needs none.
    """

    name: str
    severity: Severity
    title: str
    reason: str
    fix: str
    evidence: str = ""


KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "unmatched_request",
        "error",
        "No rule or recording matched a request.",
        "The client got a 404 that the real API would not send. An application that swallows it stays green.",
        "Compare the expected and the found value of the nearest rule, then correct the rule or the request.",
    ),
    Kind(
        "turn_mismatch",
        "error",
        "A request did not fit the next turn of its scripted conversation.",
        "The application asked something other than the test expects. The conversation did not advance.",
        "Compare the expected and the found value, then correct the turn or the application.",
    ),
    Kind(
        "turn_not_reached",
        "error",
        "A turn of a scripted conversation was not asked for.",
        "The application stopped early, so the rest of the conversation was not tested.",
        "Remove the turn, or find out why the application stopped before it.",
    ),
    Kind(
        "unused_reply",
        "error",
        "A queued reply was not used.",
        "The application sent fewer requests than the test expects.",
        "Remove the reply, or find out why the application did not ask.",
    ),
    Kind(
        "unused_rule",
        "error",
        "A rule never answered.",
        "The rule is out of date, misspelt, or shadowed by a rule above it.",
        "Remove the rule, or correct its conditions; `chatdouble lint` names rules that can never match.",
    ),
    Kind(
        "unused_recording",
        "error",
        "A recording was not replayed.",
        "The application no longer sends the request, so the recording protects nothing.",
        "Delete the recording, or record again.",
    ),
    Kind(
        "refused",
        "error",
        "The API would refuse a request.",
        "The client got the error that the real API sends. An application that swallows it stays green here and fails "
        "there.",
        "Correct the request as the message says. If the refusal is what you test, allow this kind in that test.",
        "errors#statuses",
    ),
    Kind(
        "endpoint_not_doubled",
        "error",
        "A request went to an endpoint that the double does not have.",
        "The client got a 404 that the real API would not send.",
        "Write a rule with `endpoint:` for it, or relay it with `--upstream`.",
        "endpoints#others",
    ),
    Kind(
        "script_error",
        "error",
        "A scripted reply could not be made.",
        "The client got a 500 that the real API would not send: a template failed, a function of the test raised an "
        "error, or a file cannot be read.",
        "Correct the reply as the message says.",
    ),
    Kind(
        "retry_after_ignored",
        "error",
        "A request was repeated before the time that `retry-after` named.",
        "The real API counts such requests against the limit, and may go on refusing.",
        "Wait for the seconds that `retry-after` names; the official SDKs do.",
        "clients#retries",
    ),
    Kind(
        "retried_what_is_final",
        "error",
        "A request was repeated although its error was final.",
        "The same request gets the same error again. It costs time, and counts against the rate limits.",
        "Repeat only after 408, 409, 429 and 5xx, and never after `x-should-retry: false`.",
        "clients#retries",
    ),
    Kind(
        "tool_result_missing",
        "error",
        "The conversation ended after the model called a tool.",
        "The model waits for the result of its call. A user of the application would see no answer.",
        "Send the call's result in a message with the role `tool` and the call's `tool_call_id`.",
        "rules#message-order",
    ),
    Kind(
        "tool_call_id_unknown",
        "error",
        "A conversation continued with a tool call that the answer did not have.",
        "The application invented or lost the call's id, so the model's call and its result do not belong together.",
        "Send the answer's message back as it came, and its ids with the results.",
        "rules#message-order",
    ),
    Kind(
        "impossible_reply",
        "error",
        "A scripted reply is one that the real API could not give to its request.",
        "The test proves how the application handles an answer that never comes.",
        "Correct the reply; `chatdouble lint` finds most of these without a request.",
    ),
    Kind(
        "gate_timed_out",
        "error",
        "An answer waited at a gate until the gate's timeout.",
        "The test did not release the answer, so what it saw depends on time.",
        "Release or abort every gate, or give it a longer timeout.",
    ),
    Kind(
        "answer_not_read",
        "error",
        "The client left in the middle of a stream that nothing disturbed.",
        "The application lost a part of the answer, which it pays for.",
        "Read the stream to its end. If leaving is what you test, hold the stream at a gate, or allow this kind.",
    ),
    Kind(
        "deprecated_parameter",
        "warning",
        "A request has a parameter that is deprecated.",
        "Newer models refuse such parameters, and the API may stop reading them.",
        "Send the parameter that replaced it.",
        "requests#fields",
    ),
    Kind(
        "deprecated_model",
        "warning",
        "A request asks for a model that the API no longer serves.",
        "The real API answers 404.",
        "Ask for a model that is served; `chatdouble models` lists them.",
        "models#shutdown-dates",
    ),
    Kind(
        "retiring_model",
        "warning",
        "A request asks for a model that will be shut down soon.",
        "From that day on, the real API answers 404.",
        "Move to a current model before that day.",
        "models#shutdown-dates",
    ),
    Kind(
        "unknown_model",
        "warning",
        "A request asks for a model that the catalogue does not know.",
        "The name may be misspelt; the real API answers an unknown name with 404.",
        "Correct the name. If the model is new, or your provider's own, list it in a file for `--models`.",
        "models#unknown-names",
    ),
    Kind(
        "ignored_parameter",
        "warning",
        "A request has a parameter that has no effect.",
        "The author of the request may rely on it.",
        "Remove the parameter, or send what makes it work.",
    ),
    Kind(
        "schema_not_strict",
        "warning",
        "A request asks for answers under a JSON schema without `strict: true`.",
        "Without it the model may answer with JSON that the schema does not allow.",
        "Set `strict: true` beside the schema.",
        "requests#response-format",
    ),
    Kind(
        "repeated_request",
        "warning",
        "The same request was sent again after it had been answered.",
        "Each answer is paid for. A loop or a missing cache may be the cause.",
        "Keep the first answer, or make the requests differ.",
    ),
    Kind(
        "stream_abandoned",
        "warning",
        "The client left a stream after the last word and before its end.",
        "The chunks after the finish reason, such as the usage, are lost.",
        "Read the stream up to `[DONE]`.",
        "streams#usage",
    ),
    Kind(
        "prompt_grows",
        "warning",
        "A later request of a conversation changed the beginning of the prompt.",
        "The API caches long prompts by their beginning, so the whole prompt is paid for in full again.",
        "Keep the first messages as they are, and add what changes (the time, retrieved documents) at the end.",
        "answers#usage",
    ),
    Kind(
        "usage_never_asked",
        "warning",
        "No stream of the session asked for its usage.",
        "The application cannot know what its streams cost.",
        "Send `stream_options: {include_usage: true}`.",
        "streams#usage",
    ),
    Kind(
        "refusal_not_read",
        "warning",
        "The conversation went on as if a refusal were an answer.",
        "A refusal has no content. The application may show an empty answer to its user.",
        "Look at the message's `refusal` before its `content`.",
        "answers#message",
    ),
    Kind(
        "finish_length_ignored",
        "warning",
        "The conversation went on with an answer that was cut off at its token limit.",
        "The answer is incomplete; JSON in it cannot be parsed.",
        "Look at `finish_reason`, and ask again with a larger limit when it is `length`.",
        "answers#finish-reasons",
    ),
    Kind(
        "large_prompt",
        "warning",
        "A prompt fills most of the model's context window.",
        "A slightly longer one is refused with `context_length_exceeded`.",
        "Shorten the conversation before it reaches the limit.",
        "errors#context-length",
    ),
)
"""All kinds, errors first, in the order in which a verdict lists them."""


def by_name() -> Mapping[str, Kind]:
    """Return the kinds by their names."""
    return {kind.name: kind for kind in KINDS}
