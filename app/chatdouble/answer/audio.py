"""Spoken answers: sound that plays as long as its transcript would, in every format of the API."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final

from chatdouble.answer.sound import aac, flac, mp3, opus, pcm16, wav
from chatdouble.backend import Call
from chatdouble.core.errors import APIError
from chatdouble.core.ids import audio_id
from chatdouble.core.json import as_object, is_object
from chatdouble.schema.completion import Audio
from chatdouble.schema.texts import messages_of
from chatdouble.tokens.prompt import PromptCount

FORMATS: Final[Mapping[str, Callable[[float], bytes]]] = {
    "wav": wav,
    "mp3": mp3,
    "flac": flac,
    "opus": opus,
    "aac": aac,
    "pcm16": pcm16,
}
"""What makes each format of `audio.format` of a length in seconds (requests#audio)."""

AUDIO_TOKENS: Final = 5
"""How many tokens of sound each token of the transcript takes; 159 for some 30 words in a public report."""

_SECONDS: Final = AUDIO_TOKENS / 20
"""How long one takes to say: sound is 20 tokens a second."""

_LONGEST: Final = 800.0
"""The longest sound that is made, in seconds: what a model's 16,000 tokens last for."""

_LIFETIME: Final = 3600
"""How long later turns may refer to it, in seconds."""


def speaks(call: Call) -> bool:
    """Say whether a request asks for sound (requests#audio)."""
    modalities = call.request.modalities
    return modalities is not None and "audio" in modalities


async def speak(call: Call, transcript: str, tokens: int, index: int) -> Audio:
    """Return a spoken choice, and remember its id in the session.

    WAV and PCM have a soft beep for each token, the others silence of the same length.

    Args:
        call: The call that is answered.
        transcript: What is said.
        tokens: How many tokens of text it has.
        index: Which choice it is.
    """
    now = int(call.services.clock.now())
    expires = now + _LIFETIME
    made = audio_id(call.chance.at("audio", index), now)
    await call.session.keep_audio(made, expires, tokens)
    return {
        "id": made,
        "data": b64encode(_maker(call.body)(min(tokens * _SECONDS, _LONGEST))).decode(),
        "expires_at": expires,
        "transcript": transcript,
    }


async def add_recalled(call: Call, prompt: PromptCount) -> None:
    """Count the spoken answers that a request refers to, text and sound, with its prompt."""
    for _, audio in _references(call.body):
        if (tokens := await call.session.audio(audio, call.services.clock.now())) is not None:
            prompt.text += tokens
            prompt.audio += tokens * AUDIO_TOKENS


async def check_references(call: Call) -> None:
    """Refuse a request that refers to a spoken answer its session never had, or that has expired.

    Raises:
        APIError: `audio_not_found`, as a public report has it (community.openai.com, topic 1046769).
    """
    for place, audio in _references(call.body):
        if await call.session.audio(audio, call.services.clock.now()) is None:
            param = f"content.messages[{place}].audio.id"
            call.report(APIError(f"Assistant audio {audio} not found.", param=param, code="audio_not_found"))


def _references(body: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Return the places of the messages that refer to a spoken answer, and its id."""
    told = [(place, said["audio"]) for place, said in enumerate(messages_of(body)) if "audio" in said]
    return [(place, audio["id"]) for place, audio in told if is_object(audio) and isinstance(audio.get("id"), str)]


def _maker(body: Mapping[str, Any]) -> Callable[[float], bytes]:
    return FORMATS.get(str(as_object(body.get("audio")).get("format")), wav)
