"""A spoken answer plays, in every format, as long as its transcript takes to say."""

import io
from base64 import b64decode
from dataclasses import replace
from typing import Any

import av
import pytest

from calls import NOW, call, services
from chatdouble.answer.audio import FORMATS, check_references
from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft
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
def test_every_format_plays_as_long_as_it_should(kind: str, seconds: float) -> None:
    length, channels = played(FORMATS[kind](seconds))
    assert length == pytest.approx(seconds, abs=0.05)
    assert channels == 1


def test_pcm_is_16_bits_24000_times_a_second_and_can_be_heard() -> None:
    samples = FORMATS["pcm16"](1.5)
    assert len(samples) == 2 * 24_000 * 1.5
    assert any(samples)


@pytest.mark.parametrize("kind", list(FORMATS))
def test_nothing_to_say_is_still_made(kind: str) -> None:
    assert isinstance(FORMATS[kind](0), bytes)


async def test_the_message_has_sound_instead_of_content() -> None:
    said = message(await spoken())
    assert list(said) == ["role", "content", "refusal", "audio", "annotations"]
    assert said["content"] is None
    assert "audio" in said
    assert said["audio"] is not None
    assert list(said["audio"]) == ["id", "data", "expires_at", "transcript"]
    assert said["audio"]["transcript"] == TWELVE
    assert said["audio"]["expires_at"] == NOW + 3600
    assert played(b64decode(said["audio"]["data"]))[0] == pytest.approx(12 * 0.25)


async def test_sound_costs_tokens_beside_its_transcript() -> None:
    made = (await spoken()).get("usage")
    assert made is not None
    details = made.get("completion_tokens_details", {})
    assert details.get("audio_tokens") == 60
    assert details.get("text_tokens") == 12
    assert made["completion_tokens"] == 72


async def test_a_limit_cuts_transcript_and_sound_together() -> None:
    made = await spoken(max_completion_tokens=18)
    audio = message(made).get("audio")
    assert audio is not None
    assert audio["transcript"] == "one two three"
    assert made["choices"][0]["finish_reason"] == "length"


async def test_without_the_modality_there_is_no_sound() -> None:
    made = await compose(call(model="gpt-4o-audio-preview"), [Draft(content="Hello")])
    assert "audio" not in message(made)
    assert message(made)["content"] == "Hello"


async def test_a_refusal_is_not_spoken() -> None:
    made = await compose(call(**SPEAKING), [Draft(refusal="I cannot.")])
    assert "audio" not in message(made)


async def test_later_turns_may_refer_to_it_until_it_expires() -> None:
    shared = services()
    audio = message(await compose(call(shared=shared, **SPEAKING), [Draft(content="Hello")])).get("audio")
    assert audio is not None
    history = [{"role": "user", "content": "Hi"}, {"role": "assistant", "audio": {"id": audio["id"]}}]
    asked: dict[str, Any] = {**SPEAKING, "messages": history}
    await check_references(call(shared=shared, **asked))
    later = replace(shared, clock=fixed(NOW + 3601))
    for without in (call(shared=shared, session="sk-other", **asked), call(shared=later, **asked)):
        with pytest.raises(APIError, match=f"Assistant audio {audio['id']} not found.") as caught:
            await check_references(without)
        assert (caught.value.param, caught.value.code) == ("content.messages[1].audio.id", "audio_not_found")


async def test_what_was_spoken_before_is_counted() -> None:
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
async def test_an_unknown_one_is_let_pass_where_validation_is_not_strict(validation: Any, warnings: Any) -> None:
    asked = call(**SPEAKING, messages=[{"role": "assistant", "audio": {"id": "audio_1"}}])
    asked.validation = validation
    await check_references(asked)
    assert asked.notes.warnings == warnings
    assert (WARNING in dict(Headers("org-double").of(asked))) == bool(warnings)


@pytest.mark.parametrize(("validation", "status"), [("strict", 400), ("lenient", 200), ("off", 200)])
def test_the_servers_validation_decides(serve: Any, validation: str, status: int) -> None:
    request = {**SPEAKING, "audio": {"voice": "alloy", "format": "wav"}}
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "audio": {"id": "audio_1"}}]
    with serve(validation=validation) as served:
        assert post(served.origin, {**request, "messages": messages}).status == status
