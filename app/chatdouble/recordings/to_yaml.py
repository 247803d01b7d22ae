"""Recordings as script files that people can read and git can compare."""

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final
from unicodedata import normalize

import orjson
import yaml

from chatdouble.core.json import is_array, is_object, loads, objects_in
from chatdouble.core.json_in_steps import encode_in_steps, is_short, sorted_digest
from chatdouble.core.sse import Frame, write_frame
from chatdouble.recordings.cleaning import Configuration
from chatdouble.recordings.recording import Headers, Piece, Recording
from chatdouble.schema.texts import messages_of, text_of
from chatdouble.scripts.reading.json_lines import LONG, json_line
from chatdouble.scripts.reading.source import Loader

_LONGEST_SLUG: Final = 48
_ONE_LINE: Final = 2**31 - 1
"""The width of a file whose lines are not broken."""


def name_of(request: Any, endpoint: str = "") -> str:
    """Return a recording's name: the endpoint, the model, the beginning of the last text, and a fingerprint.

    Args:
        request: The request as it is recorded.
        endpoint: The endpoint as it is recorded; empty for chat completions.
    """
    body = request if is_object(request) else {}
    texts = [text_of(message.get("content")) for message in messages_of(body)] or _input_texts(body.get("input"))
    parts = [endpoint, str(body.get("model", "")), next((text for text in reversed(texts) if text), "")]
    digest = request_digest({"endpoint": endpoint, "request": request} if endpoint else request)
    return "-".join([*filter(None, map(_slug, parts)), digest])


def _input_texts(given: Any) -> list[str]:
    """Return the texts of the input of a response, an embedding or a moderation."""
    listed = given if is_array(given) else [given]
    texts = [one.get("content") if is_object(one) else one for one in listed]
    parts = [[part.get("text") for part in objects_in(text)] if is_array(text) else [text] for text in texts]
    return [text for each in parts for text in each if isinstance(text, str)]


def request_digest(request: Any) -> str:
    """Return 12 hexadecimal digits that identify a recorded request."""
    return sorted_digest(request, 6).hex()


def _slug(text: str) -> str:
    """Return a text's beginning as lower-case letters, digits and hyphens."""
    plain = normalize("NFKD", text[:200]).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9.]+", "-", plain).strip("-.")
    return words[:_LONGEST_SLUG].rstrip("-.")


HEADER: Final = "# Recorded by chatdouble: an upstream's answer, without secrets. Edit it like any other script.\n"
_QUOTED: Final = "\r\t\x85\u2028\u2029\ufeff"
"""Characters that YAML keeps in quoted texts only."""


def to_yaml(recording: Recording, configuration: Configuration) -> str:
    """Return the script file of a recording.

    Args:
        recording: The recording, without its secrets.
        configuration: The folder's configuration; the file repeats its `ignore` and `normalise`.
    """
    return recording_file(rule_of(recording, configuration), [reply_of(recording)])


def rule_of(recording: Recording, configuration: Configuration) -> dict[str, Any]:
    """Return the rule of a recording, without its replies."""
    endpoint = {"endpoint": recording.endpoint} if recording.endpoint else {}
    # A request without a body is all in its endpoint.
    asked = {"request": _request(recording.request, configuration)} if recording.request or not endpoint else {}
    return {"name": name_of(recording.request, recording.endpoint), "when": {**endpoint, **asked}}


def reply_of(recording: Recording) -> dict[str, Any]:
    """Return a recording's answer as a reply."""
    return {"recorded": _response(recording)}


def recording_file(rule: dict[str, Any], replies: list[dict[str, Any]]) -> str:
    """Return the script file of a rule with these replies, whatever replies it had before.

    Args:
        rule: The rule, new or as it was read from its file.
        replies: The replies in order, new ones or as they were read.
    """
    kept = {key: value for key, value in rule.items() if key not in ("reply", "sequence")}
    one = len(replies) == 1 and "then" not in rule
    return recordings_file([{**kept, "reply": replies[0]} if one else {**kept, "sequence": replies}])


def recordings_file(rules: list[dict[str, Any]]) -> str:
    """Return the script file of several recordings, each with its reply or its sequence of replies."""
    return HEADER + _with_lines(rules, script_file)


_Write = Callable[[list[dict[str, Any]]], str]
"""Returns rules as YAML."""


def _with_lines(rules: list[dict[str, Any]], write: _Write) -> str:
    """Return rules as YAML, with lines of JSON in it."""
    lines, text = _marked(rules, "line-", write)
    while text.count(lines.mark) > len(lines.texts):  # a recording has the mark in its own text
        lines, text = _marked(rules, f"{lines.mark}0-", write)
    return re.sub(rf"{lines.mark}(\d+)", lines.written, text)


def _marked(rules: list[dict[str, Any]], mark: str, write: _Write) -> "tuple[_Lines, str]":
    """Return rules as YAML with marks in the place of lines of JSON, and what they stand for."""
    lines = _Lines(mark)
    return lines, write([lines.laid_out(rule) for rule in rules])


