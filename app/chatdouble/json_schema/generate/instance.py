"""A JSON value that is valid under a JSON schema."""

from typing import Any, Final

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate.branches import Depths
from chatdouble.json_schema.generate.generator import VALUES, Growth, Spot
from chatdouble.json_schema.generate.normalise import clean
from chatdouble.json_schema.validator import Judge

_TRIES: Final = 10


def instance(schema: object, chance: Chance) -> Any:
    """Return a JSON value that is valid under a schema: the same for the same schema and chance.

    All of JSON Schema 2020-12 is obeyed; draft-07 forms and `nullable` are understood. Objects have their
    properties in the schema's order, optional ones too (schemas#key-order); strings look as their property's name
    suggests. The work is bounded: a schema that nothing satisfies, or that asks for more than some 10,000
    values, gets the nearest attempt, and what cannot be any value at all becomes null; so does a schema that
    is itself nested some hundreds deep.

    Args:
        schema: The schema, any JSON value; malformed keywords are passed over.
        chance: Decides which of the values.
    """
    try:
        return _grown(schema, chance)
    except RecursionError:
        return None


def _grown(schema: object, chance: Chance) -> Any:
    root = clean(schema)
    judge, depths = Judge(root), Depths(root)
    first: Any = None
    left = VALUES
    for attempt in range(_TRIES):
        growth = Growth(root, judge, depths, left=left, spare=attempt % 2 == 1)
        value = growth.value(root, Spot(chance if attempt == 0 else chance.at("attempt", attempt)))
        if judge.allows(value, root):
            return value
        first = value if attempt == 0 else first
        left = growth.left
        if growth.spent:
            break
    return first


def holds(value: Any, schema: object) -> bool:
    """Say whether a JSON value is valid under a schema, which is read as `instance` reads it; formats count.

    A schema too deep to read holds whatever the value.

    Args:
        value: The value.
        schema: The schema.
    """
    try:
        root = clean(schema)
    except RecursionError:
        return True
    return Judge(root, formats=True).allows(value, root)
