"""The facts of SARIF 2.1.0 about every property that a verdict has, as a JSON schema; no other property is allowed."""

from typing import Any, Final


def an_object(required: tuple[str, ...] = (), **properties: Any) -> Any:
    """Return the schema of an object without further properties."""
    return {"type": "object", "required": [*required], "properties": properties, "additionalProperties": False}


def an_array(items: Any, least: int = 0, *, unique: bool = False) -> Any:
    """Return the schema of an array."""
    return {"type": "array", "items": items, "minItems": least, "uniqueItems": unique}


TEXT: Final = {"type": "string"}
LEVEL: Final = {"enum": ["none", "note", "warning", "error"]}
MESSAGE: Final = an_object(("text",), text=TEXT)

RULE: Final = an_object(
    ("id",),
    id=TEXT,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=an_object(level=LEVEL),
)

# `uri-reference` (RFC 3986): everything but its characters is percent-encoded.
URI: Final = {"type": "string", "pattern": r"^(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-F]{2})+$"}

LOCATION: Final = an_object(
    logicalLocations=an_array(an_object(name=TEXT, kind=TEXT), unique=True),
    physicalLocation=an_object(
        artifactLocation=an_object(uri=URI),
        region=an_object(startLine={"type": "integer", "minimum": 1}),
    ),
)

RESULT: Final = an_object(
    ("message",),
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": -1},
    level=LEVEL,
    message=MESSAGE,
    locations=an_array(LOCATION),
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
)

RUN: Final = an_object(
    ("tool",),
    tool=an_object(("driver",), driver=an_object(("name",), name=TEXT, rules=an_array(RULE, unique=True))),
    results=an_array(RESULT),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
)

SCHEMA: Final[Any] = an_object(
    ("version", "runs"), **{"$schema": TEXT}, version={"enum": ["2.1.0"]}, runs=an_array(RUN)
)
