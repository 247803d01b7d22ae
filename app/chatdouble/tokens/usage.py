"""The tokens of a request, as the API counts them: those of its prompt, and all that its answer reports."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from chatdouble.catalogue.model import Model
from chatdouble.core.json import as_object, objects_in
from chatdouble.schema.completion import CompletionTokensDetails, CompletionUsage, PromptTokensDetails
from chatdouble.schema.texts import parts_texts
from chatdouble.schema.tools import Toolbox, toolbox_of
from chatdouble.tokens.overhead import instruction_tokens, tag_tokens
from chatdouble.tokens.replayed import RESULTS, is_replayed, turns
from chatdouble.tokens.tokenizer import Tokenizer

_MESSAGE: Final = 4
_SOUND: Final = 4
_ASKING: Final = ("user", "system", "developer")
_INSTRUCTING: Final = frozenset({"tools", "functions", "response_format"})
"""The fields that add to a request's instructions."""


@dataclass(slots=True, eq=False, repr=False)
class PromptCount:
    """A prompt's tokens, by what they stand for.

    Attributes:
        text: Tokens of text, files, tools, schemas and what frames them.
        image: Tokens of images.
        audio: Tokens of sound.
        tools: The tools that were counted, for who needs them again; None: there are none.
    """

    text: int = 0
    image: int = 0
    audio: int = 0
    tools: Toolbox | None = None

    @property
    def total(self) -> int:
        """All tokens, `usage.prompt_tokens`."""
        return self.text + self.image + self.audio


def prompt_tokens(body: Mapping[str, Any], model: Model, tokenizer: Tokenizer) -> PromptCount:
    """Count the tokens of a request's prompt, as recorded usage shows them (tokens#accuracy).

    A message costs 3 tokens, one for its role, its text and its name after a colon; a name that is the role
    costs one. The beginning of the answer and each earlier answer cost what the family's overhead says. Models
    that always search count the texts alone.

    Args:
        body: The request as it was sent.
        model: The model asked.
        tokenizer: The model's tokenizer.
    """
    messages = objects_in(body.get("messages"))
    if model.always_searches:
        return PromptCount(sum(_text_tokens(message.get("content"), tokenizer) for message in messages))
    count = PromptCount(model.overhead.priming)
    answers, replayed = 0, False
    for message in messages:
        role = message.get("role")
        if "name" in message:
            count.text += _name_tokens(message, tokenizer)
        if role not in _ASKING and is_replayed(message):
            replayed = True
            if role != "assistant" or not message.get("content"):
                continue
        content = message.get("content")
        if isinstance(content, str) and role != "assistant":
            count.text += _MESSAGE + tokenizer.count(content)
        else:
            answers += role == "assistant"
            _add_message(message, count, model, tokenizer)
    if replayed:
        _add_turns(messages, count, model, tokenizer)
    if not _INSTRUCTING.isdisjoint(body):
        _add_instructions(body, messages, answers, count, model, tokenizer)
    return count


def part_tokens(part: Mapping[str, Any], model: Model, tokenizer: Tokenizer) -> PromptCount:
    """Count the tokens of one content part."""
    count = PromptCount()
    _add_parts([part], count, model, tokenizer)
    return count


def _add_message(message: Mapping[str, Any], count: PromptCount, model: Model, tokenizer: Tokenizer) -> None:
    """Count a message of parts, or of an earlier answer; one of calls only for the text before them."""
    content = message.get("content")
    count.text += _MESSAGE
    if isinstance(content, str):
        count.text += tokenizer.count(content)
    elif content:
        _add_parts(objects_in(content), count, model, tokenizer)
    if message.get("role") == "assistant":
        count.text += model.overhead.turn
        if refusal := message.get("refusal"):
            count.text += tokenizer.count(str(refusal))


def _add_parts(parts: Iterable[Mapping[str, Any]], count: PromptCount, model: Model, tokenizer: Tokenizer) -> None:
    """Count parts; texts that follow each other are one text, with nothing between them."""
    for is_text, group in groupby(parts, lambda part: part.get("type") in _TEXTS):
        if is_text:
            count.text += tokenizer.count("".join(parts_texts([*group])))
            continue
        for part in group:
            add = _PARTS.get(str(part.get("type")))
            if add is not None:
                add(part, count, model, tokenizer)


def _text_tokens(content: Any, tokenizer: Tokenizer) -> int:
    return tokenizer.count(content if isinstance(content, str) else "".join(parts_texts(content)))


def _name_tokens(message: Mapping[str, Any], tokenizer: Tokenizer) -> int:
    name = message.get("name")
    if not isinstance(name, str) or message.get("role") in RESULTS:
        return 0
    return 1 if name == message.get("role") else tokenizer.count(f":{name}")


def _add_turns(messages: Sequence[Mapping[str, Any]], count: PromptCount, model: Model, tokenizer: Tokenizer) -> None:
    """Count earlier calls and their results: a message each, the function's name and what was given or came back."""
    for turn in turns(messages):
        count.text += _MESSAGE + tokenizer.count(turn.party) + (model.overhead.call if turn.is_call else 0)
        if isinstance(turn.content, str):
            count.text += tokenizer.count(turn.content)
        else:
            _add_parts(objects_in(turn.content), count, model, tokenizer)


