"""The tokens of a request's prompt, as the API counts them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chatdouble.answer.texts import messages_of, parts_texts
from chatdouble.catalogue.model import Model
from chatdouble.tokens import Tokenizer

_MESSAGE: Final = 4
_NAME: Final = 1
_PRIMING: Final = 3
_REASONING_PRIMING: Final = 2
_REASONING_TURN: Final = 2


@dataclass(slots=True)
class PromptCount:
    """A prompt's tokens, by what they stand for.

    Attributes:
        text: Tokens of text, tools, schemas and what frames them.
        image: Tokens of images.
        audio: Tokens of sound.
    """

    text: int = 0
    image: int = 0
    audio: int = 0

    @property
    def total(self) -> int:
        """All tokens, `usage.prompt_tokens`."""
        return self.text + self.image + self.audio


def prompt_tokens(body: Mapping[str, Any], model: Model, tokenizer: Tokenizer) -> PromptCount:
    """Count the tokens of a request's prompt.

    A message costs 3 tokens, one for its role, its text and, if it has one, its name and one more; the
    answer's beginning costs 3. Reasoning families: 2, and 2 more for each earlier answer. These are exact
    for plain text (exchanges.jsonl).

    Args:
        body: The request as it was sent.
        model: The model asked.
        tokenizer: The model's tokenizer.
    """
    reasons = bool(model.efforts)
    count = PromptCount(_REASONING_PRIMING if reasons else _PRIMING)
    for message in messages_of(body):
        count.text += _MESSAGE
        content = message.get("content")
        if isinstance(content, str):
            count.text += tokenizer.count(content)
        elif content:
            count.text += sum(map(tokenizer.count, parts_texts(content)))
        if reasons and message.get("role") == "assistant":
            count.text += _REASONING_TURN
        if isinstance(name := message.get("name"), str):
            count.text += _NAME + tokenizer.count(name)
    return count
