"""VCR cassettes: those of vcrpy and of plugins built on it, and those of Ruby's VCR."""

import base64
import binascii
import gzip
import io
import zlib
from collections.abc import Iterator
from typing import Any

import orjson

from chatdouble.core.json import as_array, as_object, is_array, is_object
from chatdouble.core.yaml import parsed
from chatdouble.importers.items import GZIP, LARGEST, WRONG_TYPE, Interaction, Item, Skipped
from chatdouble.recordings.recording import Headers


def read(_name: str, data: bytes) -> Iterator[Item]:
    """Return the interactions of a cassette in YAML or JSON, possibly gzipped.

    Raises:
        ValueError: The file is not a cassette.
    """
    cassette = _parsed(data)
    for index, (request, response) in enumerate(_interactions(cassette)):
        where = f"interaction {index + 1}"
        try:
            yield _interaction(where, request, response)
        except TypeError:
            yield Skipped(where, WRONG_TYPE)
        except ValueError as wrong:
            yield Skipped(where, str(wrong))


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        text = _unpacked(data) if data.startswith(GZIP) else data
    except (OSError, EOFError, zlib.error) as wrong:
        raise ValueError(f"not gzip: {wrong}") from None
    value = parsed(text)
    if not is_object(value):
        raise ValueError("not a cassette: the file has no object")
    return value


def _unpacked(data: bytes) -> bytes:
    """Return what is in a gzip file, up to a limit."""
    with gzip.open(io.BytesIO(data)) as file:
        text = file.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST:,} bytes when it is unpacked")
    return text


def _interactions(cassette: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the pairs of request and response, in any layout of a cassette."""
    for name in ("interactions", "http_interactions"):  # vcrpy's, Ruby's
        if is_array(cassette.get(name)):
            listed = map(as_object, as_array(cassette[name]))
            return [(as_object(one.get("request")), as_object(one.get("response"))) for one in listed]
    if is_array(cassette.get("requests")):  # vcrpy's own lists, as some serializers store them
        lists = (map(as_object, as_array(cassette.get(name))) for name in ("requests", "responses"))
        return [*zip(*lists, strict=False)]
    raise ValueError("not a cassette: the file has no interactions")


def _interaction(where: str, request: dict[str, Any], response: dict[str, Any]) -> Interaction:
    """Return one interaction.

    Raises:
        ValueError: A part is missing or cannot be read.
        TypeError: A part has the wrong type.
    """
    status = response.get("status", response.get("status_code"))
    return Interaction(
        where,
        str(request.get("method", "")).upper(),
        str(request.get("uri", request.get("url", ""))),
        _headers(request.get("headers")),
        _body(request),
        int(as_object(status).get("code") or 0) if is_object(status) else int(status or 0),
        _headers(response.get("headers")),
        _body(response),
    )


def _headers(given: Any) -> Headers:
    """Return headers; a name has one value or a list of values."""
    pairs = [(str(name).lower(), value) for name, value in as_object(given).items()]
    return tuple((name, str(value)) for name, held in pairs for value in (held if is_array(held) else [held]))


def _body(message: dict[str, Any]) -> bytes:
    """Return the body of a request or response, in any of the forms that cassettes have.

    Raises:
        ValueError: The body is not valid base64.
    """
    if "parsed_body" in message:  # by JSON serializers that users of pytest-recording share
        return orjson.dumps(message["parsed_body"])
    body = message.get("body", message.get("content"))
    if is_object(body) and "base64_string" in body:
        return _from_base64(body["base64_string"])
    if is_object(body) and "string" in body:
        body = body["string"]
    if isinstance(body, bytes):
        return body
    if body is None or isinstance(body, str):
        return (body or "").encode()
    return orjson.dumps(body)


def _from_base64(text: Any) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, TypeError, ValueError) as wrong:
        raise ValueError(f"a body is not base64: {wrong}") from None