def _add_instructions(
    body: Mapping[str, Any],
    messages: Sequence[Mapping[str, Any]],
    answers: int,
    count: PromptCount,
    model: Model,
    tokenizer: Tokenizer,
) -> None:
    """Count tools and response format; each answer to a schema, and the one to come, is tagged with its name."""
    count.tools = toolbox_of(body) if "tools" in body or "functions" in body else None
    count.text += instruction_tokens(body, count.tools, messages, model, tokenizer)
    if "response_format" in body and (tag := tag_tokens(body, tokenizer)):
        from chatdouble.tokens.tools_as_text import functions_of  # noqa: PLC0415 - for who sends a schema

        # A model that reasons, or may call, has not decided yet what comes next.
        is_text_next = not model.overhead.instructs and not (count.tools and functions_of(count.tools.fields))
        count.text += tag * (answers + is_text_next)


def _add_image(part: Mapping[str, Any], count: PromptCount, model: Model, _: Tokenizer) -> None:
    from chatdouble.tokens.images import image_tokens  # noqa: PLC0415 - for who sends images

    count.image += image_tokens(part.get("image_url"), model)


def _add_sound(part: Mapping[str, Any], count: PromptCount, _: Model, __: Tokenizer) -> None:
    from chatdouble.tokens.audio import heard_tokens  # noqa: PLC0415 - for who sends sound

    count.text += _SOUND
    count.audio += heard_tokens(part.get("input_audio"))


def _add_file(part: Mapping[str, Any], count: PromptCount, model: Model, tokenizer: Tokenizer) -> None:
    from chatdouble.tokens.documents import document_of  # noqa: PLC0415 - for who sends files

    document = document_of(as_object(part.get("file")).get("file_data"))
    count.text += document.pages * model.page_price + tokenizer.count(document.text)


_TEXTS: Final = ("text", "refusal")

_PARTS: Final[Mapping[str, Callable[[Mapping[str, Any], PromptCount, Model, Tokenizer], None]]] = {
    "image_url": _add_image,
    "input_audio": _add_sound,
    "file": _add_file,
}

LEAST_CACHED: Final = 1024
"""The shortest prefix of a prompt that is cached, in tokens (tokens#caching)."""

STEP: Final = 64
"""Reasoning is counted in steps of so many tokens (tokens#answers)."""

EFFORT_STEPS: Final = {"none": 0, "minimal": 0, "low": 1, "medium": 2, "high": 8, "xhigh": 16, "max": 32}
"""Reasoning steps by effort; fixed, so that tests can rely on it."""


@dataclass(slots=True, eq=False, repr=False)
class Spent:
    """Token counts of all choices together.

    Attributes:
        cached: Prompt tokens that were seen before.
        cache_written: Prompt tokens that were not, and are kept now.
        accepted: Tokens of the prediction that are in the output.
        rejected: Tokens of the prediction that are not.
        audio: Tokens of speech.
    """

    cached: int = 0
    cache_written: int = 0
    accepted: int = 0
    rejected: int = 0
    audio: int = 0


def reasoning_tokens(model: Model, effort: str | None) -> int:
    """Return how many tokens a model reasons before it answers, if nothing cuts it short.

    Args:
        model: The model.
        effort: The effort that the request asks for; None: the model's default.
    """
    if not model.efforts:
        return 0
    effort = effort or model.default_effort or "none"
    return STEP * EFFORT_STEPS.get(effort, 0)


def usage_of(model: Model, prompt: PromptCount, said: int, reasoning: int, spent: Spent) -> CompletionUsage:
    """Return the usage of a request: one object for all its choices (answers#usage).

    Args:
        model: The model, whose family decides how much detail there is.
        prompt: The prompt's tokens.
        said: The tokens of all choices, reasoning included.
        reasoning: The tokens of their reasoning.
        spent: What they cost besides.
    """
    total, completion = prompt.total, said + spent.rejected
    read: PromptTokensDetails = {"cached_tokens": spent.cached}
    if model.has_cache_write_tokens:
        read["cache_write_tokens"] = spent.cache_written
    read["audio_tokens"] = prompt.audio
    written: CompletionTokensDetails = {
        "reasoning_tokens": reasoning,
        "audio_tokens": spent.audio,
        "accepted_prediction_tokens": spent.accepted,
        "rejected_prediction_tokens": spent.rejected,
    }
    if model.usage_details == "audio":
        read["text_tokens"], read["image_tokens"] = prompt.text, prompt.image
        written["text_tokens"] = completion - spent.audio - reasoning
    return {
        "prompt_tokens": total,
        "completion_tokens": completion,
        "total_tokens": total + completion,
        "prompt_tokens_details": read,
        "completion_tokens_details": written,
    }


def tokens_of(answer: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the tokens of an answer's input and output, whatever its API calls them; None: it has no usage."""
    usage: Mapping[str, int] | None = answer.get("usage")
    if usage is None:
        return None
    if "input_tokens" in usage:
        return usage["input_tokens"], usage["output_tokens"]
    return usage["prompt_tokens"], usage.get("completion_tokens", 0)
