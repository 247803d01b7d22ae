"""The `when` of a rule: matchers as values that combine."""

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, model_validator

from chatdouble.core.json import is_array, is_object
from chatdouble.scripts.format.base import BOOLEAN, INTEGER, STRING, STRINGS, Spec
from chatdouble.scripts.format.expressions import checked_path, checked_pattern

Regex = Annotated[str, AfterValidator(checked_pattern)]
Path = Annotated[str, AfterValidator(checked_path)]


class Matcher(Spec):
    """What a value must be; every key that is given must hold.

    A plain string is the whole text, with `*` for any characters and nothing else special. A number, a
    boolean, null or a list is the value itself.

    Attributes:
        equals: The value itself.
        plain: The whole text, with `*` for any characters.
        contains: A piece of the text, an element of the list, or several, all of which must be there.
        matches: A regular expression found in the text; its named groups are `match` in templates.
        glob: The whole text as file names are matched: `*`, `?` and `[abc]`.
        one_of: Values of which it must be one.
        present: Whether there is a value at all.
        length: The number of characters, elements or keys.
        gt: A number it is above.
        gte: A number it is at or above.
        lt: A number it is below.
        lte: A number it is at or below.
        ignore_case: Whether texts are compared without regard to case.
        at: Values inside it (or inside the JSON that the text is), by JSONPath.
        all: Matchers that must all hold.
        any: Matchers of which one must hold.
        not_: A matcher that must not hold.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = ({"type": ["string", "number", "boolean", "null", "array"]},)

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
    def short(cls, given: Any) -> Any:
        """Take a string as the whole text with `*`, and any other plain value as itself."""
        if isinstance(given, str):
            return {"plain": given}
        return given if is_object(given) else {"equals": given}

    @model_validator(mode="after")
    def _says_something(self) -> "Matcher":
        if not self.model_fields_set - {"ignore_case"}:
            raise ValueError("a matcher that says nothing; to match anything leave the key out")
        return self


class CountMatcher(Matcher):
    """How many there must be: true for some, false for none, a number, or a matcher of the number."""

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = (BOOLEAN, INTEGER)

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take true as at least one and false as none."""
        if isinstance(given, bool):
            return {"gte": 1} if given else {"equals": 0}
        return super().short(given)


class ToolsMatcher(Spec):
    """Which tools the request must offer; names may use `*`. A list means `all`.

    Attributes:
        all: Names that must all be offered.
        any: Names of which one must be offered.
        none: Names that must not be offered.
        only: The names that are offered, in any order, and no others.
        count: How many are offered.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = (STRING, STRINGS, BOOLEAN)

    all: list[str] | None = None
    any: list[str] | None = None
    none: list[str] | None = None
    only: list[str] | None = None
    count: CountMatcher | None = None

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take a name or a list of names as `all`, true as some and false as none."""
        if isinstance(given, str):
            return {"all": [given]}
        if isinstance(given, bool):
            return {"count": given}
        return {"all": given} if is_array(given) else given


class ToolResultMatcher(Spec):
    """What one of the newest tool results must be. A string, or a matcher's keys, is what its text must be.

    Attributes:
        name: The function that was called.
        text: The result's text.
        json_: Values inside the result as JSON, by JSONPath.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = (STRING, BOOLEAN, {"propertyNames": {"enum": Matcher.keys()}})

    name: Matcher | None = None
    text: Matcher | None = None
    json_: dict[Path, Matcher] | None = Field(default=None, alias="json")

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take a string or a matcher's keys as the text, and true or false as whether there is one at all."""
        if isinstance(given, bool):
            return {"text": {"present": given}}
        return {"text": given} if isinstance(given, str) or _is_matcher(given) else given


def _is_matcher(given: Any) -> bool:
    return is_object(given) and bool(given) and given.keys() <= {*Matcher.keys()}


class FormatMatcher(Spec):
    """What response_format must be. A string is its type.

    Attributes:
        type: `text` (also when none is asked for), `json_object` or `json_schema`.
        name: The schema's name.
        strict: Whether the schema is strict.
        schema_: The schema itself, key for key; lint holds the rule's replies against it.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = (STRING,)

    type: Matcher | None = None
    name: Matcher | None = None
    strict: bool | None = None
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take a string as the type."""
        return {"type": given} if isinstance(given, str) else given


class RequestMatcher(Spec):
    """What the whole request must be; key order and whitespace do not count. An object is the request's body.

    Attributes:
        body: The request's body.
        ignore: JSONPaths of what does not count.
        normalise: What does not count in texts: `dates`, `uuids`, or regular expressions.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = (
        {"type": "object", "required": ["messages"], "description": "The request's body"},
    )

    body: Any
    ignore: list[Path] = Field(default_factory=list)
    normalise: list[Regex] = Field(default_factory=list)

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take any object that does not say `body` as the body."""
        return {"body": given} if is_object(given) and "body" not in given else given


class MessageMatcher(Spec):
    """What a message must be. A string is its text.

    Attributes:
        index: Which message, from 0; negative counts from the end; None: any of them.
        role: Its role.
        text: Its text, all text parts together.
        name: Its name.
        tool_calls: The tools it calls.
        images: How many images it has.
        audio: How many audio parts it has.
        files: How many files it has.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = (STRING,)

    index: int | None = None
    role: Matcher | None = None
    text: Matcher | None = None
    name: Matcher | None = None
    tool_calls: ToolsMatcher | None = None
    images: CountMatcher | None = None
    audio: CountMatcher | None = None
    files: CountMatcher | None = None

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take a string as the text."""
        return {"text": given} if isinstance(given, str) else given
