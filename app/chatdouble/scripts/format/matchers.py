"""Matchers: the values of the keys of `when`."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from chatdouble.core.json import is_array, is_object
from chatdouble.scripts.format.base import BOOLEAN, INTEGER, STRING, STRINGS, Spec
from chatdouble.scripts.format.expressions import checked_path, checked_pattern

Regex = Annotated[str, AfterValidator(checked_pattern)]
Path = Annotated[str, AfterValidator(checked_path)]


class Conditions(Spec):
    """An object of conditions, none of which may be null: that would be none, and match everything."""

    @model_validator(mode="after")
    def _has_no_null(self) -> Self:
        for key in self.model_fields_set:
            field = type(self).model_fields[key]
            if field.annotation is not Any and getattr(self, key) is None:
                raise ValueError(f"`{field.alias or key}` is null, which is no condition; leave it out")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the JSON Schema of the object and its shorthands, in which no condition may be null."""
        found = super().__get_pydantic_json_schema__(schema, handler)
        for form in found.get("anyOf", [found]):
            for key, value in form.get("properties", {}).items():
                form["properties"][key] = _without_null(value)
        return found


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    rest = [form for form in schema.get("anyOf", ()) if form != {"type": "null"}]
    return {**rest[0], **{key: value for key, value in schema.items() if key != "anyOf"}} if len(rest) == 1 else schema


class Matcher(Conditions):
    """Conditions on a value, all of which must hold.

    A plain string matches the whole text; `*` in it matches any characters, everything else is literal. A number, a
    boolean, null or a list matches an equal value.

    Attributes:
        equals: The value is equal to this one.
        plain: The whole text matches; `*` stands for any characters.
        contains: The text has this substring, or the list this element; of a list, all of them.
        matches: The regular expression matches somewhere in the text; templates get its named groups as `match`.
        glob: The whole text matches a glob with `*`, `?` and `[abc]`, as file names do.
        one_of: The value is one of these.
        present: Whether the value exists.
        length: The number of characters, elements or keys.
        gt: The number is greater than this.
        gte: The number is greater than or equal to this.
        lt: The number is less than this.
        lte: The number is less than or equal to this.
        ignore_case: Whether to ignore case in texts.
        at: Conditions on values inside it (or inside the JSON in its text), by JSONPath.
        all: Matchers that must all hold.
        any: Matchers of which at least one must hold.
        not_: A matcher that must not hold.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = ({"type": ["string", "number", "boolean", "null", "array"]},)

    equals: Any = None
    plain: str | None = None
    contains: Any = None
    matches: Regex | None = None
    glob: str | None = None
    one_of: list[Any] | None = None
    present: bool | None = None
    length: "Matcher | None" = None
    gt: float | None = None
    gte: float | None = None
    lt: float | None = None
    lte: float | None = None
    ignore_case: bool = False
    at: "dict[Path, Matcher] | None" = None
    all: "list[Matcher] | None" = None
    any: "list[Matcher] | None" = None
    not_: "Matcher | None" = Field(default=None, alias="not")

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a string as `plain`, and any other value that is not an object as `equals`."""
        if isinstance(given, str):
            return {"plain": given}
        return given if is_object(given) else {"equals": given}

    def only_text(self) -> str | None:
        """Return the only text that can match, if the keys tell."""
        if self.ignore_case:
            return None
        if self.plain is not None:
            return None if "*" in self.plain else self.plain
        return self.equals if isinstance(self.equals, str) else None

    @model_validator(mode="after")
    def _has_a_condition(self) -> "Matcher":
        if not self.model_fields_set - {"ignore_case"}:
            raise ValueError("the matcher has no condition; to match any value, leave the key out")
        return self


class CountMatcher(Matcher):
    """A condition on a count: true for at least one, false for none, a number, or a matcher of the number."""

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = (BOOLEAN, INTEGER)

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept true as at least one and false as none."""
        if isinstance(given, bool):
            return {"gte": 1} if given else {"equals": 0}
        return super().expand(given)


class ToolsMatcher(Conditions):
    """Conditions on a set of tools; names may use `*`. A list means `all`.

    Attributes:
        all: Names that must all be there.
        any: Names of which at least one must be there.
        none: Names that must not be there.
        only: The complete list of names, in any order.
        count: The number of tools.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = (STRING, STRINGS, BOOLEAN)

    all: list[str] | None = None
    any: list[str] | None = None
    none: list[str] | None = None
    only: list[str] | None = None
    count: CountMatcher | None = None

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a name or a list of names as `all`, true as at least one tool and false as none."""
        if isinstance(given, str):
            return {"all": [given]}
        if isinstance(given, bool):
            return {"count": given}
        return {"all": given} if is_array(given) else given


class ToolResultMatcher(Conditions):
    """Conditions on a tool result at the end of the conversation. A string or a matcher applies to its text.

    Attributes:
        name: The name of the tool.
        text: The result's text.
        json_: Values in the result's JSON, by JSONPath.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = (STRING, BOOLEAN, {"propertyNames": {"enum": Matcher.keys()}})

    name: Matcher | None = None
    text: Matcher | None = None
    json_: dict[Path, Matcher] | None = Field(default=None, alias="json")

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a string or a matcher's keys as the text, and true or false as whether there is a result."""
        if isinstance(given, bool):
            return {"text": {"present": given}}
        return {"text": given} if isinstance(given, str) or _is_matcher(given) else given


def _is_matcher(given: Any) -> bool:
    return is_object(given) and bool(given) and given.keys() <= {*Matcher.keys()}


class FormatMatcher(Conditions):
    """Conditions on response_format. A string is its type.

    Attributes:
        type: `text` (the default), `json_object` or `json_schema`.
        name: The schema's name.
        strict: Whether the schema is strict.
        schema_: The schema itself, key by key; lint validates the rule's replies against it.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = (STRING,)

    type: Matcher | None = None
    name: Matcher | None = None
    strict: bool | None = None
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a string as the type."""
        return {"type": given} if isinstance(given, str) else given


class RequestMatcher(Spec):
    """A whole request, as recordings compare it: key order does not matter. An object is the request's body.

    Attributes:
        body: The request's body.
        ignore: JSONPaths of values to ignore.
        normalise: Parts of texts to ignore: `dates`, `uuids`, or regular expressions.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = (
        {"type": "object", "required": ["messages"], "description": "The request's body"},
    )

    body: Any
    ignore: list[Path] = Field(default_factory=list)
    normalise: list[Regex] = Field(default_factory=list)

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept any object without the key `body` as the body."""
        return {"body": given} if is_object(given) and "body" not in given else given


class MessageMatcher(Conditions):
    """Conditions on a message. A string is its text.

    Attributes:
        index: The position of the message, from 0, or from -1 at the end; None: any message.
        role: Its role.
        text: Its text, all text parts joined.
        name: Its name.
        tool_calls: The tools it calls.
        images: The number of images it has.
        audio: The number of audio parts it has.
        files: The number of files it has.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = (STRING,)

    index: int | None = None
    role: Matcher | None = None
    text: Matcher | None = None
    name: Matcher | None = None
    tool_calls: ToolsMatcher | None = None
    images: CountMatcher | None = None
    audio: CountMatcher | None = None
    files: CountMatcher | None = None

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a string as the text."""
        return {"text": given} if isinstance(given, str) else given
