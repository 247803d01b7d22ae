"""The checks by the kind of problem that they find, in one table."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from chatdouble.verdict.checks import answers, conversations, leftovers, requests
from chatdouble.verdict.finding import Finding
from chatdouble.verdict.suite import Suite

Check = Callable[[Suite], Iterator[Finding]]

CHECKS: Final[Mapping[str, Check]] = {
    check.__name__: check
    for check in (
        answers.unmatched_request,
        answers.turn_mismatch,
        leftovers.turn_not_reached,
        leftovers.unused_reply,
        leftovers.unused_rule,
        leftovers.unused_recording,
        answers.refused,
        answers.endpoint_not_doubled,
        answers.script_error,
        answers.retry_after_ignored,
        answers.retried_what_is_final,
        conversations.tool_result_missing,
        conversations.tool_call_id_unknown,
        answers.impossible_reply,
        answers.gate_timed_out,
        answers.answer_not_read,
        answers.not_judged,
        requests.deprecated_parameter,
        requests.deprecated_model,
        requests.retiring_model,
        requests.unknown_model,
        requests.ignored_parameter,
        requests.schema_not_strict,
        answers.repeated_request,
        answers.stream_abandoned,
        conversations.prompt_grows,
        conversations.usage_never_asked,
        conversations.refusal_not_read,
        conversations.finish_length_ignored,
        requests.large_prompt,
    )
}
