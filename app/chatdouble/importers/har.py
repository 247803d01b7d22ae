"""HTTP archives (HAR 1.2), as browsers and proxies save them."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

import orjson
from pydantic import BaseModel, Field, ValidationError

from chatdouble.core.json import as_object, is_array
from chatdouble.importers.found import Found, Interaction, LeftOut
from chatdouble.recordings.exchange import Headers


class _Header(BaseModel):
    name: str
    value: str = ""


class _Text(BaseModel):
    """A body: as text, or in base64 where `encoding` says so."""

    text: str = ""
    encoding: str | None = None

    def data(self) -> bytes:
        """Return its bytes.

        Raises:
            ValueError: It is not in the encoding that it names.
        """
        if self.encoding != "base64":
            return self.text.encode()
        try:
            return base64.b64decode(self.text, validate=True)
        except binascii.Error as wrong:
            raise ValueError(f"a body is not base64: {wrong}") from None


class _Request(BaseModel):
    method: str
    url: str
    headers: list[_Header] = Field(default_factory=list[_Header])
    body: _Text = Field(default_factory=_Text, alias="postData")


class _Response(BaseModel):
    status: int
    headers: list[_Header] = Field(default_factory=list[_Header])
    content: _Text = Field(default_factory=_Text)


class _Entry(BaseModel):
    request: _Request
    response: _Response
    time: float = 0.0


def read(_name: str, data: bytes) -> Iterator[Found]:
    """Return the entries of an archive.

    Raises:
        ValueError: It is no archive.
    """
    try:
        value: Any = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as wrong:
        raise ValueError(f"not JSON: {wrong}") from None
    entries = as_object(as_object(value).get("log")).get("entries")
    if not is_array(entries):
        raise ValueError("no HTTP archive: there is no log with entries in it")
    for index, entry in enumerate(entries):
        yield _found(f"entry {index + 1}", entry)


def _found(where: str, given: Any) -> Found:
    try:
        entry = _Entry.model_validate(given)
        request, response = entry.request, entry.response
        return Interaction(
            where,
            request.method.upper(),
            request.url,
            _headers(request.headers),
            request.body.data(),
            response.status,
            # The content is decoded already, whatever encoding its header names.
            tuple(pair for pair in _headers(response.headers) if pair[0] != "content-encoding"),
            response.content.data(),
            max(entry.time, 0.0) / 1000,
        )
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        return LeftOut(where, f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
    except ValueError as wrong:
        return LeftOut(where, str(wrong))


def _headers(given: list[_Header]) -> Headers:
    return tuple((header.name.lower(), header.value) for header in given)