class _Lines:
    """Frames and long texts as JSON, each on one line, for which marks stand in the file at first.

    Args:
        mark: The beginning of the marks.

    Attributes:
        texts: The lines, by the numbers in the marks: those of frames that follow each other together.
    """

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.texts: list[list[str]] = []

    def laid_out(self, value: Any) -> Any:
        """Return a rule, or a part of one, with marks in the place of lines."""
        if is_object(value):
            return {key: self._frames(held) if key == "stream" else self.laid_out(held) for key, held in value.items()}
        if is_array(value):
            return [self.laid_out(held) for held in value]
        line = json_line(value) if isinstance(value, str) and len(value) > LONG else None
        return value if line is None else self._mark([line])

    def _frames(self, frames: Any) -> Any:
        """Return the frames of a stream, those that follow each other on lines of JSON as one mark."""
        if not is_array(frames):
            return self.laid_out(frames)
        laid_out: list[Any] = []
        together: list[str] = []
        for frame in frames:
            line = json_line(frame) if is_object(frame) and frame else None
            if line is None:
                laid_out.append(self.laid_out(frame))
                together = []
            elif together:
                together.append(line)
            else:
                together = [line]
                laid_out.append(self._mark(together))
        return laid_out

    def _mark(self, lines: list[str]) -> str:
        self.texts.append(lines)
        return f"{self.mark}{len(self.texts) - 1}"

    def written(self, found: re.Match[str]) -> str:
        """Return the lines for a mark; what is before it on its line is before each of them."""
        text, at = found.string, found.start()
        before = text[text.rfind("\n", 0, at) : at]
        return before.join(self.texts[int(found[1])])


def script_file(rules: list[dict[str, Any]]) -> str:
    """Return the text of a script file with these rules."""
    return "".join(script_lines(rules))


def script_lines(rules: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the text of a script file rule by rule: the library keeps other threads waiting while it writes.

    Long rules have lines of JSON, which are written in steps.
    """
    opening, end = "version: 1\nrules:\n", ""
    for rule in rules:
        lines = _dumped([rule]) if is_short([rule]) else _with_lines([rule], _dumped)
        # After a text that ends with line breaks, which may be that of the last rule.
        end = _END if lines.endswith(f"\n{_END}") else ""
        yield opening + lines.removesuffix(end)
        opening = ""
    yield _dumped({"version": 1, "rules": []}) if opening else end


def _dumped(value: Any) -> str:
    text: str = yaml.dump(value, Dumper=FileDumper, sort_keys=False, allow_unicode=True, width=_ONE_LINE)
    return text


def _request(request: Any, configuration: Configuration) -> Any:
    options = {"ignore": list(configuration.ignore), "normalise": list(configuration.normalise)}
    options = {key: value for key, value in options.items() if value}
    # The short form, unless the request's own `body` would be taken for the long one's.
    return request if not options and is_object(request) and "body" not in request else {"body": request, **options}


def _response(recording: Recording) -> dict[str, Any]:
    head = {"status": recording.status, "headers": _headers(recording.headers)}
    if recording.streamed:
        return {**head, "stream": [_frame(piece) for piece in recording.frames()]}
    at = recording.pieces[-1].at if recording.pieces else 0.0
    return {**head, "body": {"at": round(at, 3), **_form(recording.body)}}


def _headers(headers: Headers) -> dict[str, str | list[str]]:
    """Return headers by name, sorted; the order of different names has no meaning."""
    names = sorted({name for name, _ in headers})
    values = {name: [value for held, value in headers if held == name] for name in names}
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}


def _frame(piece: Piece) -> dict[str, Any]:
    at = round(piece.at, 3)
    data = Frame(piece.data).data
    # A frame in any other style (line ends, spacing, further fields) is kept byte for byte.
    if data is not None and write_frame(data) == piece.data:
        form = _form(data)
        if "json" in form:
            return {"at": at, "data": form["json"]}
        if "text" in form:
            return {"at": at, "data": form["text"]}
    return {"at": at, **_form(piece.data)}


def _form(data: bytes) -> dict[str, Any]:
    """Return bytes in the most readable form that gives exactly them: JSON, text or base64."""
    value = _object(data)
    if value is not None:
        return {"json": value}
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _is_compact(data: bytes, value: dict[str, Any]) -> bool:
    if len(data) <= LONG:
        return orjson.dumps(value) == data
    return b"".join(encode_in_steps(value, orjson.dumps)) == data


def _object(data: bytes) -> dict[str, Any] | None:
    """Return the JSON object in bytes; None unless its compact form is exactly these bytes."""
    try:
        value: Any = loads(data)
        return value if is_object(value) and _is_compact(data, value) else None
    except (orjson.JSONDecodeError, TypeError):  # nested too deeply
        return None


_END: Final = "...\n"
"""The end of a document."""
_TEXT: Final = "tag:yaml.org,2002:str"


class FileDumper(yaml.CSafeDumper):
    """Writes values so that the script loader reads back the same, and texts of several lines as blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write repeated values in full, without anchors."""
        del data
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """Write a text plain, as a block, or quoted."""
        if any(character in text for character in _QUOTED):
            return yaml.ScalarNode(_TEXT, text, style='"')
        return yaml.ScalarNode(_TEXT, text, style="|" if "\n" in text else None)


FileDumper.add_representer(str, FileDumper.represent_text)
# The loader's resolvers too, so that a text such as `yes` is quoted where the loader would not read a text.
FileDumper.yaml_implicit_resolvers = {
    character: [
        *yaml.CSafeDumper.yaml_implicit_resolvers.get(character, ()),
        *Loader.yaml_implicit_resolvers.get(character, ()),
    ]
    for character in {*yaml.CSafeDumper.yaml_implicit_resolvers, *Loader.yaml_implicit_resolvers}
}
