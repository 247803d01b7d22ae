"""Completions to slice, fold and send: a simple one, and any that the API could give."""

from typing import Any, cast

from hypothesis import strategies as st

from chatdouble.schema.completion import Completion

USAGE: dict[str, Any] = {
    "prompt_tokens": 9,
    "completion_tokens": 2,
    "total_tokens": 11,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 0,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}
FAMILIES: dict[str, Any] = {"service_tier": "default", "system_fingerprint": "fp_0123456789"}


def message(content: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a message, its keys in the API's order."""
    audio = {"audio": more.pop("audio")} if "audio" in more else {}
    refusal = more.pop("refusal", None)
    annotations = more.pop("annotations", [])
    known = {"role": "assistant", "content": content, **more}
    return {**known, "refusal": refusal, "annotations": annotations, **audio}


def choice(said: dict[str, Any], finish: str = "stop", index: int = 0, **more: Any) -> dict[str, Any]:
    """Return a choice, its keys in the API's order. `logprobs` is null by default; `logprobs=...` leaves it out."""
    logprobs = more.pop("logprobs", None)
    shown: dict[str, Any] = {} if logprobs is ... else {"logprobs": logprobs}
    return {"index": index, "message": said, **shown, "finish_reason": finish, **more}


def completion(*choices: dict[str, Any], **more: Any) -> Completion:
    """Return a completion, its keys in the API's order."""
    whole = {
        "id": "chatcmpl-0SWqf0123456789abcdefghijklmno",
        "object": "chat.completion",
        "created": 1_753_000_000,
        "model": "gpt-4o-2024-08-06",
        "choices": list(choices),
        "usage": USAGE,
        **FAMILIES,
        **more,
    }
    return cast("Completion", whole)


def said(text: str) -> Completion:
    """Return an answer of one choice with this text."""
    return completion(choice(message(text)))


def function_call(name: str, arguments: str, number: int = 0) -> dict[str, Any]:
    """Return a call of a function tool."""
    called = {"name": name, "arguments": arguments}
    return {"id": f"call_{number:024d}", "type": "function", "function": called}


def custom_call(name: str, given: str, number: int = 0) -> dict[str, Any]:
    """Return a call of a custom tool."""
    return {"id": f"call_{number:024d}", "type": "custom", "custom": {"name": name, "input": given}}


def token(text: str | bytes, logprob: float = -0.5) -> dict[str, Any]:
    """Return a token's log probability."""
    spelled = text.encode() if isinstance(text, str) else text
    shown = spelled.decode(errors="replace")
    return {"token": shown, "logprob": logprob, "bytes": list(spelled), "top_logprobs": []}


_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_names = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
_base64 = st.text("ABCabc+/09", min_size=1, max_size=5).map(lambda text: text * 2000)


@st.composite
def _tokens(draw: st.DrawFn, text: str) -> list[dict[str, Any]]:
    """Spell a text in tokens that may end in the middle of a character."""
    left = text.encode()
    tokens: list[dict[str, Any]] = []
    while left:
        size = draw(st.integers(1, 5))
        tokens.append(token(left[:size], draw(st.floats(-20, 0))))
        left = left[size:]
    return tokens


@st.composite
def _calls(draw: st.DrawFn, *, custom: bool) -> list[dict[str, Any]]:
    known = [function_call, custom_call] if custom else [function_call]
    kinds = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3))
    return [kind(draw(_names), draw(_texts), number) for number, kind in enumerate(kinds)]


@st.composite
def _messages(draw: st.DrawFn, *, custom: bool) -> tuple[dict[str, Any], str]:
    kind = draw(st.sampled_from(["text", "cited", "refusal", "tools", "text and tools", "function", "audio"]))
    text = draw(_texts)
    if kind == "refusal":
        return message(refusal=text), "stop"
    if kind == "tools":
        return message(tool_calls=draw(_calls(custom=custom))), "tool_calls"
    if kind == "text and tools":
        return message(text, tool_calls=draw(_calls(custom=custom))), "tool_calls"
    if kind == "function":
        return message(function_call={"name": draw(_names), "arguments": text}), "function_call"
    if kind == "audio":
        audio = {"id": "audio_1", "data": draw(_base64), "expires_at": 1_753_003_600, "transcript": text}
        return message(audio=audio), draw(st.sampled_from(["stop", "length"]))
    if kind == "cited":
        cited = {"end_index": 2, "start_index": 1, "title": text, "url": "https://example.com"}
        return message(text, annotations=[{"type": "url_citation", "url_citation": cited}]), "stop"
    return message(text), draw(st.sampled_from(["stop", "length", "content_filter"]))


@st.composite
def _choices(draw: st.DrawFn, index: int, *, custom: bool) -> dict[str, Any]:
    said, finish = draw(_messages(custom=custom))
    shown = draw(st.sampled_from(["missing", "null", "given"]))
    logprobs: Any = {"missing": ..., "null": None}.get(shown)
    if shown == "given":
        logprobs = {kind: None if said[kind] is None else draw(_tokens(said[kind])) for kind in ("content", "refusal")}
    return choice(said, finish, index, logprobs=logprobs)


@st.composite
def completions(draw: st.DrawFn, *, custom: bool = True) -> Completion:
    """Draw a completion of any kind, with custom tool calls only if `custom`."""
    choices = [draw(_choices(index, custom=custom)) for index in range(draw(st.integers(1, 3)))]
    return completion(*choices)
