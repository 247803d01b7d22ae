"""Write the types of the TypeScript client from the server's; with --check only tell whether they are current."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from chatdouble.core.json import is_object
from chatdouble.pytest.reports import FATAL
from chatdouble.scripts.format.rule import json_schema
from chatdouble.server.entry import Entry
from chatdouble.verdict.verdict import Verdict

FOLDER: Final = Path(__file__).parent.parent / "clients" / "typescript" / "src" / "generated"
HEAD: Final = "// Written by scripts/typescript_types.py from the server's own types; do not edit.\n"

Schema = Mapping[str, Any]

_PLAIN: Final = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean", "null": "null"}


def files() -> dict[str, str]:
    """Return the files by their names."""
    return {
        "script.ts": module("Script", json_schema()),
        "entry.ts": module("Entry", TypeAdapter(Entry).json_schema(mode="serialization")),
        "verdict.ts": module("Verdict", TypeAdapter(Verdict).json_schema(mode="serialization")),
        "kinds.ts": f"{HEAD}\n/** The kinds of problems that fail a test. */\nexport const FATAL = {_listed(FATAL)};\n",
    }


def _listed(names: tuple[str, ...]) -> str:
    lines = "".join(f"  {json.dumps(name)},\n" for name in names)
    return f"[\n{lines}] as const"


def module(name: str, schema: Schema) -> str:
    """Return a module that declares a schema's definitions, and the schema itself under a name."""
    types = {**schema.get("$defs", {}), name: schema}
    return "\n".join([HEAD, *(_declared(one, types[one]) for one in types)])


def _declared(name: str, schema: Schema) -> str:
    comment = _comment(schema, "")
    kind = "interface {} {}" if schema.get("type") == "object" and "properties" in schema else "type {} = {};"
    return f"{comment}export {kind.format(name, type_of(schema))}\n"


def _comment(schema: Schema, indent: str) -> str:
    text = " ".join(str(schema.get("description", "")).partition("\n\nAttributes:")[0].split())
    return f"{indent}/** {text} */\n" if text else ""


def type_of(schema: Schema, indent: str = "") -> str:
    """Return the type of a schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return _union(map(json.dumps, schema["enum"]))
    if "anyOf" in schema:
        return _union(type_of(one, indent) for one in schema["anyOf"])
    if "propertyNames" in schema and "type" not in schema:
        return f"{{ [key in {_union(map(json.dumps, schema['propertyNames']['enum']))}]?: unknown }}"
    kinds = schema.get("type", ())
    return _union(_of_kind(kind, schema, indent) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _union(types: Iterator[str]) -> str:
    found = [*dict.fromkeys(types)]
    return " | ".join(found) if found and "unknown" not in found else "unknown"


def _of_kind(kind: str, schema: Schema, indent: str) -> str:
    if kind == "array":
        return f"ReadonlyArray<{type_of(schema.get('items', {}), indent)}>"
    return _PLAIN[kind] if kind in _PLAIN else _object(schema, indent)


def _object(schema: Schema, indent: str) -> str:
    more = schema.get("additionalProperties", True)
    values = type_of(more, indent) if is_object(more) else "unknown"
    if "properties" not in schema:
        return f"{{ readonly [key: string]: {values} }}"
    inner = f"{indent}  "
    lines = [_property(name, one, schema, inner) for name, one in schema["properties"].items()]
    if schema.get("additionalProperties") is True:
        lines.append(f"{inner}readonly [key: string]: unknown;\n")
    return f"{{\n{''.join(lines)}{indent}}}"


def _property(name: str, schema: Schema, owner: Schema, indent: str) -> str:
    mark = "" if name in owner.get("required", ()) else "?"
    return f"{_comment(schema, indent)}{indent}readonly {name}{mark}: {type_of(schema, indent)};\n"


def main() -> int:
    """Write or check the files."""
    wanted = {FOLDER / name: text for name, text in files().items()}
    if "--check" in sys.argv[1:]:
        return int(any(not path.exists() or path.read_text("utf-8") != text for path, text in wanted.items()))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in wanted.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
