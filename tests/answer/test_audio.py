"""Audio output plays in every format, as long as its transcript takes to speak."""

import io
from base64 import b64decode
from dataclasses import replace
from typing import Any

import av
import pytest

from calls import NOW, call, services
from chatdouble.answer.audio import check_audio_references
from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft
from chatdouble.answer.sound import FORMATS
from chatdouble.core.clock import fixed
from chatdouble.core.errors import APIError
from chatdouble.http.headers import WARNING, Headers
from chatdouble.schema.completion import Completion, Message
from raw import post

TWELVE = "one two three four five six seven eight nine ten eleven twelve"
SPEAKING: dict[str, Any] = {"model": "gpt-4o-audio-preview", "modalities": ["text", "audio"]}


async def spoken(text: str = TWELVE, kind: str = "wav", **request: Any) -> Completion:
    asked: dict[str, Any] = {**SPEAKING, "audio": {"voice": "alloy", "format": kind}, **request}
    return await compose(call(**asked), [Draft(content=text)])


def message(made: Completion) -> Message:
    return made["choices"][0]["message"]


def played(data: bytes) -> tuple[float, int]:
    """Return how many seconds a file plays, and its channels."""
    with av.open(io.BytesIO(data), "r") as file:
        (stream,) = file.streams.audio
        frames = [(frame.samples, frame.sample_rate, len(frame.layout.channels)) for frame in file.decode(stream)]
    return sum(samples / rate for samples, rate, _ in frames), frames[0][2]


@pytest.mark.parametrize("kind", ["wav", "mp3", "flac", "opus", "aac"])
@pytest.mark.parametrize("seconds", [0.25, 3.0, 61.5])
def test_every_format_plays_for_its_length(kind: str, seconds: float) -> None:
    length, channels = played(FORMATS[kind](seconds))
    assert length == pytest.approx(seconds, abs=0.05)
    assert channels == 1


def test_pcm_has_24000_samples_of_16_bits_a_second_and_is_audible() -> None:
    samples = FORMATS["pcm16"](1.5)
    assert len(samples) == 2 * 24_000 * 1.5
    assert any(samples)


@pytest.mark.parametrize("kind", list(FORMATS))
def test_audio_of_no_length_is_encoded(kind: str) -> None:
    assert isinstance(FORMATS[kind](0), bytes)


async def test_the_message_has_audio_instead_of_content() -> None:
    said = message(await spoken())
    assert list(said) == ["role", "content", "refusal", "audio", "annotations"]
    assert said["content"] is None
    assert "audio" in said
    assert said["audio"] is not None
    assert list(said["audio"]) == ["id", "data", "expires_at", "transcript"]
    assert said["audio"]["transcript"] == TWELVE
    assert said["audio"]["expires_at"] == NOW + 3600
    assert played(b64decode(said["audio"]["data"]))[0] == pytest.approx(12 * 0.25)


async def test_audio_costs_tokens_in_addition_to_its_transcript() -> None:
    made = (await spoken()).get("usage")
    assert made is not None
    details = made.get("completion_tokens_details", {})
    assert details.get("audio_tokens") == 60
    assert details.get("text_tokens") == 12
    assert made["completion_tokens"] == 72


async def test_a_limit_truncates_transcript_and_audio_together() -> None:
    made = await spoken(max_completion_tokens=18)
    audio = message(made).get("audio")
    assert audio is not None
    assert audio["transcript"] == "one two three"
    assert made["choices"][0]["finish_reason"] == "length"


async def test_there_is_no_audio_without_the_modality() -> None:
    made = await compose(call(model="gpt-4o-audio-preview"), [Draft(content="Hello")])
    assert "audio" not in message(made)
    assert message(made)["content"] == "Hello"


async def test_a_refusal_has_no_audio() -> None:
    made = await compose(call(**SPEAKING), [Draft(refusal="I cannot.")])
    assert "audio" not in message(made)


async def test_later_requests_can_refer_to_audio_until_it_expires() -> None:
    shared = services()
    audio = message(await compose(call(shared=shared, **SPEAKING), [Draft(content="Hello")])).get("audio")
    assert audio is not None
    history = [{"role": "user", "content": "Hi"}, {"role": "assistant", "audio": {"id": audio["id"]}}]
    asked: dict[str, Any] = {**SPEAKING, "messages": history}
    await check_audio_references(call(shared=shared, **asked))
    later = replace(shared, clock=fixed(NOW + 3601))
    for without in (call(shared=shared, session="sk-other", **asked), call(shared=later, **asked)):
        with pytest.raises(APIError, match=f"Assistant audio {audio['id']} not found.") as caught:
            await check_audio_references(without)
        assert (caught.value.param, caught.value.code) == ("content.messages[1].audio.id", "audio_not_found")


async def test_referenced_audio_is_counted_in_the_prompt() -> None:
    shared = services()
    audio = message(await compose(call(shared=shared, **SPEAKING), [Draft(content=TWELVE)])).get("audio")
    assert audio is not None
    history = [{"role": "user", "content": "Hi"}, {"role": "assistant", "audio": {"id": audio["id"]}}]
    counts: list[dict[str, Any]] = []
    for used in (shared, services()):
        made: Any = await compose(call(shared=used, **SPEAKING, messages=history), [Draft(content="Hello")])
        counts.append(made["usage"])
    known, unknown = counts
    assert known["prompt_tokens"] - unknown["prompt_tokens"] == 12 + 60
    assert known["prompt_tokens_details"]["audio_tokens"] == 60


@pytest.mark.parametrize(
    ("validation", "warnings"), [("lenient", ("Assistant audio audio_1 not found.",)), ("off", ())]
)
async def test_unknown_audio_is_accepted_unless_validation_is_strict(validation: Any, warnings: Any) -> None:
    asked = call(**SPEAKING, messages=[{"role": "assistant", "audio": {"id": "audio_1"}}])
    asked.validation = validation
    await check_audio_references(asked)
    assert asked.notes.warnings == warnings
    assert (WARNING in dict(Headers("org-double").of(asked))) == bool(warnings)


@pytest.mark.parametrize(("validation", "status"), [("strict", 400), ("lenient", 200), ("off", 200)])
def test_the_servers_validation_decides_about_unknown_audio(serve: Any, validation: str, status: int) -> None:
    request = {**SPEAKING, "audio": {"voice": "alloy", "format": "wav"}}
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "audio": {"id": "audio_1"}}]
    with serve(validation=validation) as served:
        assert post(served.origin, {**request, "messages": messages}).status == status
