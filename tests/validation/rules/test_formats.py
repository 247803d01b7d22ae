"""JSON, schemas and sound as the form of an answer."""

from typing import Any

import pytest

from saying import USER, said

JSON: dict[str, Any] = {"type": "json_object"}
ASKS = [{"role": "user", "content": "Answer in JSON"}]
SOUND: dict[str, Any] = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}}


def _schema(schema: Any, **more: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "book", "schema": schema, **more}}


def test_json_has_to_be_mentioned() -> None:
    assert said(response_format=JSON) == (
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
        "messages",
        None,
    )
    assert said(response_format=JSON, messages=ASKS) is None
    image = {"type": "image_url", "image_url": {"url": "https://x.test/json.png"}}
    parts = [image, {"type": "text", "text": "some jsonish thing"}]
    assert said(response_format=JSON, messages=[{"role": "user", "content": parts}]) is None
    assert said(response_format=JSON, messages=[{"role": "user", "content": [image]}]) is not None


def test_older_models_know_no_schemas() -> None:
    assert said(model="gpt-4", response_format=_schema({"type": "object", "properties": {}})) == (
        (
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. "
            "Learn more about supported models at the Structured Outputs guide: "
            "https://platform.openai.com/docs/guides/structured-outputs"
        ),
        None,
        None,
    )


def test_the_oldest_models_know_no_json() -> None:
    assert said(model="gpt-4", response_format=JSON, messages=ASKS) == (
        "Invalid parameter: 'response_format' of type 'json_object' is not supported with this model.",
        "response_format",
        None,
    )


def test_a_schema_that_is_promised_is_there() -> None:
    answer = said(response_format={"type": "json_schema", "json_schema": {"name": "book"}})
    assert answer == (
        "Missing required parameter: 'response_format.json_schema.schema'.",
        "response_format.json_schema.schema",
        "missing_required_parameter",
    )


def test_a_strict_schema_is_closed() -> None:
    open_ = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    assert said(response_format=_schema(open_, strict=False)) is None
    assert said(response_format=_schema(open_, strict=True)) == (
        (
            "Invalid schema for response_format 'book': In context=(), 'additionalProperties' is required to be "
            "supplied and to be false."
        ),
        "response_format",
        None,
    )


def test_text_as_a_format_asks_for_nothing() -> None:
    assert said(response_format={"type": "text"}) is None


def test_a_voice_that_is_named_exists() -> None:
    answer = said(modalities=["text"], audio={"voice": "hal", "format": "wav"})
    assert answer is not None
    assert answer[0].startswith("Invalid value: 'hal'. Supported values are: 'alloy', 'ash', 'ballad', ")
    assert answer[1:] == ("audio.voice", "invalid_value")
    voice = {"voice": {"id": "voice_1"}, "format": "wav"}
    assert said(model="gpt-audio", modalities=["text", "audio"], audio=voice) is None


def test_a_stream_carries_sound_as_pcm16() -> None:
    assert said(model="gpt-audio", stream=True, **SOUND) == (
        "Unsupported value: 'audio.format' does not support 'wav' when stream=true. Supported values are: 'pcm16'.",
        "audio.format",
        "unsupported_value",
    )
    sound = {**SOUND, "audio": {"voice": "alloy", "format": "pcm16"}}
    assert said(model="gpt-audio", stream=True, **sound) is None


def test_speech_needs_a_voice_and_a_model_that_speaks() -> None:
    assert said(model="gpt-audio", modalities=["text", "audio"]) == (
        "Missing required parameter: 'audio'.",
        "audio",
        "missing_required_parameter",
    )
    assert said(**SOUND) == (
        ("Unsupported value: 'modalities[1]' does not support 'audio' with this model. Supported values are: 'text'."),
        "modalities[1]",
        "unsupported_value",
    )


HEARD: list[Any] = [
    {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}]},
    {"role": "assistant", "audio": {"id": "audio_1"}},
]


@pytest.mark.parametrize("message", HEARD)
def test_a_model_for_sound_hears_or_is_heard(message: dict[str, Any]) -> None:
    expected = (
        "This model requires that either input content or output modality contain audio.",
        "model",
        "invalid_value",
    )
    assert said(model="gpt-audio") == expected
    assert said(model="gpt-audio", messages=[USER, message]) != expected
    assert said(model="gpt-audio", **SOUND) is None
