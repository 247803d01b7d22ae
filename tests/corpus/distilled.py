"""The distilled corpus: cases read from the YAML files beside this module, and the requests they stand for."""

import base64
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from chatdouble.core.json import is_array, is_object

FOLDER: Final = Path(__file__).parent
BASE: Final[dict[str, Any]] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Good morning!"}]}
FIELDS: Final = ("message", "type", "param", "code")
RATE: Final = 8000
"""Samples a second of silence, one byte each."""

Rows = dict[str, list[int]]
"""Row numbers, from 0, by the name of the recorded corpus they are in."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """The fields common to all cases.

    Attributes:
        name: What the request is about.
        rows: The recorded rows it was distilled from.
        request: Its body without what `BASE` has.
        not_yet: Why the server does not match yet; empty if it does.
        unreproducible: Why no request brings it about; empty if one does.
    """

    name: str
    rows: Rows
    request: dict[str, Any]
    not_yet: str
    unreproducible: str


@dataclass(frozen=True, kw_only=True)
class ErrorCase(Case):
    """An error of the API and a request that causes it.

    Attributes:
        status: The HTTP status.
        error: The envelope's inside, without fields that no source states.
        method: The request's method.
        path: The request's path.
        key: The API key it is sent with; None for none.
        body: The whole body, where it is not `BASE` and the request.
        counted: The message has a token count that only the API's own tokenizer knows; numbers are not compared.
    """

    status: int
    error: dict[str, Any]
    method: str
    path: str
    key: str | None
    body: dict[str, Any] | None
    counted: bool

    def content(self) -> bytes | None:
        """Return the bytes of the request's body; None for a GET."""
        if self.method == "GET":
            return None
        return encoded(BASE | self.request if self.body is None else self.body)


@dataclass(frozen=True, kw_only=True)
class AnswerCase(Case):
    """The shape of an answer and a request that is answered so.

    Attributes:
        models: The models whose recorded answers have the shape.
        asked_as: Names that models are asked by, where the API refuses the request of the snapshot's own name.
        shape: The shape, as `shapes` makes it.
        streamed: The answer is a stream.
    """

    models: list[str]
    asked_as: dict[str, str]
    shape: dict[str, Any]
    streamed: bool

    def content(self, model: str) -> bytes:
        """Return the bytes of the request's body for one of the models."""
        return encoded(BASE | self.request | {"model": self.asked_as.get(model, model)})


@dataclass(frozen=True, kw_only=True)
class HeaderCase(Case):
    """The header names of one kind of answer.

    Attributes:
        kind: The status and the form of the recorded answers, such as "200 stream".
        key: The API key the request is sent with.
        names: Names the server sends as the API does.
        missing: Names the API sends and the server does not yet.
        edge: Names that the network in front of the API adds.
    """

    kind: str
    key: str
    names: list[str]
    missing: list[str] = field(default_factory=list[str])
    edge: list[str] = field(default_factory=list[str])

    def content(self) -> bytes:
        """Return the bytes of the request's body."""
        return encoded(BASE | self.request)


def errors() -> list[ErrorCase]:
    """Return all cases of `errors/`."""
    return [
        ErrorCase(
            **_common(case),
            status=case["status"],
            error={name: case[name] for name in FIELDS if name in case},
            method=case.get("method", "POST"),
            path=case.get("path", "/v1/chat/completions"),
            key=case.get("key", "sk-right"),
            body=case.get("body"),
            counted=case.get("numbers") == "free",
        )
        for case in _cases("errors/*.yaml")
    ]


def answers() -> list[AnswerCase]:
    """Return all cases of `answers/whole.yaml` and `answers/streams*.yaml`."""
    return [
        AnswerCase(
            **_common(case),
            models=case["models"],
            asked_as=case.get("asked_as", {}),
            shape=case["shape"],
            streamed=streamed,
        )
        for streamed, name in ((False, "whole"), (True, "streams*"))
        for case in _cases(f"answers/{name}.yaml")
    ]


def headers() -> list[HeaderCase]:
    """Return all cases of `answers/headers.yaml`."""
    return [
        HeaderCase(
            **_common(case),
            kind=case["kind"],
            key=case.get("key", "sk-right"),
            names=case["names"],
            missing=case.get("missing", []),
            edge=case.get("edge", []),
        )
        for case in _cases("answers/headers.yaml")
    ]


def left_out() -> list[tuple[str, Rows]]:
    """Return the exchanges that no case is made of: the reason and the rows."""
    return [(entry["reason"], entry["from"]) for entry in _cases("answers/left_out.yaml")]


def encoded(body: dict[str, Any]) -> bytes:
    """Return a body as JSON, written out in full."""
    return json.dumps(_expanded(body)).encode()


def _cases(pattern: str) -> Iterator[dict[str, Any]]:
    for path in sorted(FOLDER.glob(pattern)):
        yield from yaml.load(path.read_text(), yaml.CSafeLoader)


def _common(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": case["case"],
        "rows": case.get("from", {}),
        "request": case.get("request", {}),
        "not_yet": case.get("not_yet", ""),
        "unreproducible": case.get("unreproducible", ""),
    }


def _expanded(value: Any) -> Any:
    """Write out long texts, `{$repeat: [text, times]}`, and sound, `{$silence: seconds}`."""
    if is_array(value):
        return [_expanded(one) for one in value]
    if not is_object(value):
        return value
    if "$repeat" in value:
        text, times = value["$repeat"]
        return text * times
    if "$silence" in value:
        return base64.b64encode(_silence(int(value["$silence"] * RATE))).decode()
    return {name: _expanded(one) for name, one in value.items()}


def _silence(samples: int) -> bytes:
    """Return a WAV file of silence: mono, 8 bits."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE, 1, 8)
    sound = struct.pack("<4sI", b"data", samples) + b"\x80" * samples
    return struct.pack("<4sI4s", b"RIFF", 4 + len(form) + len(sound), b"WAVE") + form + sound
