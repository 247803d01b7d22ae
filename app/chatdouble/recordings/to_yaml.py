"""A recording as the text of a script file, for people to read and for git to compare."""

import base64
import re
from hashlib import blake2b
from typing import Any, Final
from unicodedata import normalize

import orjson
import yaml

from chatdouble.core.json import is_object
from chatdouble.recordings.cleaning import Configuration
from chatdouble.recordings.exchange import Exchanged, Headers, Piece
from chatdouble.schema.texts import messages_of, text_of
from chatdouble.scripts.format.raw_reply import FRAME
from chatdouble.scripts.reading.source import Loader

_WORDS: Final = 48
"""How many characters of the model and the question a name has."""


def name_of(request: Any) -> str:
    """Return the name of a recording: the model, the beginning of the last message that has text, a fingerprint.

    Args:
        request: The request as it is recorded.
    """
    body = request if is_object(request) else {}
    said = [text_of(message.get("content")) for message in messages_of(body)]
    words = [_slug(str(body.get("model", ""))), _slug(next((text for text in reversed(said) if text), ""))]
    return "-".join([*(word for word in words if word), fingerprint(request)])


def fingerprint(request: Any) -> str:
    """Return 12 hexadecimal digits that tell one recorded request from another."""
    return blake2b(orjson.dumps(request, option=orjson.OPT_SORT_KEYS), digest_size=6).hexdigest()


def _slug(text: str) -> str:
    """Return a text's beginning as lower-case letters, digits and hyphens."""
    plain = normalize("NFKD", text[:200]).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9.]+", "-", plain).strip("-.")
    return words[:_WORDS].rstrip("-.")


_NOTE: Final = "# Recorded by chatdouble: what an upstream answered, without secrets. Edit it as any script.\n"
_FOLDED: Final = "\r\t\x85\u2028\u2029\ufeff"
"""Characters that only a quoted text keeps as they are."""


def written(exchanged: Exchanged, configuration: Configuration) -> str:
    """Return the script file of an exchange that has been cleaned.

    Args:
        exchanged: The exchange.
        configuration: What the folder says; what it leaves out of requests is said in the file too.
    """
    rule = {
        "name": name_of(exchanged.request),
        "when": {"request": _request(exchanged.request, configuration)},
        "reply": {"recorded": _response(exchanged)},
    }
    return _NOTE + script_text([rule])


def script_text(rules: list[dict[str, Any]]) -> str:
    """Return the text of a script file with these rules, in the words of script files."""
    text: str = yaml.dump(
        {"version": 1, "rules": rules}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_ONE_LINE
    )
    return text


def _request(request: Any, configuration: Configuration) -> Any:
    aside = {
        "ignore": list(configuration.ignore),
        "normalise": list(configuration.normalise),
    }
    aside = {key: value for key, value in aside.items() if value}
    return request if not aside and is_object(request) and "body" not in request else {"body": request, **aside}


def _response(exchanged: Exchanged) -> dict[str, Any]:
    head = {"status": exchanged.status, "headers": _headers(exchanged.headers)}
    if exchanged.streamed:
        return {**head, "stream": [_frame(piece) for piece in exchanged.frames()]}
    at = exchanged.pieces[-1].at if exchanged.pieces else 0.0
    return {**head, "body": {"at": round(at, 3), **_form(exchanged.body)}}


def _headers(headers: Headers) -> dict[str, str | list[str]]:
    """Return headers by name, sorted, since the order of different names means nothing."""
    names = sorted({name for name, _ in headers})
    values = {name: [value for held, value in headers if held == name] for name in names}
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}


def _frame(piece: Piece) -> dict[str, Any]:
    before, after = FRAME
    at = round(piece.at, 3)
    if piece.data.startswith(before) and piece.data.endswith(after):
        data = piece.data[len(before) : -len(after)]
        form = _form(data)
        if "json" in form:
            return {"at": at, "data": _Flow(form["json"])}
        if "text" in form:
            return {"at": at, "data": form["text"]}
    return {"at": at, **_form(piece.data)}


def _form(data: bytes) -> dict[str, Any]:
    """Return the form of bytes that reads best and gives exactly them."""
    value = _object(data)
    if value is not None:
        return {"json": value}
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _object(data: bytes) -> dict[str, Any] | None:
    """Return the object that bytes stand for if it gives exactly them when it is written compactly."""
    try:
        value: Any = orjson.loads(data)
        return value if is_object(value) and orjson.dumps(value) == data else None
    except (orjson.JSONDecodeError, TypeError):  # nested too deeply
        return None


class _Flow(dict[str, Any]):
    """An object that stands on one line."""


_ONE_LINE: Final = 2**31 - 1


_TEXT: Final = "tag:yaml.org,2002:str"


class _Dumper(yaml.CSafeDumper):
    """Writes what this project's loader reads back the same, texts of several lines as they are."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out, also what is the same twice."""
        del data
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """Write a text plainly, in a block, or quoted."""
        if any(character in text for character in _FOLDED):
            return yaml.ScalarNode(_TEXT, text, style='"')
        return yaml.ScalarNode(_TEXT, text, style="|" if "\n" in text else None)

    def represent_flow(self, value: _Flow) -> yaml.MappingNode:
        """Write an object on one line."""
        return self.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True)


_Dumper.add_representer(str, _Dumper.represent_text)
_Dumper.add_representer(_Flow, _Dumper.represent_flow)
_Dumper.yaml_implicit_resolvers = _joined = {
    character: [
        *yaml.CSafeDumper.yaml_implicit_resolvers.get(character, ()),
        *Loader.yaml_implicit_resolvers.get(character, ()),
    ]
    for character in {*yaml.CSafeDumper.yaml_implicit_resolvers, *Loader.yaml_implicit_resolvers}
}
