"""All rules, in the order in which they are asked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Final

from chatdouble.catalogue.model import Model
from chatdouble.validation.faults import Stage
from chatdouble.validation.rules import formats, limits, messages, models, order, together, tools
from chatdouble.validation.rules.rule import Rule

RULES: Final = (
    # With the fields' shapes, in the fields' order.
    Rule("null", Stage.SHAPE, models.nulls),
    Rule("model", Stage.SHAPE, models.unsupported, attrgetter("unsupported")),
    Rule("messages", Stage.SHAPE, messages.messages, of_plain=False),
    Rule("functions", Stage.SHAPE, tools.functions),
    Rule("tools", Stage.SHAPE, tools.tools),
    Rule("tool_choice", Stage.SHAPE, tools.tool_choice_name),
    Rule("max_completion_tokens", Stage.SHAPE, limits.max_completion_tokens),
    Rule("n", Stage.SHAPE, limits.n),
    Rule("user", Stage.SHAPE, limits.user),
    Rule("prompt_cache_key", Stage.SHAPE, limits.prompt_cache_key),
    Rule("response_format", Stage.SHAPE, formats.json_schema),
    Rule("service_tier", Stage.SHAPE, limits.service_tier),
    Rule("max_tokens", Stage.SHAPE, limits.max_tokens),
    Rule("logit_bias", Stage.SHAPE, limits.logit_bias),
    Rule("metadata", Stage.SHAPE, limits.metadata),
    Rule("audio", Stage.SHAPE, formats.voice),
    # Whether the values suit the model.
    Rule("model", Stage.VALUE, models.fixed, attrgetter("fixed")),
    Rule("model", Stage.VALUE, models.incompatible, attrgetter("incompatible")),
    Rule("messages", Stage.VALUE, messages.roles, attrgetter("refused_roles")),
    Rule("messages", Stage.VALUE, messages.parts, of_plain=False),
    Rule("messages", Stage.VALUE, formats.audible, formats.is_of_sound),
    Rule("reasoning_effort", Stage.VALUE, models.effort, attrgetter("efforts")),
    Rule("verbosity", Stage.VALUE, models.verbosity),
    Rule("prompt_cache_retention", Stage.VALUE, models.cache_retention),
    Rule("web_search_options", Stage.VALUE, models.web_search),
    Rule("response_format", Stage.VALUE, formats.supported_format),
    Rule("modalities", Stage.VALUE, formats.spoken),
    Rule("max_tokens", Stage.VALUE, models.output_limit),
    Rule("max_completion_tokens", Stage.VALUE, models.output_limit),
    # Whether they suit each other.
    Rule("max_tokens", Stage.VALUE, together.both_limits),
    Rule("stream_options", Stage.VALUE, together.stream_options),
    Rule("top_logprobs", Stage.VALUE, together.top_logprobs),
    Rule("metadata", Stage.VALUE, together.metadata),
    Rule("prediction", Stage.VALUE, together.prediction),
    Rule("audio", Stage.VALUE, formats.streamed_audio),
    Rule("tool_choice", Stage.VALUE, tools.tool_choice),
    Rule("parallel_tool_calls", Stage.VALUE, tools.parallel_tool_calls),
    Rule("tools", Stage.VALUE, tools.with_effort),
    Rule("function_call", Stage.VALUE, tools.function_call),
    Rule("response_format", Stage.VALUE, formats.word_json),
    # Schemas, which take longest to look at.
    Rule("functions", Stage.VALUE, tools.function_schemas),
    Rule("tools", Stage.VALUE, tools.tool_schemas),
    Rule("response_format", Stage.VALUE, formats.schema),
    # The conversation.
    Rule("messages", Stage.CONTENT, order.content, of_plain=False),
    Rule("messages", Stage.ORDER, order.answers, of_plain=False),
)


@lru_cache(maxsize=256)
def rules_of(model: Model, plain: bool) -> Mapping[str, Sequence[Rule]]:
    """Return the rules that are about a model, by their fields; those of `model` are asked of every request.

    Args:
        model: The model.
        plain: Whether the messages are plain texts, of which many rules have nothing to say.
    """
    grouped: defaultdict[str, list[Rule]] = defaultdict(list, model=[], null=[])
    for rule in RULES:
        if rule.of(model) and (rule.of_plain or not plain):
            grouped[rule.field].append(rule)
    return dict(grouped)
