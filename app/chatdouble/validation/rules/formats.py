"""Rules for the form of an answer: JSON, a schema, audio."""

from collections.abc import Iterator
from typing import Any, Final

from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.core.json import is_array
from chatdouble.schema.options import VOICES
from chatdouble.validation import wording
from chatdouble.validation.rules.limits import name
from chatdouble.validation.rules.rule import Subject
from chatdouble.validation.wording import combinations, messages, models

_VOICES: Final = tuple(sorted((*VOICES, "fable", "nova", "onyx")))


def json_schema(subject: Subject) -> Iterator[APIError]:
    """Require a schema and a valid name for it (rules#response-formats)."""
    chosen = subject.body["response_format"]
    if chosen["type"] != "json_schema":
        return
    yield from name("response_format.json_schema.name", chosen["json_schema"]["name"])
    if chosen["json_schema"].get("schema") is None:
        yield wording.missing("response_format.json_schema.schema")


def supported_format(subject: Subject) -> Iterator[APIError]:
    """Refuse schemas or JSON on models without them: older ones, audio models, search models.

    See (rules#response-formats).
    """
    kind = subject.body["response_format"]["type"]
    if kind == "json_schema" and not subject.model.json_schema:
        yield models.no_schemas()
    if kind == "json_object" and subject.model.always_searches:
        yield models.no_json_with_search()
    elif kind == "json_object" and not subject.model.json_object:
        yield models.no_json_object()


def schema(subject: Subject) -> Iterator[APIError]:
    """Check the schema against the subset the API supports (schemas#keywords)."""
    chosen = subject.body["response_format"].get("json_schema", {})
    if chosen.get("schema") is None:
        return
    from chatdouble.json_schema.strict import find_fault  # noqa: PLC0415 - for requests with schemas
    from chatdouble.validation.wording.schemas import invalid_schema  # noqa: PLC0415 - as above

    fault = find_fault(chosen["schema"], of_function=False, strict=bool(chosen.get("strict")))
    if fault:
        yield invalid_schema(fault, f"response_format '{chosen['name']}'", "response_format")


def word_json(subject: Subject) -> Iterator[APIError]:
    """Require the word JSON in the messages with json_object (rules#response-formats)."""
    if subject.body["response_format"]["type"] != "json_object":
        return
    texts = (text for message in subject.body.get("messages", ()) for text in _texts(message.get("content")))
    if not any("json" in text.lower() for text in texts):
        yield messages.no_word_json()


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    for part in content if is_array(content) else ():
        if part["type"] == "text":
            yield part["text"]


def voice(subject: Subject) -> Iterator[APIError]:
    """Allow only the API's voices (requests#audio)."""
    chosen = subject.body["audio"]["voice"]
    if isinstance(chosen, str) and chosen not in _VOICES:
        yield wording.wrong_value("audio.voice", chosen, _VOICES)


def streamed_audio(subject: Subject) -> Iterator[APIError]:
    """Allow only pcm16 audio in a stream (rules#combinations)."""
    chosen = subject.body["audio"]["format"]
    if subject.body.get("stream") and chosen != "pcm16":
        yield combinations.streamed_audio(chosen)


def spoken(subject: Subject) -> Iterator[APIError]:
    """Require a model with audio output, and `audio`, for spoken answers (rules#combinations)."""
    asked: list[str] = subject.body["modalities"]
    if "audio" not in asked:
        return
    if not subject.model.speaks:
        path = f"modalities[{asked.index('audio')}]"
        yield wording.unsupported_value(path, "audio", "Supported values are: 'text'.")
    elif not subject.body.get("audio"):
        yield wording.missing("audio")


def is_of_sound(model: Model) -> bool:
    """Return True for audio models."""
    return model.usage_details == "audio"


def audible(subject: Subject) -> Iterator[APIError]:
    """Require audio input or output on audio models."""
    if "audio" in (subject.body.get("modalities") or ()):
        return
    if not any(_sounds(message) for message in subject.body["messages"]):
        yield models.only_sound()


def _sounds(message: dict[str, Any]) -> bool:
    content = message.get("content")
    heard = is_array(content) and any(part["type"] == "input_audio" for part in content)
    return heard or bool(message.get("audio"))
