"""Compares token counts with recorded ones: `python tests/token_agreement.py`, or `scripts/token-agreement`."""

import argparse
import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from calls import TOKENIZERS, call, model
from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft
from chatdouble.core.json import as_object, objects_in
from chatdouble.core.media import DataUrlError, decode_data_url, image_size
from chatdouble.tokens.usage import prompt_tokens

REFERENCE: Final = Path(__file__).parents[2] / "shared" / "reference"
PROMPTS: Final = REFERENCE / "token-counts.jsonl"
ANSWERS: Final = (REFERENCE / "exchanges.jsonl", REFERENCE / "exchanges-2.jsonl")

_CHANGED: Final = "2024-12"
"""Since then, tools without a system message cost two tokens less."""
_COUNTED_AS_NOW: Final = "2025"
"""Since then, the API counts the name of a call that was required."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One count and the recorded one.

    Attributes:
        kind: The kind of request or answer.
        model: The model asked.
        off: By how many tokens the count is too high.
        source: Where the recording is from.
    """

    kind: str
    model: str
    off: int
    source: str


def compared_prompts() -> Iterator[Compared]:
    """Yield every recorded prompt, compared."""
    for row in _rows(PROMPTS):
        body: dict[str, Any] = row["request"]
        asked = model(body["model"])
        counted = prompt_tokens(body, asked, TOKENIZERS[asked.encoding]).total
        kind = kind_of(body, str(row.get("recorded") or ""))
        yield Compared(kind, body["model"], counted - row["usage"]["prompt_tokens"], row["source"])


async def compared_answers() -> list[Compared]:
    """Return every recorded whole answer of one choice that was not cut, compared."""
    found: list[Compared] = []
    for row in chain.from_iterable(map(_rows, ANSWERS)):
        body, answer = as_object(row.get("request_body")), as_object(row.get("response_body"))
        choices, usage = objects_in(answer.get("choices")), as_object(answer.get("usage"))
        if len(choices) != 1 or not usage or choices[0]["finish_reason"] == "length" or body.get("modalities"):
            continue
        message: dict[str, Any] = choices[0]["message"]
        details = as_object(usage.get("completion_tokens_details"))
        draft = Draft(
            content=message.get("content"),
            refusal=message.get("refusal"),
            tool_calls=message.get("tool_calls") or [],
            function_call=message.get("function_call"),
            reasoning_tokens=details.get("reasoning_tokens", 0),
        )
        try:
            asked = call(**body)
        except ValidationError:  # whether a request is accepted is for other tests
            continue
        made = as_object((await compose(asked, [draft])).get("usage"))
        off = made["completion_tokens"] - usage["completion_tokens"]
        found.append(Compared(_answer_kind(message) + _circumstance(row, message), body["model"], off, row["source"]))
    return found


def kind_of(body: Mapping[str, Any], recorded: str = "") -> str:
    """Return the kind of a request, by what is hardest to count in it."""
    messages = objects_in(body.get("messages"))
    parts = [part for message in messages for part in objects_in(message.get("content"))]
    if "search" in body["model"]:
        return "search"
    if media := _media_kind(parts, messages):
        return media
    if body.get("functions"):
        return "functions"
    if body.get("tools"):
        if recorded and recorded < _CHANGED and messages[0]["role"] == "user":
            return "tools, before 2024-12"
        return "tools and calls" if any(message.get("tool_calls") for message in messages) else "tools"
    if any("name" in message for message in messages):
        return "names"
    form = as_object(body.get("response_format")).get("type")
    return str(form) if form in {"json_schema", "json_object"} else "text"


def _media_kind(parts: Iterable[Mapping[str, Any]], messages: Iterable[Mapping[str, Any]]) -> str | None:
    kinds = {part.get("type") for part in parts}
    if "file" in kinds:
        return "file"
    if "input_audio" in kinds:
        return "audio, after a spoken answer" if any(message.get("audio") for message in messages) else "audio"
    if "image_url" not in kinds:
        return None
    images = [as_object(part["image_url"]).get("url") for part in parts if part.get("type") == "image_url"]
    return "image" if all(map(_is_seen, images)) else "image, of unknown size"


def _is_seen(url: Any) -> bool:
    """Return True if an image's size is known; recordings have one pixel in place of removed images."""
    try:
        size = image_size(decode_data_url(str(url))[1])
    except DataUrlError:
        return False
    return size not in {None, (1, 1)}


def _answer_kind(message: Mapping[str, Any]) -> str:
    if message.get("refusal"):
        return "refusal"
    if message.get("function_call"):
        return "call"
    calls = objects_in(message.get("tool_calls"))
    return ("calls" if len(calls) > 1 else "call") if calls else "text"


def _circumstance(row: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    """Return what sets an answer apart: what the API counted differently there, or what the recording does not tell."""
    body = row["request_body"]
    if "openai.azure.com" in str(row.get("url")):
        return " of Azure"
    if message.get("tool_calls"):
        is_old = body.get("tool_choice") == "required" and str(row.get("recorded") or _COUNTED_AS_NOW) < _COUNTED_AS_NOW
        return ", required, in 2024" if is_old else ""
    return ", with `stop`" if body.get("stop") else ""


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def table(compared: Iterable[Compared], *, by_model: bool) -> Iterator[str]:
    """Yield the lines of a table: how many there are of each kind, and how many are equal."""
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for one in compared:
        groups[one.kind, one.model if by_model else ""].append(one.off)
    yield f"{'kind':<30}{'model':<28}{'n':>6}{'equal':>8}{'%':>8}"
    for (kind, name), offs in sorted(groups.items()):
        equal = offs.count(0)
        yield f"{kind:<30}{name:<28}{len(offs):>6}{equal:>8}{100 * equal / len(offs):>8.1f}"


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--by-model", action="store_true", help="tell the models apart")
    by_model: bool = parser.parse_args().by_model
    if not PROMPTS.exists():
        sys.stderr.write(f"The recorded counts are not beside the clone: {PROMPTS}\n")
        return 1
    lines = ["prompt_tokens", *table(compared_prompts(), by_model=by_model), "", "completion_tokens"]
    lines += table(asyncio.run(compared_answers()), by_model=by_model)
    sys.stdout.write("\n".join([*lines, ""]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
