"""All rules, in the order in which they are asked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Final

from chatdouble.catalogue.model import Model
from chatdouble.validation.faults import Stage
from chatdouble.validation.rules import formats, limits, messages, models, order, together, tools
from chatdouble.validation.rules.rule import Evidence, Rule


def _recorded(date: str) -> Evidence:
    return Evidence("recorded", date)


def _probed(date: str) -> Evidence:
    return Evidence("probed", date)


def _reported(date: str = "") -> Evidence:
    return Evidence("reported", date)


_INFERRED: Final = Evidence("inferred")

RULES: Final = (
    # With the fields' shapes, in the fields' order.
    Rule("null", Stage.SHAPE, models.nulls, _reported("2025-11"), attrgetter("refused_nulls")),
    Rule("model", Stage.SHAPE, models.unsupported, _recorded("2026-07"), attrgetter("unsupported")),
    Rule("messages", Stage.SHAPE, messages.messages, _reported("2025-05"), of_plain=False),
    Rule("messages", Stage.SHAPE, messages.data, _recorded("2026-05"), of_plain=False),
    Rule("functions", Stage.SHAPE, tools.functions, _INFERRED),
    Rule("tools", Stage.SHAPE, tools.tools, _probed("2026-08")),
    Rule("tool_choice", Stage.SHAPE, tools.tool_choice_name, _INFERRED),
    Rule("max_completion_tokens", Stage.SHAPE, limits.max_completion_tokens, _probed("2026-08")),
    Rule("n", Stage.SHAPE, limits.n, _probed("2026-08")),
    Rule("user", Stage.SHAPE, limits.user, _INFERRED),
    Rule("prompt_cache_key", Stage.SHAPE, limits.prompt_cache_key, _reported("2026-06")),
    Rule("response_format", Stage.SHAPE, formats.json_schema, _recorded("2025-09")),
    Rule("service_tier", Stage.SHAPE, limits.service_tier, _probed("2026-08")),
    Rule("max_tokens", Stage.SHAPE, limits.max_tokens, _recorded("2025-07")),
    Rule("logit_bias", Stage.SHAPE, limits.logit_bias, _reported()),
    Rule("metadata", Stage.SHAPE, limits.metadata, _probed("2026-08")),
    Rule("audio", Stage.SHAPE, formats.voice, _INFERRED),
    # Whether the values suit the model.
    Rule("model", Stage.VALUE, models.unsupported_reasoning, _recorded("2026-07"), attrgetter("unsupported")),
    Rule("model", Stage.VALUE, models.fixed, _probed("2026-08"), attrgetter("fixed")),
    Rule("model", Stage.VALUE, models.incompatible, _reported("2026-09"), attrgetter("incompatible")),
    Rule("messages", Stage.VALUE, messages.roles, _recorded("2025-09"), attrgetter("refused_roles")),
    Rule("messages", Stage.VALUE, messages.parts, _recorded("2026-05"), of_plain=False),
    Rule("logprobs", Stage.VALUE, models.logprobs, _recorded("2026-05"), models.has_no_logprobs),
    Rule("top_logprobs", Stage.VALUE, limits.top_logprobs, _probed("2026-08")),
    Rule("reasoning_effort", Stage.VALUE, models.effort, _probed("2026-09"), attrgetter("efforts")),
    Rule("verbosity", Stage.VALUE, models.verbosity, _INFERRED),
    Rule("prompt_cache_retention", Stage.VALUE, models.cache_retention, _probed("2026-08")),
    Rule("service_tier", Stage.VALUE, models.flex, _reported("2025"), models.has_no_flex),
    Rule("web_search_options", Stage.VALUE, models.web_search, _recorded("2026-05")),
    Rule("response_format", Stage.VALUE, formats.supported_format, _recorded("2025-09")),
    Rule("modalities", Stage.VALUE, formats.spoken, _INFERRED),
    Rule("max_tokens", Stage.VALUE, models.output_limit, _reported()),
    Rule("max_completion_tokens", Stage.VALUE, models.output_limit, _reported()),
    Rule("messages", Stage.SOUND, formats.audible, _recorded("2026-05"), formats.is_of_sound),
    # Whether they suit each other.
    Rule("max_tokens", Stage.VALUE, together.both_limits, _reported("2025-08")),
    Rule("stream_options", Stage.VALUE, together.stream_options, _reported()),
    Rule("top_logprobs", Stage.VALUE, together.top_logprobs, _INFERRED),
    Rule("metadata", Stage.VALUE, together.metadata, _reported("2025-08"), attrgetter("metadata_needs_store")),
    Rule("prediction", Stage.VALUE, together.prediction, _INFERRED),
    Rule("audio", Stage.VALUE, formats.streamed_audio, _reported("2026-05")),
    Rule("tools", Stage.VALUE, tools.never, _reported("2026-09"), tools.takes_no_tools),
    Rule("tool_choice", Stage.VALUE, tools.tool_choice, _probed("2026-08")),
    Rule("parallel_tool_calls", Stage.VALUE, tools.parallel_tool_calls, _reported()),
    Rule("tools", Stage.VALUE, tools.with_effort, _reported("2026-09"), tools.takes_tools_unreasoned),
    Rule("function_call", Stage.VALUE, tools.function_call, _INFERRED),
    Rule("response_format", Stage.VALUE, formats.word_json, _recorded("2025-07")),
    # Schemas, which take longest to look at.
    Rule("functions", Stage.VALUE, tools.function_schemas, _INFERRED),
    Rule("tools", Stage.VALUE, tools.tool_schemas, _reported("2026-02")),
    Rule("response_format", Stage.VALUE, formats.schema, _recorded("2025-09")),
    # The conversation.
    Rule("messages", Stage.CONTENT, order.content, _probed("2026-08"), of_plain=False),
    Rule("messages", Stage.ORDER, order.no_tools_with_functions, _reported(), of_plain=False),
    Rule("messages", Stage.ORDER, order.answers, _recorded("2026-03"), of_plain=False),
)


@lru_cache(maxsize=256)
def rules_of(model: Model, plain: bool) -> Mapping[str, Sequence[Rule]]:
    """Return the rules that are about a model, by their fields; those of `model` apply to every request.

    Args:
        model: The model.
        plain: Whether the messages are plain texts, of which many rules have nothing to say.
    """
    grouped: defaultdict[str, list[Rule]] = defaultdict(list, model=[], null=[])
    for rule in RULES:
        if rule.of(model) and (rule.of_plain or not plain):
            grouped[rule.field].append(rule)
    return dict(grouped)
