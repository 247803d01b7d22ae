"""A recording as the text of a script file, for people to read and for git to compare."""

import base64
from typing import Any, Final

import orjson
import yaml

from chatdouble.recording.configuration import Configuration
from chatdouble.recording.exchange import Exchanged, Headers, Piece
from chatdouble.recording.naming import name_of
from chatdouble.script.kinds import is_object
from chatdouble.script.recorded import FRAME
from chatdouble.script.yaml12 import Loader

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
