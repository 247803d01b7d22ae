"""Kinds of problems: a name, a severity, and the reason, the fix and the evidence that the documentation gives."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

Severity = Literal["error", "warning", "off"]


class Kind(NamedTuple):
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
        "The client got a 404, and the turn still waits. The application asked something other than the test expects.",
        "Compare the expected and the found value, then correct the turn or the application.",
    ),
    Kind(
        "turn_not_reached",
        "error",
        "A turn of a scripted conversation was not asked for.",
        "The application stopped early, so the rest of its conversation is untested.",
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
        "Its conditions are out of date or misspelt, or a rule above it answers first.",
        "Remove the rule, or correct its conditions; `chatdouble lint` names rules that can never match.",
    ),
    Kind(
        "unused_recording",
        "error",
        "A recording was not replayed.",
        "The application no longer sends this request, so nothing tests the recorded answer.",
        "Delete the recording, or record again.",
    ),
    Kind(
        "refused",
        "error",
        "The API would refuse a request.",
        "The client got the error that the real API sends. An application that swallows it passes its tests, and fails "
        "in production.",
        "Correct the request as the message says. If the refusal is what you test, allow this kind in that test.",
        "errors#statuses",
    ),
    Kind(
        "endpoint_not_doubled",
        "error",
        "A request went to an endpoint that the double does not have.",
        "The client got a 404, where the real API answers.",
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
        "The real API counts such requests against the limit, and goes on refusing.",
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
        "The model waits for the result of its call, and the user of your application gets no answer.",
        "Send the call's result in a message with the role `tool` and the call's `tool_call_id`.",
        "rules#message-order",
    ),
    Kind(
        "tool_call_id_unknown",
        "error",
        "A conversation continued with a tool call that the answer did not have.",
        "The application lost or changed the call's id, so the model cannot tell which call a result belongs to.",
        "Send the answer's message back as it came, and its ids with the results.",
        "rules#message-order",
    ),
    Kind(
        "impossible_reply",
        "error",
        "A scripted reply is one that the real API could not give to its request.",
        "The test shows how the application handles an answer that it never gets from the real API.",
        "Correct the reply; `chatdouble lint` finds most of these without a request.",
    ),
    Kind(
        "gate_timed_out",
        "error",
        "An answer waited at a gate until the gate's timeout.",
        "The test did not release the answer in time, so its outcome depends on the speed of the machine.",
        "Release or abort every gate, or give it a longer timeout.",
    ),
    Kind(
        "answer_not_read",
        "error",
        "The client left in the middle of a stream that nothing disturbed.",
        "The application paid for an answer that it did not read to its end.",
        "Read the stream to its end. If leaving is what you test, hold the stream at a gate, or allow this kind.",
    ),
    Kind(
        "not_judged",
        "error",
        "The journal does not have every request, so the verdict does not cover them all.",
        "The journal keeps the newest 1,000 requests of a session, or as many as `--journal-size` says. What was wrong "
        "with the others is unknown.",
        "Give each test a session of its own, reset the session between tests, or raise `--journal-size`.",
    ),
    Kind(
        "deprecated_parameter",
        "warning",
        "A request has a parameter that is deprecated.",
        "Newer models refuse such parameters, and the API may stop accepting them.",
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
        "A request asks for a model that will be shut down within 30 days.",
        "From its shutdown date on, the real API answers 404.",
        "Move to a current model before that date.",
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
        "Nothing reads it, so the application does not get what it asks for.",
        "Remove the parameter, or send what makes it work.",
    ),
    Kind(
        "schema_not_strict",
        "warning",
        "A request asks for answers under a JSON schema without `strict: true`.",
        "Without `strict`, the model may answer with JSON that does not follow the schema.",
        "Set `strict: true` beside the schema.",
        "requests#response-format",
    ),
    Kind(
        "repeated_request",
        "warning",
        "The same request was sent again after it had been answered.",
        "You pay for each answer. A loop or a missing cache may be the cause.",
        "Keep the first answer. If the repetition is intended, allow this kind.",
    ),
    Kind(
        "stream_abandoned",
        "warning",
        "The client left a stream after its finish reason and before `[DONE]`.",
        "The chunk with the usage, which comes last, is lost.",
        "Read the stream up to `[DONE]`.",
        "streams#usage",
    ),
    Kind(
        "prompt_grows",
        "warning",
        "A later request of a conversation changed the beginning of a prompt of 1,024 tokens or more.",
        "The API caches prompts from 1,024 tokens on by their beginning. With another beginning you pay the full price "
        "for all of it again.",
        "Keep the first messages as they are, and add what changes (the time, retrieved documents) at the end.",
        "answers#usage",
    ),
    Kind(
        "usage_never_asked",
        "warning",
        "The session has three or more streams, and none asked for its usage.",
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
        "The answer is incomplete, and JSON in it cannot be parsed.",
        "Look at `finish_reason`, and ask again with a larger limit when it is `length`.",
        "answers#finish-reasons",
    ),
    Kind(
        "large_prompt",
        "warning",
        "A prompt fills 80 % or more of the model's context window.",
        "A slightly longer one is refused with `context_length_exceeded`.",
        "Shorten the conversation before it reaches the limit.",
        "errors#context-length",
    ),
)
"""All kinds, errors first, in the order in which a verdict lists them."""


def by_name() -> Mapping[str, Kind]:
    """Return the kinds by their names."""
    return {kind.name: kind for kind in KINDS}
