"""Changes of rules, which a test sends to a running server."""

from typing import Annotated, Any, Literal

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

from chatdouble.scripts.format.base import Spec
from chatdouble.scripts.format.rule import Rule


class RuleToAdd(Spec):
    """A rule to add.

    Attributes:
        rule: The rule.
        position: Whether it is tried before or after all other rules.
    """

    rule: Rule
    position: Literal["first", "last"] = "first"


class _LikeRule:
    """The JSON Schema of some keys of a rule, each of which may be null too."""

    @classmethod
    def __get_pydantic_json_schema__(cls, _: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        rule = handler.resolve_ref_schema(handler(Rule.__pydantic_core_schema__))
        keys = {key: {"anyOf": [value, {"type": "null"}]} for key, value in rule["properties"].items()}
        return {"type": "object", "properties": keys, "additionalProperties": False}


class RuleChange(Spec):
    """A change of a rule; what is not given stays.

    Attributes:
        rule: Keys of the rule with their new values; null removes a key.
        position: Whether it is tried before or after all other rules.
        disabled: Whether it is left out.
    """

    rule: Annotated[dict[str, Any], _LikeRule] | None = None
    position: Literal["first", "last"] | None = None
    disabled: bool | None = None


class SavedFile(Spec):
    """The file to save rules as.

    Attributes:
        name: Its name in the folder; None: the session's.
    """

    name: str | None = None
