"""Audio output: sound as long as its transcript takes to speak, in every format of the API."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final

from chatdouble.backend import Call
from chatdouble.core.chance import audio_id
from chatdouble.core.json import is_object
from chatdouble.schema.completion import Audio
from chatdouble.schema.texts import messages_of
from chatdouble.validation.wording import messages

AUDIO_TOKENS: Final = 5
"""Audio tokens for each token of the transcript; a public report has 159 for some 30 words."""

# Seconds of audio for each token of the transcript; a second is 20 audio tokens.
_SECONDS: Final = AUDIO_TOKENS / 20

# The longest audio in seconds, which is 16,000 tokens.
_LONGEST: Final = 800.0

# The bytes of audio that are put in base64 at once, a multiple of three.
_PIECE: Final = 3 * 256 * 1024

# Seconds of audio that take a few milliseconds to make; a thread makes longer ones.
_AT_ONCE: Final = 30.0

# Seconds for which later requests can refer to an audio output.
_LIFETIME: Final = 3600


def has_audio_output(call: Call) -> bool:
    """Return whether a request asks for audio output (requests#audio)."""
    modalities = call.request.modalities
    return modalities is not None and "audio" in modalities


async def audio_of(call: Call, transcript: str, tokens: int, index: int) -> Audio:
    """Return the audio of a choice, and store its id in the session.

    WAV and PCM have a soft beep for each token, the other formats silence of the same length.

    Args:
        call: The call to answer.
        transcript: The transcript.
        tokens: The number of tokens of the transcript.
        index: The index of the choice.
    """
    from chatdouble.answer.sound import FORMATS, wav  # noqa: PLC0415 - for answers that are spoken

    now = int(call.services.clock.now())
    expires = now + _LIFETIME
    id_ = audio_id(call.chance.at("audio", index), now)
    await call.session.keep_audio(id_, expires, tokens)
    # Lenient validation accepts a request for audio without its format.
    encoder = FORMATS[call.request.audio["format"]] if call.request.audio else wav
    seconds = min(tokens * _SECONDS, _LONGEST)
    call.delivery.is_long = call.delivery.is_long or seconds > _AT_ONCE
    work = call.in_thread if seconds > _AT_ONCE else call.apart
    return {
        "id": id_,
        "data": await work(_encoded, encoder, seconds),
        "expires_at": expires,
        "transcript": transcript,
    }


def _encoded(encoder: Callable[[float], bytes], seconds: float) -> str:
    """Return audio in base64, made in pieces between which other threads get their turns."""
    sound = encoder(seconds)
    return "".join([b64encode(sound[at : at + _PIECE]).decode() for at in range(0, len(sound), _PIECE)])


async def referenced_tokens(call: Call) -> int:
    """Return the text tokens of the audio outputs that a request refers to."""
    now = call.services.clock.now()
    return sum([await call.session.audio(audio, now) or 0 for _, audio in _references(call.body)])


async def check_audio_references(call: Call) -> None:
    """Check that the session has every audio output that a request refers to, and that none has expired.

    Raises:
        APIError: `audio_not_found`, as in a public report (community.openai.com, topic 1046769).
    """
    for index, audio in _references(call.body):
        if await call.session.audio(audio, call.services.clock.now()) is None:
            call.report(messages.audio_not_found(index, audio))


def _references(body: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Return the indices of the messages that refer to an audio output, each with the id of the audio."""
    found = [(index, message["audio"]) for index, message in enumerate(messages_of(body)) if "audio" in message]
    return [(index, audio["id"]) for index, audio in found if is_object(audio) and isinstance(audio.get("id"), str)]
