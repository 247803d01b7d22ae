"""HTTP archives (HAR 1.2), as browsers and proxies save them."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

import orjson
from pydantic import BaseModel, Field, ValidationError

from chatdouble.core.json import as_object, is_array
from chatdouble.importers.items import Interaction, Item, Skipped
from chatdouble.recordings.recording import Headers


class _Header(BaseModel):
    name: str
    value: str = ""


class _Text(BaseModel):
    """A body: text, or base64 if `encoding` says so."""

    text: str = ""
    encoding: str | None = None

    def data(self) -> bytes:
        """Return the body's bytes.

        Raises:
            ValueError: The body is not valid base64.
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


def read(_name: str, data: bytes) -> Iterator[Item]:
    """Return the entries of an archive.

    Raises:
        ValueError: The file is not an HTTP archive.
    """
    try:
        value: Any = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as wrong:
        raise ValueError(f"not JSON: {wrong}") from None
    del data  # an archive may have hundreds of megabytes
    entries = as_object(as_object(value).get("log")).get("entries")
    if not is_array(entries):
        raise ValueError("not an HTTP archive: the file has no log with entries")
    entries.reverse()
    for number in range(1, len(entries) + 1):
        yield _item(f"entry {number}", entries.pop())


def _item(where: str, given: Any) -> Item:
    try:
        entry = _Entry.model_validate(given)
        request, response = entry.request, entry.response
        if response.status == 0:  # so browsers write what was cancelled or blocked
            return Skipped(where, "the request was not answered")
        return Interaction(
            where,
            request.method.upper(),
            request.url,
            _headers(request.headers),
            request.body.data(),
            response.status,
            # HAR stores the content decoded, whatever its header says.
            tuple(pair for pair in _headers(response.headers) if pair[0] != "content-encoding"),
            response.content.data(),
            max(entry.time, 0.0) / 1000,
        )
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        return Skipped(where, f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
    except ValueError as wrong:
        return Skipped(where, str(wrong))


def _headers(given: list[_Header]) -> Headers:
    return tuple((header.name.lower(), header.value) for header in given)
